"""The lines and rings of a table's geometries as flat arrays, some features at a time: what single vertices are asked.

    xy      x0 x1 x2 x0 | y0 y1 y2 y3 y0 | ...      a ring ends with the vertex it began with
    start   0             4                9 ...    of each chain, and the end
    row     7             7                8        the table's row of each chain
    piece   0             0                1        the line or polygon, among those of the block, that it is part of
    kind    SHELL         HOLE             SHELL    or LINE

A million polygons of seventeen vertices are a second's work here; one at a time they would be minutes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import GeometryType

from releases.ellipsoid import degree, equal_area
from releases.table import Objects

#: Features of a block: a few hundred megabytes at most for vertices and what is computed of them.
BLOCK = 100_000
LINE, SHELL, HOLE = 0, 1, 2

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Chains:
    """Lines and rings of a block of features; coordinates are longitude, latitude in degrees."""

    xy: Floats
    start: Ints
    row: Ints
    piece: Ints
    kind: NDArray[np.int8]

    @classmethod
    def of(cls, geometry: Objects, rows: Ints) -> Self:
        """Those of geometries (n,), which are the table's at `rows` (n,); points have none."""
        while (shapely.get_type_id(geometry) >= GeometryType.MULTIPOINT).any():
            geometry, of = shapely.get_parts(geometry, return_index=True)
            rows = rows[of]
        kinds = shapely.get_type_id(geometry)
        lines = np.flatnonzero((kinds == GeometryType.LINESTRING) | (kinds == GeometryType.LINEARRING))
        polygons = np.flatnonzero(kinds == GeometryType.POLYGON)
        rings, of = shapely.get_rings(geometry[polygons], return_index=True)
        kind = np.full(len(lines) + len(of), SHELL, dtype=np.int8)
        kind[: len(lines)] = LINE
        kind[len(lines) + 1 :][of[1:] == of[:-1]] = HOLE
        chains = np.concatenate([geometry[lines], rings])
        row = np.concatenate([rows[lines], rows[polygons][of]])
        piece = np.concatenate([np.arange(len(lines)), len(lines) + of]).astype(np.int64)
        count = shapely.get_num_coordinates(chains).astype(np.int64)
        full = count > 0
        start = np.concatenate([[0], np.cumsum(count[full])])
        return cls(shapely.get_coordinates(chains), start, row[full], piece[full], kind[full])

    def __len__(self) -> int:
        return len(self.row)

    def of_vertex(self) -> Ints:
        """The chain (m,) of each vertex."""
        return np.repeat(np.arange(len(self)), np.diff(self.start))

    def metres(self, crs: str) -> Floats:
        """The vertices (m, 2) in metres from the first of their chain, at the scale of that one's latitude."""
        first = self.xy[self.start[:-1]]
        of = self.of_vertex()
        offset: Floats = (self.xy - first[of]) * degree(first[:, 1], crs)[of]
        return offset

    def lengths(self, crs: str) -> Floats:
        """The length (c,) of each chain in metres."""
        step = np.zeros(len(self.xy))
        step[1:] = np.hypot(*np.diff(self.metres(crs), axis=0).T)
        step[self.start[:-1]] = 0
        return self._sums(step)

    def areas(self, crs: str) -> Floats:
        """The area (c,) within each ring in m² on the ellipsoid, whichever way round it goes."""
        plane = equal_area(self.xy, crs)
        x, y = (plane - plane[self.start[:-1]][self.of_vertex()]).T
        twice = np.zeros(len(x))
        twice[1:] = x[:-1] * y[1:] - x[1:] * y[:-1]
        twice[self.start[:-1]] = 0
        return np.abs(self._sums(twice)) / 2

    def _sums(self, values: Floats) -> Floats:
        """The sum (c,) of each chain's values (m,)."""
        if not len(self):
            return np.empty(0)
        sums: Floats = np.add.reduceat(values, self.start[:-1])
        return sums


def blocks(geometry: Objects, rows: Ints) -> Iterator[Chains]:
    """The chains of the geometries at some rows, a block of features at a time."""
    for begin in range(0, len(rows), BLOCK):
        some = rows[begin : begin + BLOCK]
        yield Chains.of(geometry[some], some)


def polygons(geometry: Objects) -> Ints:
    """The rows of geometries with polygons that can be measured: finite and valid."""
    return np.flatnonzero((shapely.get_dimensions(geometry) == 2) & shapely.is_valid(geometry))
