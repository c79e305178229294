"""What each spatial operator of CQL2 asks of two geometries, or of arrays of them: a predicate of GEOS."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import shapely

#: Operator -> predicate; quick where the first geometry is prepared.
PREDICATES: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "s_intersects": shapely.intersects,
    "s_disjoint": shapely.disjoint,
    "s_equals": shapely.equals,
    "s_touches": shapely.touches,
    "s_within": shapely.within,
    "s_contains": shapely.contains,
    "s_overlaps": shapely.overlaps,
    "s_crosses": shapely.crosses,
}
