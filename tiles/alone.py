"""Simplify each geometry by itself, in the plane of Web Mercator: what belongs to no coverage.

Vertices go that are nearer to the line than a tolerance, and never so that a polygon would cross itself.

Source: D. Douglas, T. Peucker, Algorithms for the reduction of the number of points required to represent a
digitized line or its caricature, Cartographica 10 (1973) 112.
"""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from tiles.columns import DECIMALS
from tiles.projection import POLEWARD

Geometries = NDArray[np.object_]
Coordinates = NDArray[np.float64]


def simplified(geometry: Geometries, within: float) -> Geometries:
    """Geometries (n,) in degrees without the vertices within a tolerance in degrees of longitude in the plane."""
    out = geometry.copy()
    present = ~(shapely.is_missing(geometry) | shapely.is_empty(geometry))
    plane = shapely.transform(geometry[present], _to_plane)
    simpler = shapely.simplify(plane, within, preserve_topology=True)
    out[present] = shapely.transform(simpler, _to_degrees)
    return out


def _to_plane(lonlat: Coordinates) -> Coordinates:
    """Degrees as Web Mercator, in degrees of longitude."""
    lat = np.radians(np.clip(lonlat[:, 1], -POLEWARD, POLEWARD))
    return np.column_stack([lonlat[:, 0], np.degrees(np.arcsinh(np.tan(lat)))])


def _to_degrees(xy: Coordinates) -> Coordinates:
    """Back from the plane, to the very coordinates that went there: columns' grid undoes the rounding."""
    lat = np.degrees(np.arctan(np.sinh(np.radians(xy[:, 1]))))
    return np.column_stack([xy[:, 0], np.round(lat, DECIMALS)])
