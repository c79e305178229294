"""Predicates and measures of geometry by GEOS and PROJ, of the geometries that SQLite has and of literal ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import Any

import pyproj
import shapely

from releases.cql2.nodes import Shape
from releases.cql2.operators import CONVERSES
from releases.cql2.predicates import PREDICATES
from releases.geopackage import HEADER

#: Kinds as GEOS numbers them; from the last on they have parts.
_LINE, _POLYGON, _SEVERAL = 1, 3, 4
#: A geometry in SQLite: the place of a literal, or a GeoPackage blob.
Operand = int | bytes


class Geometries:
    """The literal geometries of a condition, and what can be asked of them and of blobs.

    `ellipsoid` finds that of the blobs' CRS; it is asked once, if at all.
    """

    def __init__(self, shapes: Sequence[Shape], ellipsoid: Callable[[], pyproj.Geod]) -> None:
        self._literals = [shapely.from_wkb(shape.wkb) for shape in shapes]
        shapely.prepare(self._literals)
        self._ellipsoid = ellipsoid

    @cached_property
    def _geod(self) -> pyproj.Geod:
        return self._ellipsoid()

    def read(self, operand: Operand) -> Any:
        """The geometry that an operand stands for."""
        if isinstance(operand, int):
            return self._literals[operand]
        return shapely.from_wkb(operand[HEADER.itemsize :])

    def predicate(self, name: str, left: Operand, right: Operand) -> bool:
        """Whether a predicate of CQL2 holds."""
        if isinstance(left, bytes) and isinstance(right, int):
            # GEOS is quick when the first one is prepared.
            name, left, right = CONVERSES.get(name, name), right, left
        return bool(PREDICATES[name](self.read(left), self.read(right)))

    def area(self, shape: Any) -> float:
        """Square metres on the ellipsoid, of polygons alone."""
        return sum(map(self._polygon_area, _parts(shape, _POLYGON)))

    def length(self, shape: Any) -> float:
        """Metres on the ellipsoid, of lines alone."""
        return sum(
            float(self._geod.line_length(*shapely.get_coordinates(line).T)) for line in _parts(shape, _LINE)
        )

    def _polygon_area(self, polygon: Any) -> float:
        if shapely.get_num_interior_rings(polygon) == 0:
            return self._enclosed(polygon)
        # Of the outer ring less that of the holes, whichever way they run round.
        outer, *holes = map(self._enclosed, shapely.get_rings(polygon))
        return outer - sum(holes)

    def _enclosed(self, ring: Any) -> float:
        area, _ = self._geod.polygon_area_perimeter(*shapely.get_coordinates(ring).T)
        return abs(float(area))


def blob(shape: Any) -> bytes:
    """A geometry as SQLite is given one back: what `Geometries.read` reads."""
    return bytes(HEADER.itemsize) + bytes(shapely.to_wkb(shape))


def _parts(shape: Any, kind: int) -> Iterator[Any]:
    """The polygons or lines in a geometry."""
    found = shapely.get_type_id(shape)
    if found == kind:
        yield shape
    elif found >= _SEVERAL:
        for part in shapely.get_parts(shape):
            yield from _parts(part, kind)
