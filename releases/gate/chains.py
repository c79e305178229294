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
from dataclasses import dataclass, replace
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

    def chain_of(self, vertex: Ints) -> Ints:
        """The chain of each of some vertices."""
        return np.searchsorted(self.start, vertex, side="right") - 1

    def repeats(self) -> NDArray[np.bool_]:
        """Which vertices (m,) are the same as the one before them in their chain."""
        same = np.zeros(len(self.xy), dtype=bool)
        same[1:] = (self.xy[1:, 0] == self.xy[:-1, 0]) & (self.xy[1:, 1] == self.xy[:-1, 1])
        same[self.start[:-1]] = False
        return same

    def without_repeats(self) -> Self:
        """The same chains, each vertex only once in a row."""
        again = self.repeats()
        if not again.any():
            return self
        before = np.concatenate([[0], np.cumsum(~again)])
        return replace(self, xy=self.xy[~again], start=before[self.start])

    def steps(self, crs: str) -> Floats:
        """From each vertex but the last to the next (2, m - 1) in metres, at the scale of its chain's first vertex.

        Zero from the last vertex of a chain to the first of another.
        """
        scale = degree(self.xy[self.start[:-1], 1], crs)
        lengths = np.diff(self.start)
        step = np.stack([np.diff(self.xy[:, k]) * np.repeat(scale[:, k], lengths)[:-1] for k in (0, 1)])
        step[:, self.start[1:-1] - 1] = 0
        return step

    def lengths(self, crs: str) -> Floats:
        """The length (c,) of each chain in metres."""
        return self._sums(np.hypot(*self.steps(crs)))

    def areas(self, crs: str) -> Floats:
        """The area (c,) within each ring in m² on the ellipsoid, whichever way round it goes."""
        x, y = equal_area(self.xy, crs).T
        twice = (x[:-1] + x[1:]) * (y[1:] - y[:-1])  # between an edge and the axis of y
        twice[self.start[1:-1] - 1] = 0
        return np.abs(self._sums(twice)) / 2

    def _sums(self, values: Floats) -> Floats:
        """The sum (c,) of what each chain's edges have, of values (m - 1,) from each vertex to the next."""
        sums: Floats = np.add.reduceat(values, self.start[:-1]) if len(values) else np.zeros(len(self))
        return sums


def blocks(geometry: Objects, rows: Ints) -> Iterator[Chains]:
    """The chains of the geometries at some rows, a block of features at a time."""
    for begin in range(0, len(rows), BLOCK):
        some = rows[begin : begin + BLOCK]
        yield Chains.of(geometry[some], some)
