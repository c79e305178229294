"""What each spatial operator of CQL2 asks of two geometries, or of arrays of them: a predicate of GEOS."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
import shapely


def _contains(one: Any, other: Any) -> Any:
    collected = shapely.get_type_id(other) == shapely.GeometryType.GEOMETRYCOLLECTION
    if not np.any(collected):
        return shapely.contains(one, other)
    # GEOS's quick way for one that is prepared does not see that an area in a collection covers a hole of it.
    return np.where(collected, shapely.within(other, one), shapely.contains(one, other))


#: Operator -> predicate; quick where the first geometry is prepared.
PREDICATES: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "s_intersects": shapely.intersects,
    "s_disjoint": shapely.disjoint,
    "s_equals": shapely.equals,
    "s_touches": shapely.touches,
    "s_within": shapely.within,
    "s_contains": _contains,
    "s_overlaps": shapely.overlaps,
    "s_crosses": shapely.crosses,
}
