"""Simplify each geometry by itself, in the plane of Web Mercator: what belongs to no coverage.

Vertices go that are nearer to the line than a tolerance, and never so that a polygon would cross itself.

Source: D. Douglas, T. Peucker, Algorithms for the reduction of the number of points required to represent a
digitized line or its caricature, Cartographica 10 (1973) 112.
"""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from tiles import plane

Geometries = NDArray[np.object_]


def simplified(geometry: Geometries, within: float) -> Geometries:
    """Geometries (n,) in degrees without the vertices within a tolerance in degrees of longitude in the plane."""
    out = geometry.copy()
    present = ~(shapely.is_missing(geometry) | shapely.is_empty(geometry))
    there = shapely.transform(geometry[present], plane.of_degrees)
    simpler = shapely.simplify(there, within, preserve_topology=True)
    out[present] = shapely.transform(simpler, plane.to_degrees)
    return out
