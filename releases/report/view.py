"""A rectangle of degrees drawn on paper: from longitude and latitude to units of a picture, and paths of bounded size.

Plate carrée with the scale of its middle latitude: true enough for a map of a region and exact for a close-up. Units are those
of an SVG viewBox, y downwards. Numbers are written with one decimal, so that the same data give the same text anywhere.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from config.models import Box
from releases.table import Objects

#: Metres a degree of latitude, on a sphere: for scale bars and for what is near.
DEGREE: Final = 111_320.0
#: Vertices of one path: one with more is generalised until it has no more.
MOST: Final = 400
#: Units by which a drawn line may leave the real one.
_FINE: Final = 0.25
#: Beyond the edge, in parts of the picture, up to where shapes are drawn: where they are cut must not be seen.
_BLEED: Final = 0.1


@dataclass(frozen=True, slots=True)
class Bar:
    """A scale bar: how long it is in parts of the picture's width, and what it says."""

    part: float
    label: str


@dataclass(frozen=True, slots=True)
class View:
    """What a picture of `width` x `height` units shows: round (lon, lat) at `scale` units a degree of latitude."""

    lon: float
    lat: float
    scale: float
    width: float
    height: float

    @classmethod
    def of(cls, box: Box, width: float, height: float) -> View:
        """The view with all of a box in its middle."""
        lon, lat = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
        across = max((box[2] - box[0]) * narrowing(lat), 1e-9)
        return cls(lon, lat, min(width / across, height / max(box[3] - box[1], 1e-9)), width, height)

    @property
    def box(self) -> Box:
        """The degrees that are seen."""
        half_lon = self.width / 2 / (self.scale * narrowing(self.lat))
        half_lat = self.height / 2 / self.scale
        return (self.lon - half_lon, self.lat - half_lat, self.lon + half_lon, self.lat + half_lat)

    def units(self, places: NDArray[np.float64]) -> NDArray[np.float64]:
        """Places (n, 2) in degrees as units (n, 2) of the picture."""
        x = self.width / 2 + (places[:, 0] - self.lon) * self.scale * narrowing(self.lat)
        y = self.height / 2 - (places[:, 1] - self.lat) * self.scale
        return np.column_stack([x, y])

    def bar(self) -> Bar:
        """The longest scale bar of a round length that fills at most 30 % of the width."""
        most = 0.3 * self.width / self.scale * DEGREE
        power = 10.0 ** math.floor(math.log10(most))
        length = max(step * power for step in (1, 2, 5) if step * power <= most)
        label = f"{length / 1000:g} km" if length >= 1000 else f"{length:g} m"
        return Bar(round(length / DEGREE * self.scale / self.width, 4), label)

    def path(self, geometry: shapely.Geometry, most: int = MOST) -> str:
        """What is seen of a geometry as the `d` of an SVG path; empty where it is nowhere in the picture.

        The rings of a polygon that is not valid are drawn as the lines that they are.
        """
        rings = _lines(self._near(geometry, most))
        return "".join(self._stroke(ring) for ring in rings)

    def dots(self, geometry: shapely.Geometry) -> list[tuple[float, float]]:
        """The distinct vertices of a geometry that are seen, in units."""
        units = np.round(self.units(shapely.get_coordinates(geometry)), 1)
        inside = (units >= 0).all(axis=1) & (units <= (self.width, self.height)).all(axis=1)
        return [(x, y) for x, y in dict.fromkeys(map(tuple, units[inside].tolist()))]

    def _near(self, geometry: shapely.Geometry, most: int) -> shapely.Geometry:
        """The geometry cut at the edges, without vertices that nobody would see."""
        if shapely.get_dimensions(geometry) == 2 and not shapely.is_valid(geometry):
            geometry = shapely.MultiLineString(
                [shapely.LineString(shapely.get_coordinates(ring)) for ring in _rings(geometry)]
            )
        west, south, east, north = self.box
        more = (east - west) * _BLEED, (north - south) * _BLEED
        cut = shapely.clip_by_rect(geometry, west - more[0], south - more[1], east + more[0], north + more[1])
        tolerance = _FINE / self.scale
        drawn = shapely.simplify(cut, tolerance)
        while shapely.get_num_coordinates(drawn) > most and tolerance * self.scale < self.width / 8:
            tolerance *= 2
            drawn = shapely.simplify(cut, tolerance, preserve_topology=False)
        return drawn if shapely.get_num_coordinates(drawn) <= most else _longest(drawn, most)

    def _stroke(self, ring: shapely.Geometry) -> str:
        units = np.round(self.units(shapely.get_coordinates(ring)), 1).tolist()
        distinct = [units[0], *(now for before, now in pairwise(units) if now != before)]
        if len(distinct) < 2:
            # What is smaller than a tenth of a unit is still there: a stroke of no length with round ends.
            distinct.append(distinct[0])
        return "M" + " ".join(f"{x:.1f} {y:.1f}" for x, y in distinct)


def narrowing(lat: float) -> float:
    """How long a degree of longitude is in degrees of latitude; never nothing, at the poles neither."""
    return max(math.cos(math.radians(lat)), 0.01)


def _longest(geometry: shapely.Geometry, most: int) -> shapely.Geometry:
    """The longest parts of a geometry that together have at most so many vertices: no line has fewer than two."""
    parts = shapely.get_parts(geometry)
    parts = parts[np.argsort(-shapely.length(parts), kind="stable")]
    kept = np.cumsum(shapely.get_num_coordinates(parts)) <= most
    return shapely.GeometryCollection(list(parts[kept]))


def _rings(geometry: shapely.Geometry) -> Objects:
    rings: Objects = shapely.get_rings(shapely.get_parts(geometry))
    return rings


def _lines(geometry: shapely.Geometry) -> list[shapely.Geometry]:
    """The lines and rings that a geometry is drawn by; points are drawn otherwise."""
    parts = shapely.get_parts(geometry)
    kinds = shapely.get_dimensions(parts)
    found = [*parts[kinds == 1], *shapely.get_rings(parts[kinds == 2])]
    return [one for one in found if not one.is_empty]
