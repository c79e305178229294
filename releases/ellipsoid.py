"""Metres and square metres on the ellipsoid of the release's CRS, for whole arrays at once.

Areas: a cylindrical equal-area projection turns the question into a plane one. An edge that is straight in longitude
and latitude is not quite straight there, and a geodesic one bows out from both: at 30 degrees by a centimetre for an edge
of a kilometre. pyproj's Geod agrees to that (it is the oracle of the tests) but takes a Python call a polygon, and there
may be two million.

Lengths: at one latitude a degree is so many metres, which for the few kilometres of a feature is as good as a geodesic.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Ellipsoid(NamedTuple):
    """The semi-major axis in metres and the square of the first eccentricity."""

    a: float
    e2: float


@lru_cache(maxsize=8)
def ellipsoid(crs: str) -> Ellipsoid:
    """The ellipsoid of a CRS, such as that of CGCS2000 for "EPSG:4490"; ValueError when it has none."""
    geod = pyproj.CRS.from_user_input(crs).get_geod()
    if geod is None:
        raise ValueError(f"{crs} has no ellipsoid, expected a geographic CRS")
    return Ellipsoid(geod.a, geod.es)


def square_metres(geometry: NDArray[Any], crs: str = "EPSG:4490") -> Floats:
    """The area (n,) in m² of geometries (n,) whose coordinates are longitude, latitude in degrees."""
    area: Floats = shapely.area(shapely.transform(geometry, lambda lonlat: equal_area(lonlat, crs)))
    return area


def equal_area(lonlat: Floats, crs: str = "EPSG:4490") -> Floats:
    """x, y (n, 2) in metres of points (n, 2) in degrees, so that plane areas are those on the ellipsoid."""
    a, e2 = ellipsoid(crs)
    e = e2**0.5
    sine = np.sin(np.radians(lonlat[:, 1]))
    # Snyder, Map Projections (1987), 3-12: q grows with the area between the equator and a latitude.
    q = (1 - e2) * (sine / (1 - e2 * sine**2) - np.log((1 - e * sine) / (1 + e * sine)) / (2 * e))
    return np.column_stack([np.radians(lonlat[:, 0]) * a, q * a / 2])


def degree(latitude: Floats, crs: str = "EPSG:4490") -> Floats:
    """How many metres (n, 2) a degree of longitude and one of latitude are at latitudes (n,) in degrees."""
    a, e2 = ellipsoid(crs)
    flat = 1 - e2 * np.sin(np.radians(latitude)) ** 2
    # The radii of curvature across and along the meridian: Snyder (1987), 4-20 and 4-18.
    across, along = a / np.sqrt(flat), a * (1 - e2) / flat**1.5
    return np.radians(np.column_stack([across * np.cos(np.radians(latitude)), along]))
