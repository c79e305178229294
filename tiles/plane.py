"""The plane of Web Mercator in degrees of longitude, in which geometry is simplified and tiles are weighed.

A tile draws straight lines between vertices there.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tiles.columns import DECIMALS, SCALE
from tiles.projection import POLEWARD

#: Pixels along the edge of a tile as clients draw it, in units of CSS: a power of two, as cells of points must be.
TILE_PIXELS = 512

Coordinates = NDArray[np.float64]


def of_degrees(lonlat: Coordinates) -> Coordinates:
    """Longitude and latitude (n, 2) in the plane."""
    lat = np.radians(np.clip(lonlat[:, 1], -POLEWARD, POLEWARD))
    return np.column_stack([lonlat[:, 0], np.degrees(np.arcsinh(np.tan(lat)))])


def to_degrees(xy: Coordinates) -> Coordinates:
    """Back from the plane, to the very coordinates that went there: columns' grid undoes the rounding."""
    lat = np.degrees(np.arctan(np.sinh(np.radians(xy[:, 1]))))
    return np.column_stack([xy[:, 0], np.round(lat, DECIMALS)])


def of_units(units: NDArray[np.int32]) -> Coordinates:
    """Columns' coordinates (n, 2) in the plane."""
    return of_degrees(units.astype(np.float64) * SCALE)
