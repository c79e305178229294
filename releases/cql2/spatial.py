"""Spatial predicates by GEOS, as a function that a database may call row by row behind its R-tree."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import shapely

from releases.cql2.nodes import Shape
from releases.geopackage import HEADER

_PREDICATES: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "s_intersects": shapely.intersects,
    "s_disjoint": shapely.disjoint,
    "s_equals": shapely.equals,
    "s_touches": shapely.touches,
    "s_within": shapely.within,
    "s_contains": shapely.contains,
    "s_overlaps": shapely.overlaps,
    "s_crosses": shapely.crosses,
}
#: The predicate with its operands exchanged: GEOS is quick when the first one is prepared.
_EXCHANGED: Final = {
    **{name: name for name in _PREDICATES},
    "s_within": "s_contains",
    "s_contains": "s_within",
}

Operand = int | bytes | None


def predicate(shapes: Sequence[Shape]) -> Callable[[str, Operand, Operand], bool | None]:
    """The predicate of name, left and right, each a place in `shapes` or a GeoPackage blob; null for a null one."""
    literals = [shapely.from_wkb(shape.wkb) for shape in shapes]
    shapely.prepare(literals)

    def read(operand: int | bytes) -> Any:
        return literals[operand] if isinstance(operand, int) else shapely.from_wkb(operand[HEADER.itemsize :])

    def answer(name: str, left: Operand, right: Operand) -> bool | None:
        if left is None or right is None:
            return None
        if isinstance(right, int) and not isinstance(left, int):
            name, left, right = _EXCHANGED[name], right, left
        return bool(_PREDICATES[name](read(left), read(right)))

    return answer
