"""A lattice of made-up parcels whose every coordinate is a pure function of a seed and two indices.

    j+1  o--~--o      A node is moved by up to JITTER of a step, an edge is a fractal line between two nodes
         |     )      (midpoint displacement). Both depend on nothing but (seed, i, j): the two cells of an
      j  o--~--o      edge get the same vertices, any part can be made alone, all machines make the same.
         i    i+1

Why nothing crosses: after JITTER two edges of a node are at least 56 degrees apart; displacement turns the
end of a line by at most atan(2 TURN) (1 + END + END² + ...) = 28 degrees, and the halves of a line, 157
degrees apart at their joint, by at most 66 each. Coordinates are rounded to 1e-7 degrees (about a centimetre)
before anything is built.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil, log2
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from releases.demo.noise import Floats, fraction

Ints = NDArray[np.int64]
Objects = NDArray[np.object_]

STEPS = 10_000_000  # coordinates are whole numbers of 1 / STEPS degrees
JITTER = 0.2
TURN = 0.1
END, MIDDLE = 0.6, 0.83  # how much displacement is left at each finer level, at a line's ends and inside
#: Length of a degree of latitude, and of longitude at 30 degrees north, in km.
KM_LAT, KM_LON = 110.85, 96.49
VERTEX_KM = 0.4  # edges are refined until their vertices are about this far apart, and at least twice

GREAT_RING = 35_000
GREAT_SIDE_KM = 10.0


@dataclass(frozen=True, slots=True)
class Block:
    """Cells i..i+side, j..j+side that become one polygon with a ring of more than GREAT_RING vertices."""

    i: int
    j: int
    side: int

    @property
    def levels(self) -> int:
        """How often each edge on its rim is halved."""
        return ceil(log2(GREAT_RING / (4 * self.side)))

    def holds(self, i: Any, j: Any) -> Any:
        """Whether cells (i, j) are in the block."""
        return (i >= self.i) & (i < self.i + self.side) & (j >= self.j) & (j < self.j + self.side)

    def rim(self, i: Any, j: Any, vertical: bool) -> Any:
        """Whether the edges that start at nodes (i, j) lie between the block and its surroundings."""
        return self.holds(i, j) != (self.holds(i - 1, j) if vertical else self.holds(i, j - 1))


@dataclass(frozen=True, slots=True)
class Lattice:
    """Origin and step in degrees, seed, halvings of an ordinary edge, and the block with the great ring."""

    x: float
    y: float
    dx: float
    dy: float
    seed: int
    levels: int
    block: Block | None = None

    @classmethod
    def over(
        cls, bounds: tuple[float, float, float, float], area_km2: float, cells: int, seed: int
    ) -> Lattice:
        """The lattice over a box with about `cells` cells on each `area_km2`."""
        step = (area_km2 / cells) ** 0.5
        dx, dy = round(step / KM_LON, 7), round(step / KM_LAT, 7)
        levels = min(6, max(2, round(log2(step / VERTEX_KM))))
        return cls(round(bounds[0] - 2 * dx, 7), round(bounds[1] - 2 * dy, 7), dx, dy, seed, levels)

    def with_block_inside(self, polygon: Any) -> Lattice | None:
        """The lattice with a block of GREAT_SIDE_KM, or less, inside a polygon; None if none fits."""
        middle = shapely.get_coordinates(shapely.maximum_inscribed_circle(polygon, 0.01))[0]
        for side in range(max(1, round(GREAT_SIDE_KM / (self.dy * KM_LAT))), 0, -1):
            i = round((middle[0] - self.x) / self.dx - side / 2)
            j = round((middle[1] - self.y) / self.dy - side / 2)
            # A cell more on each side leaves room for jitter and for the neighbours of the rim.
            room = (i - 1, j - 1, i + side + 1, j + side + 1)
            corners = (self.x + room[0] * self.dx, self.y + room[1] * self.dy)
            opposite = (self.x + room[2] * self.dx, self.y + room[3] * self.dy)
            if shapely.contains(polygon, shapely.box(*corners, *opposite)):
                return replace(self, block=Block(i, j, side))
        return None

    def span(self, bounds: NDArray[np.float64]) -> tuple[Ints, Ints]:
        """Indices i (n,), j (n,) of all cells that may touch a box xmin, ymin, xmax, ymax."""
        low_i, high_i = int((bounds[0] - self.x) // self.dx) - 1, int((bounds[2] - self.x) // self.dx) + 2
        low_j, high_j = int((bounds[1] - self.y) // self.dy) - 1, int((bounds[3] - self.y) // self.dy) + 2
        j, i = np.mgrid[low_j:high_j, low_i:high_i]
        return i.ravel().astype(np.int64), j.ravel().astype(np.int64)

    def middle(self, i: Ints, j: Ints) -> tuple[Floats, Floats]:
        """Longitude and latitude (n,) of the unmoved middles of cells."""
        return self.x + (i + np.float64(0.5)) * self.dx, self.y + (j + np.float64(0.5)) * self.dy

    def cells(self, i: Ints, j: Ints) -> Objects:
        """The polygons (n,) of cells, counter-clockwise."""
        south, north = self._edges(i, j, False, self.levels), self._edges(i, j + 1, False, self.levels)
        west, east = self._edges(i, j, True, self.levels), self._edges(i + 1, j, True, self.levels)
        rings = np.concatenate([south[:, :-1], east[:, :-1], north[:, :0:-1], west[:, ::-1]], axis=1)
        polygons: Objects = np.asarray(shapely.polygons(rings), dtype=object)
        if self.block is not None:
            rim, block = self.block.rim, self.block
            for k in np.flatnonzero(
                rim(i, j, False) | rim(i, j + 1, False) | rim(i, j, True) | rim(i + 1, j, True)
            ):
                polygons[k] = self._refined(int(i[k]), int(j[k]), block)
        return polygons

    def _refined(self, i: int, j: int, block: Block) -> Any:
        sides = []
        for di, dj, vertical in ((0, 0, False), (1, 0, True), (0, 1, False), (0, 0, True)):
            levels = block.levels if block.rim(i + di, j + dj, vertical) else self.levels
            sides.append(self._edges(np.array([i + di]), np.array([j + dj]), vertical, levels)[0])
        south, east, north, west = sides
        return shapely.polygons(np.concatenate([south[:-1], east[:-1], north[:0:-1], west[::-1]]))

    def _nodes(self, i: Ints, j: Ints) -> Floats:
        x = self.x + (i + (fraction(self.seed, i, j, 0) - 0.5) * 2 * JITTER) * self.dx
        y = self.y + (j + (fraction(self.seed, i, j, 1) - 0.5) * 2 * JITTER) * self.dy
        return np.stack([x, y], axis=-1)

    def _edges(self, i: Ints, j: Ints, vertical: bool, levels: int) -> Floats:
        """The rounded lines (n, 2^levels + 1, 2) from nodes (i, j) to the next ones east or north."""
        line = np.stack([self._nodes(i, j), self._nodes(i + (not vertical), j + vertical)], axis=1)
        aspect = self.dx / self.dy  # a turn by a right angle must be one on the ground, not in degrees
        for level in range(levels):
            step, middle = np.diff(line, axis=1), (line[:, 1:] + line[:, :-1]) / 2
            piece = np.arange(step.shape[1])[None, :]
            ends = (piece == 0) | (piece == step.shape[1] - 1)
            turn = TURN * np.where(ends, END**level, MIDDLE**level)
            turn = turn * (2 * fraction(self.seed, i[:, None], j[:, None], 2 + vertical, level, piece) - 1)
            middle = (
                middle + np.stack([-step[..., 1] * aspect, step[..., 0] / aspect], axis=-1) * turn[..., None]
            )
            finer = np.empty((len(line), 2 * line.shape[1] - 1, 2))
            finer[:, ::2], finer[:, 1::2] = line, middle
            line = finer
        return np.rint(line * STEPS) / STEPS
