"""Levels of detail: which zooms share one, and the simplified geometry of each.

zoom   5   6   7   8   9  10  11  12  13  14
       `--level 0--'  `-1-'  `-2-'  `-exact-'      a level's tolerance is half a tile unit at its largest zoom

Polygons that tile the land are simplified together, so that neighbours share every vertex at every level. A level
is kept only when it saves a quarter of the next finer one's vertices; else that one serves its zooms too.

Geometry is simplified in the plane of Web Mercator, not in degrees: a tile draws straight lines between vertices
there, and a long border that is straight in degrees bends by several units when its middle is left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import shapely
from numpy.typing import NDArray

from tiles.columns import DECIMALS
from tiles.projection import POLEWARD

#: The largest zooms of levels that are tried, from fine to coarse.
STEPS = (11, 9, 7, 5, 3)
#: A level may have this part of the next finer one's vertices.
SAVING = 0.75
EXTENT = 4096

Rule = Literal["coverage", "alone", "none"]
Geometries = NDArray[np.object_]
Coordinates = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Level:
    """One level: its zooms, what was done to it, and the geometry (n,) of the layer's features.

    `tolerance` is in degrees, 0 when exact. `rule` is what was done: "alone" under the rule "coverage" says
    that the polygons were no valid coverage, so that neighbours may part by a tolerance.
    """

    index: int
    zoom_min: int
    zoom_max: int
    tolerance: float
    rule: Rule
    geometry: Geometries

    @property
    def generalised(self) -> bool:
        """Whether anything was left out."""
        return self.tolerance > 0


def tolerance(zoom: int, extent: int = EXTENT) -> float:
    """Half a tile unit of Web Mercator at a zoom, in degrees of longitude, which are the plane's unit."""
    return 360.0 / (1 << zoom) / extent / 2


def levels(
    geometry: Geometries, rule: Rule, zoom_min: int, zoom_max: int, extent: int = EXTENT
) -> tuple[Level, ...]:
    """The levels of a layer, from the coarsest (index 0) to the exact one.

    Parameters
    ----------
    geometry : (n,) shapely geometries in degrees, None where a feature has none
    rule : "coverage" simplifies shared edges together, "alone" each geometry by itself, "none" leaves the
        exact level alone
    zoom_min, zoom_max : of the layer, both included
    """
    kept = [Level(0, zoom_min, zoom_max, 0.0, "none", geometry)]
    if rule == "coverage" and not is_coverage(geometry):
        rule = "alone"
    steps = () if rule == "none" else STEPS
    plane = _in_plane(geometry) if steps else geometry
    for zoom in (step for step in steps if zoom_min <= step < zoom_max):
        within = tolerance(zoom, extent)
        simpler = simplified(plane, rule, within)
        if _vertices(simpler) < SAVING * _vertices(kept[-1].geometry):
            kept.append(Level(0, zoom_min, zoom, within, rule, _in_degrees(simpler)))
    return tuple(_numbered(kept))


def simplified(geometry: Geometries, rule: Rule, within: float) -> Geometries:
    """Simplify within a tolerance, in the geometry's own unit.

    Under "coverage" (which `is_coverage` must hold for) vertices go whose triangle with their neighbours is
    smaller than the tolerance squared (Visvalingam and Whyatt), under "alone" those that are nearer to the line
    than the tolerance (Douglas and Peucker).
    """
    out = geometry.copy()
    present = _present(geometry)
    if rule == "coverage":
        out[present] = shapely.coverage_simplify(geometry[present], within)
    elif rule == "alone":
        out[present] = shapely.simplify(geometry[present], within, preserve_topology=True)
    return out


def is_coverage(geometry: Geometries) -> bool:
    """Whether all are polygons that meet in shared vertices only and nowhere overlap."""
    there = geometry[_present(geometry)]
    polygonal = np.isin(shapely.get_type_id(there), (3, 6)).all()
    return bool(polygonal and shapely.coverage_is_valid(there))


def _numbered(kept: list[Level]) -> Iterator[Level]:
    """Levels from coarse to fine, each from where the one before ends."""
    low = kept[0].zoom_min
    for index, level in enumerate(reversed(kept)):
        yield replace(level, index=index, zoom_min=low)
        low = level.zoom_max + 1


def _present(geometry: Geometries) -> NDArray[np.bool_]:
    found = ~(shapely.is_missing(geometry) | shapely.is_empty(geometry))
    return np.asarray(found, dtype=np.bool_)


def _in_plane(geometry: Geometries) -> Geometries:
    """Degrees as Web Mercator, in degrees of longitude."""

    def project(lonlat: Coordinates) -> Coordinates:
        lat = np.radians(np.clip(lonlat[:, 1], -POLEWARD, POLEWARD))
        return np.column_stack([lonlat[:, 0], np.degrees(np.arcsinh(np.tan(lat)))])

    return np.asarray(shapely.transform(geometry, project), dtype=object)


def _in_degrees(geometry: Geometries) -> Geometries:
    """Back from the plane, to the very coordinates that went there: columns' grid undoes the rounding."""

    def project(xy: Coordinates) -> Coordinates:
        lat = np.degrees(np.arctan(np.sinh(np.radians(xy[:, 1]))))
        return np.column_stack([xy[:, 0], np.round(lat, DECIMALS)])

    return np.asarray(shapely.transform(geometry, project), dtype=object)


def _vertices(geometry: Geometries) -> int:
    return int(shapely.get_num_coordinates(geometry).sum())
