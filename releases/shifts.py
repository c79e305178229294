"""The shifted coordinates of web maps in China: GCJ-02, which the state demands of them, and BD-09, Baidu's own.

Neither is a datum: both are smooth offsets of 100 to 1200 m that no CRS code stands for, so data in them look like
any others in degrees. The formulas were never published by their makers; these are the ones that are generally known
(e.g. https://en.wikipedia.org/wiki/Restrictions_on_geographic_data_in_China). Their constants are as they came.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

#: Longitude, latitude (n, 2) in degrees, in and out.
Lonlat = NDArray[np.float64]

#: Krasovsky's ellipsoid: half the longer axis in metres, and the square of the eccentricity.
_A: Final = 6378245.0
_EE: Final = 0.00669342162296594323
#: Where the polynomial has its origin.
_LON, _LAT = 105.0, 35.0
_BAIDU: Final = np.pi * 3000 / 180
#: Rounds of `_undone`: each makes the error some 200 times smaller, the first one 1 km.
_ROUNDS: Final = 5


def to_gcj02(lonlat: Lonlat) -> Lonlat:
    """Where GCJ-02 puts a place of CGCS2000 or WGS 84."""
    x, y = lonlat[:, 0] - _LON, lonlat[:, 1] - _LAT
    waves = 20 * np.sin(6 * np.pi * x) + 20 * np.sin(2 * np.pi * x)
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * np.sqrt(np.abs(x))
    north += 2 / 3 * (waves + 20 * np.sin(np.pi * y) + 40 * np.sin(np.pi / 3 * y))
    north += 2 / 3 * (160 * np.sin(np.pi / 12 * y) + 320 * np.sin(np.pi / 30 * y))
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * np.sqrt(np.abs(x))
    east += 2 / 3 * (waves + 20 * np.sin(np.pi * x) + 40 * np.sin(np.pi / 3 * x))
    east += 2 / 3 * (150 * np.sin(np.pi / 12 * x) + 300 * np.sin(np.pi / 30 * x))
    latitude = np.radians(lonlat[:, 1])
    w = np.sqrt(1 - _EE * np.sin(latitude) ** 2)
    lon = lonlat[:, 0] + np.degrees(east / (_A / w * np.cos(latitude)))
    lat = lonlat[:, 1] + np.degrees(north / (_A * (1 - _EE) / w**3))
    return np.column_stack([lon, lat])


def to_bd09(lonlat: Lonlat) -> Lonlat:
    """Where BD-09 puts a place of CGCS2000 or WGS 84: GCJ-02, shifted once more."""
    x, y = to_gcj02(lonlat).T
    radius = np.hypot(x, y) + 0.00002 * np.sin(y * _BAIDU)
    angle = np.arctan2(y, x) + 0.000003 * np.cos(x * _BAIDU)
    return np.column_stack([radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006])


def from_gcj02(lonlat: Lonlat) -> Lonlat:
    """The place that GCJ-02 puts here; to a millimetre."""
    return _undone(to_gcj02, lonlat)


def from_bd09(lonlat: Lonlat) -> Lonlat:
    """The place that BD-09 puts here; to a millimetre."""
    return _undone(to_bd09, lonlat)


def _undone(shift: Callable[[Lonlat], Lonlat], shifted: Lonlat) -> Lonlat:
    # The offset changes by less than 0.5 % of the way that one goes, so stepping back by it again and again arrives.
    place = shifted
    for _ in range(_ROUNDS):
        place = place - (shift(place) - shifted)
    return place
