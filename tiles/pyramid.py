"""Levels of detail: which zooms share one, and the simplified geometry of each.

    zoom   5   6   7   8   9  10  11  12  13  14
           `--level 0--'  `-1-'  `-2-'  `-exact-'      a level's tolerance is half a tile unit at its largest zoom

Polygons that tile the land are simplified together, so that neighbours share every vertex at every level. A level is
kept only when it saves a quarter of the next finer one's vertices; else that one serves its zooms too.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import shapely
from numpy.typing import NDArray

#: The largest zooms of levels that are tried, from fine to coarse.
STEPS = (11, 9, 7, 5, 3)
SAVING = 0.75

Rule = Literal["coverage", "alone", "none"]


@dataclass(frozen=True, slots=True)
class Level:
    """One level: its zooms, the tolerance in degrees (0 when exact), and the geometry (n,) of the layer's features."""

    index: int
    zoom_min: int
    zoom_max: int
    tolerance: float
    generalised: bool
    geometry: NDArray[np.object_]


def tolerance(zoom: int, extent: int = 4096) -> float:
    """Half a tile unit at a zoom, in degrees of longitude."""
    return 360 / 2**zoom / extent / 2


def levels(
    geometry: NDArray[np.object_], rule: Rule, zoom_min: int, zoom_max: int, extent: int = 4096
) -> tuple[Level, ...]:
    """The levels of a layer, from the coarsest (index 0) to the exact one.

    Parameters
    ----------
    geometry : (n,) shapely geometries in degrees, None where a feature has none
    rule : "coverage" simplifies shared edges together, "alone" each geometry by itself, "none" leaves one exact level
    """
    kept = [(zoom_max, 0.0, geometry)]
    if rule != "none":
        for zoom in (step for step in STEPS if zoom_min <= step < zoom_max):
            simpler = simplified(geometry, rule, tolerance(zoom, extent))
            if _vertices(simpler) <= SAVING * _vertices(kept[-1][2]):
                kept.append((zoom, tolerance(zoom, extent), simpler))
    return tuple(_numbered(kept, zoom_min))


def simplified(geometry: NDArray[np.object_], rule: Rule, within: float) -> NDArray[np.object_]:
    """Geometry simplified within a tolerance in degrees; what is no valid coverage is simplified one by one."""
    out = geometry.copy()
    present = ~(shapely.is_missing(geometry) | shapely.is_empty(geometry))
    if rule == "coverage" and is_coverage(geometry):
        out[present] = shapely.coverage_simplify(geometry[present], within)
    else:
        out[present] = shapely.simplify(geometry[present], within, preserve_topology=True)
    return out


def is_coverage(geometry: NDArray[np.object_]) -> bool:
    """Whether polygons meet in shared vertices only and nowhere overlap."""
    present = geometry[~(shapely.is_missing(geometry) | shapely.is_empty(geometry))]
    polygonal = np.isin(shapely.get_type_id(present), (3, 6)).all()
    return bool(polygonal and shapely.coverage_is_valid(present))


def _numbered(kept: list[tuple[int, float, NDArray[np.object_]]], zoom_min: int) -> Iterator[Level]:
    low = zoom_min
    for index, (zoom, within, geometry) in enumerate(reversed(kept)):
        yield Level(index, low, zoom, within, within > 0, geometry)
        low = zoom + 1


def _vertices(geometry: NDArray[np.object_]) -> int:
    return int(shapely.get_num_coordinates(geometry).sum())
