"""Figures drawn in metres at a place on the ground, and edges bent by a few metres: the geometry of faults.

Everything returned lies on the grid, so it is still what was drawn after it has been written and read.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import cos, hypot, pi, radians, sin
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from releases.demo import facts
from releases.demo.lattice import STEPS

Point = tuple[float, float]
#: Metres of a degree of latitude, near enough for figures of a few hundred metres.
DEGREE = 111_200.0


@dataclass(frozen=True, slots=True)
class Frame:
    """Metres east and north of a place."""

    lon: float
    lat: float

    def degrees(self, points: Iterable[Point]) -> list[Point]:
        """Points in metres as lon, lat on the grid."""
        xy = np.array(list(points), dtype=float).reshape(-1, 2)
        scale = np.array([DEGREE * cos(radians(self.lat)), DEGREE])
        return [(x, y) for x, y in facts.snapped(xy / scale + (self.lon, self.lat)).tolist()]

    def metres(self, points: Any) -> NDArray[np.float64]:
        """Points (n, 2) in degrees as metres."""
        scale = np.array([DEGREE * cos(radians(self.lat)), DEGREE])
        found: NDArray[np.float64] = (np.asarray(points, dtype=float) - (self.lon, self.lat)) * scale
        return found

    def ring(self, *points: Point) -> list[Point]:
        """A closed ring through points in metres."""
        return self.degrees([*points, points[0]])

    def circle(self, radius: float, corners: int = 24, at: Point = (0.0, 0.0)) -> list[Point]:
        """A closed ring of equal corners, counter-clockwise."""
        turns = [2 * pi * k / corners for k in range(corners)]
        return self.ring(*((at[0] + radius * cos(t), at[1] + radius * sin(t)) for t in turns))


def room(geometry: Any, least: float) -> tuple[Frame, float] | None:
    """The largest circle inside a polygon of one part: its middle and radius in metres; None when below `least`."""
    parts = shapely.get_parts(geometry)
    if len(parts) != 1:
        return None
    spoke = shapely.maximum_inscribed_circle(parts[0], tolerance=1e-5)
    (x, y), _ = shapely.get_coordinates(spoke).tolist()
    radius = 0.85 * spoke.length * DEGREE * cos(radians(y))
    return (Frame(x, y), radius) if radius >= least else None


def multi(*rings: Sequence[Sequence[Point]]) -> Any:
    """A multipolygon, one part for each shell with its holes; it may be invalid."""
    return shapely.multipolygons([shapely.Polygon(part[0], part[1:]) for part in rings])


@dataclass(frozen=True, slots=True)
class Edge:
    """A segment in grid steps, from a to b."""

    a: tuple[int, int]
    b: tuple[int, int]

    @classmethod
    def of(cls, ends: Sequence[int]) -> Edge:
        """A segment of a coverage's borders."""
        x1, y1, x2, y2 = ends
        return cls((x1, y1), (x2, y2))

    @property
    def frame(self) -> Frame:
        """Metres from its middle."""
        return Frame((self.a[0] + self.b[0]) / 2 / STEPS, (self.a[1] + self.b[1]) / 2 / STEPS)

    @property
    def length(self) -> float:
        """Metres."""
        (x1, y1), (x2, y2) = self._metres()
        return hypot(x2 - x1, y2 - y1)

    def beside(self, metres: float) -> tuple[int, int]:
        """A point on the grid beside its middle: right of a to b, left where metres are negative."""
        (x1, y1), (x2, y2) = self._metres()
        dx, dy = (x2 - x1) / self.length, (y2 - y1) / self.length
        ((x, y),) = self.frame.degrees([(dy * metres, -dx * metres)])
        return round(x * STEPS), round(y * STEPS)

    @property
    def middle(self) -> tuple[int, int] | None:
        """Its middle, where that is a point of the grid and so exactly on it."""
        x, y = self.a[0] + self.b[0], self.a[1] + self.b[1]
        return (x // 2, y // 2) if x % 2 == 0 and y % 2 == 0 else None

    def triangle(self, apex: tuple[int, int]) -> Any:
        """The triangle over the segment."""
        return shapely.Polygon(np.array([self.a, self.b, apex]) / STEPS)

    def _metres(self) -> NDArray[np.float64]:
        return self.frame.metres(np.array([self.a, self.b]) / STEPS)


def bent(geometry: Any, edge: Edge, apex: tuple[int, int]) -> Any:
    """A multipolygon with one more vertex between the two of an edge; None when it has no such edge."""
    found = False
    parts = []
    for part in shapely.get_parts(geometry):
        rings = []
        for ring in shapely.get_rings(part):
            steps = np.rint(shapely.get_coordinates(ring) * STEPS).astype(np.int64)
            a, b = (steps == edge.a).all(axis=1), (steps == edge.b).all(axis=1)
            at = np.flatnonzero((a[:-1] & b[1:]) | (b[:-1] & a[1:]))
            if len(at):
                steps, found = np.insert(steps, at[0] + 1, apex, axis=0), True
            rings.append(steps / STEPS)
        parts.append(shapely.Polygon(rings[0], rings[1:]))
    return shapely.multipolygons(parts) if found else None


def sharpest(geometry: Any) -> float:
    """The smallest angle, in degrees, at any vertex of a polygon's rings."""
    angles = [180.0]
    for ring in shapely.get_rings(shapely.get_parts(geometry)):
        xy = shapely.get_coordinates(ring)
        xy = Frame(*xy[0].tolist()).metres(xy)[:-1]
        back, on = np.roll(xy, 1, axis=0) - xy, np.roll(xy, -1, axis=0) - xy
        cosine = (back * on).sum(axis=1) / np.maximum(np.hypot(*back.T) * np.hypot(*on.T), 1e-12)
        angles.append(float(np.degrees(np.arccos(np.clip(cosine, -1, 1))).min()))
    return min(angles)
