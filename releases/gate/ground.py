"""The ground that a layer's polygons cover, and what of an overlay of polygons is large enough to be a fault.

GEOS's coverage functions look at a million polygons in seconds, and tell which have an edge that is not, vertex for
vertex, their neighbours'. Only these are loose: no other can overlap anything, and the others are united without any
overlay. So the costly overlays are of the loose ones alone, and sound data have none.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import GeometryType

from releases.ellipsoid import square_metres
from releases.gate.soundness import valid
from releases.table import Objects, Table

_AREAL = (GeometryType.POLYGON, GeometryType.MULTIPOLYGON)


@dataclass(frozen=True, eq=False)
class Ground:
    """The polygons of a layer that are fit to be compared.

    rows : (n,) their rows in the table, ascending
    geometry : (n,) valid and not empty
    """

    table: Table
    rows: NDArray[np.int64]
    geometry: Objects

    @classmethod
    def of(cls, table: Table) -> Ground:
        """The ground of a table: what is invalid or no polygon is told by other checks, and left out here."""
        areal = np.isin(shapely.get_type_id(table.geometry), _AREAL) & ~shapely.is_empty(table.geometry)
        rows = np.flatnonzero(areal)
        rows = rows[valid(table)[rows]]
        return cls(table, rows, table.geometry[rows])

    def __len__(self) -> int:
        return len(self.rows)

    @cached_property
    def loose(self) -> NDArray[np.bool_]:
        """Which (n,) have an edge that is not their neighbours', or that another lies over."""
        return loose(self.geometry)

    @cached_property
    def tree(self) -> shapely.STRtree:
        """The index of `geometry`."""
        return shapely.STRtree(self.geometry)

    @cached_property
    def whole(self) -> shapely.Geometry:
        """All of it as one geometry."""
        return self.union(np.arange(len(self)))

    @cached_property
    def holes(self) -> Objects:
        """The polygons (m,) that are left out of it, with something all round, if it be two corners that touch."""
        if not len(self):
            return self.geometry
        xmin, ymin, xmax, ymax = shapely.bounds(self.whole).tolist()
        around = shapely.box(xmin - 1, ymin - 1, xmax + 1, ymax + 1)
        parts = shapely.get_parts(shapely.difference(around, self.whole))
        return np.asarray(parts[shapely.bounds(parts)[:, 0] >= xmin], dtype=object)

    def union(self, places: NDArray[np.int64]) -> shapely.Geometry:
        """The polygons of some places in `geometry` as one geometry."""
        rest = self.loose[places]
        whole = shapely.coverage_union_all(self.geometry[places[~rest]])
        return shapely.union_all([whole, *self.geometry[places[rest]]]) if rest.any() else whole

    @cached_property
    def unfit(self) -> Objects:
        """The boxes (m,) of polygons that are invalid: what they cover nobody knows, so no gap is told there."""
        there = np.isin(shapely.get_type_id(self.table.geometry), _AREAL)
        there[self.rows] = False
        boxes = shapely.bounds(self.table.geometry[there])
        return np.asarray(shapely.box(*boxes[np.isfinite(boxes).all(axis=1)].T), dtype=object)


def loose(polygons: Objects) -> NDArray[np.bool_]:
    """Which polygons (n,) have an edge that is not their neighbours', or that another lies over."""
    found: NDArray[np.bool_] = ~shapely.is_empty(shapely.coverage_invalid_edges(polygons))
    return found


@dataclass(frozen=True, slots=True, eq=False)
class Pieces:
    """The polygons of overlays that count: large enough, and wider than rounding makes.

    shape : (n,) polygons
    of : (n,) the number of the overlay each is part of, ascending
    area : (n,) in m2
    """

    shape: Objects
    of: NDArray[np.int64]
    area: NDArray[np.float64]

    @classmethod
    def of_overlays(cls, overlays: Objects, limit: float, precision: float, crs: str) -> Pieces:
        """Take overlays (m,) apart.

        limit : m2 from which on a piece counts
        precision : degrees of the grid; rounding a point where two edges cross moves it by half a step, so what is
            nowhere wider than two steps is nobody's fault, however long it is
        """
        parts, of = shapely.get_parts(overlays, return_index=True)
        flat = shapely.get_dimensions(parts) == 2
        parts, of = parts[flat], of[flat]
        area = square_metres(parts, crs)
        large = area >= limit
        parts, of, area = parts[large], of[large], area[large]
        wide = ~shapely.is_empty(shapely.buffer(parts, -precision, quad_segs=1))
        return cls(parts[wide], of[wide], area[wide])

    def __len__(self) -> int:
        return len(self.shape)

    def gathered(self) -> Pieces:
        """One shape for all pieces of an overlay, with their area together."""
        of, start = np.unique(self.of, return_index=True)
        groups = np.split(self.shape, start[1:]) if len(of) else []
        shape = np.empty(len(of), dtype=object)
        shape[:] = [group[0] if len(group) == 1 else shapely.MultiPolygon(list(group)) for group in groups]
        return Pieces(shape, of, np.add.reduceat(self.area, start) if len(of) else self.area)


@dataclass(frozen=True, slots=True, eq=False)
class Overlaps:
    """Pairs of polygons that overlap, in the order of `one`, then `other`; the pieces' `of` is the pair's number."""

    one: NDArray[np.int64]
    other: NDArray[np.int64]
    pieces: Pieces


#: Pairs that are intersected at once: enough for array calls, few enough to hold.
_BATCH = 50_000


def overlaps(
    polygons: Objects, suspects: NDArray[np.bool_], limit: float, precision: float, crs: str
) -> Overlaps:
    """Find the pairs (one < other) of polygons (n,) that overlap, one of them being a suspect (n,)."""
    some = np.flatnonzero(suspects)
    at, other = shapely.STRtree(polygons).query(polygons[some], predicate="intersects")
    one = some[at]
    # A pair of two suspects is found from both sides, and each polygon finds itself.
    keep = (one != other) & ((one < other) | ~suspects[other])
    low, high = np.minimum(one[keep], other[keep]), np.maximum(one[keep], other[keep])
    order = np.lexsort((high, low))
    low, high = low[order], high[order]
    found: list[tuple[NDArray[np.int64], Pieces]] = []
    for start in range(0, len(low), _BATCH):
        a, b = low[start : start + _BATCH], high[start : start + _BATCH]
        # Most pairs only touch, which is told in a third of the time that an overlay takes.
        inside = np.flatnonzero(shapely.relate_pattern(polygons[a], polygons[b], "T********"))
        a, b = a[inside], b[inside]
        pieces = Pieces.of_overlays(
            shapely.intersection(polygons[a], polygons[b]), limit, precision, crs
        ).gathered()
        found.append((start + inside[pieces.of], pieces))
    pairs = np.concatenate([pair for pair, _ in found]) if found else np.empty(0, dtype=np.int64)
    shapes = np.concatenate([one.shape for _, one in found]) if found else np.empty(0, dtype=object)
    areas = np.concatenate([one.area for _, one in found]) if found else np.empty(0)
    return Overlaps(low[pairs], high[pairs], Pieces(shapes, np.arange(len(pairs)), areas))
