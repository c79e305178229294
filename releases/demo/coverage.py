"""Who borders whom in a coverage: polygons that share edges vertex for vertex and never overlap.

Works on the segments as whole numbers, so that "the same edge" means equal coordinates and nothing else: no
tolerance, no noding, and no geometry library's opinion. The rule that everything else relies on: each segment
of a valid coverage belongs to one polygon (the outline) or to two.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from releases.demo.lattice import STEPS

OUTSIDE = -1


@dataclass(frozen=True, slots=True)
class Borders:
    """All segments of a coverage, each once.

    ends : (n, 4) int64, x1 y1 x2 y2 in grid steps, so directed that `first` lies on the left
    first, second : (n,) index of the polygons on both sides, first < second; second is OUTSIDE on the outline
    """

    ends: NDArray[np.int64]
    first: NDArray[np.int64]
    second: NDArray[np.int64]

    def lines(self) -> Iterator[tuple[int, int, Any]]:
        """For each pair of neighbours, or polygon and the outside, the border, the first on its left."""
        order = np.lexsort((self.second, self.first))
        pairs = np.column_stack([self.first[order], self.second[order]])
        starts = np.flatnonzero(np.r_[True, (np.diff(pairs, axis=0) != 0).any(axis=1)])
        for start, stop in zip(starts, np.r_[starts[1:], len(order)]):
            segments = shapely.linestrings((self.ends[order[start:stop]] / STEPS).reshape(-1, 2, 2))
            merged = shapely.line_merge(shapely.multilinestrings(segments), directed=True)
            yield (
                int(pairs[start, 0]),
                int(pairs[start, 1]),
                shapely.multilinestrings(shapely.get_parts(merged)),
            )

    def lengths(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
        """Pairs of neighbours, first (m,) and second (m,), and the length (m,) in degrees they share."""
        inner = self.second != OUTSIDE
        size = int(max(self.first.max(initial=0), self.second.max(initial=0))) + 1
        pair, where = np.unique(self.first[inner] * size + self.second[inner], return_inverse=True)
        step = (self.ends[inner, 2:] - self.ends[inner, :2]) / STEPS
        length = np.bincount(where, weights=np.hypot(step[:, 0], step[:, 1]), minlength=len(pair))
        return pair // size, pair % size, length


def borders(polygons: NDArray[Any]) -> Borders:
    """The borders of a coverage (n,) of (multi)polygons on the grid; ValueError where it is none."""
    # Counter-clockwise outlines and clockwise holes: the polygon is always on the left of its rings.
    parts, polygon_of_part = shapely.get_parts(shapely.orient_polygons(polygons), return_index=True)
    rings, part_of_ring = shapely.get_rings(parts, return_index=True)
    xy, ring_of_vertex = shapely.get_coordinates(rings, return_index=True)
    grid = np.rint(xy * STEPS).astype(np.int64)
    inside = ring_of_vertex[1:] == ring_of_vertex[:-1]
    one, other = grid[:-1][inside], grid[1:][inside]
    owner = polygon_of_part[part_of_ring[ring_of_vertex[:-1][inside]]]
    swap = (one[:, 0] > other[:, 0]) | ((one[:, 0] == other[:, 0]) & (one[:, 1] > other[:, 1]))
    ends = np.where(swap[:, None], np.column_stack([other, one]), np.column_stack([one, other]))
    order = np.lexsort((owner, *ends.T[::-1]))
    ends, owner, swap = ends[order], owner[order], swap[order]
    new = np.r_[True, (ends[1:] != ends[:-1]).any(axis=1)]
    start = np.flatnonzero(new)
    count = np.diff(np.r_[start, len(ends)])
    if (count > 2).any():
        x, y = ends[start[count > 2][0], :2] / STEPS
        raise ValueError(f"not a coverage: more than two polygons share the edge at {x:.7f}, {y:.7f}")
    second = np.full(len(start), OUTSIDE)
    second[count == 2] = owner[start[count == 2] + 1]
    directed = np.where(swap[start, None], ends[start][:, [2, 3, 0, 1]], ends[start])
    return Borders(directed, owner[start], second)
