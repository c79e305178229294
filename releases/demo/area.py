"""Areas on the ellipsoid, for whole arrays at once.

A cylindrical equal-area projection of GRS80, the ellipsoid of CGCS2000, turns the question into a plane one.
An edge that is straight in longitude and latitude is not quite straight there; within this region and for
edges of a few kilometres that is less than a millionth of the area. pyproj's Geod agrees (it is the oracle of
the tests) but takes a Python call a polygon, and there may be two million.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

_A = 6378137.0
_F = 1 / 298.257222101
_E2 = _F * (2 - _F)
_E = _E2**0.5


def square_metres(geometry: NDArray[Any]) -> NDArray[np.float64]:
    """The area (n,) in m² of geometries (n,) whose coordinates are longitude, latitude in degrees."""
    area: NDArray[np.float64] = shapely.area(shapely.transform(geometry, _equal_area))
    return area


def _equal_area(lonlat: NDArray[np.float64]) -> NDArray[np.float64]:
    sine = np.sin(np.radians(lonlat[:, 1]))
    # Snyder, Map Projections (1987), 3-12: q grows with the area between the equator and a latitude.
    q = (1 - _E2) * (sine / (1 - _E2 * sine**2) - np.log((1 - _E * sine) / (1 + _E * sine)) / (2 * _E))
    return np.column_stack([np.radians(lonlat[:, 0]) * _A, q * _A / 2])
