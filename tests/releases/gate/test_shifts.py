"""The shifts of web maps, against values that other programs give and against themselves."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from releases import shifts

CHENGDU, CHONGQING = (104.0647, 30.6571), (106.5772, 29.5572)


def apart(one: tuple[float, float], other: tuple[float, float]) -> tuple[float, float]:
    """Metres to the east and to the north from one place to another."""
    azimuth, _, length = Geod(ellps="GRS80").inv(*one, *other)
    return length * np.sin(np.radians(azimuth)), length * np.cos(np.radians(azimuth))


@pytest.mark.parametrize(
    ("place", "shifted"),
    [
        # What widely used converters give for Shanghai, Shenzhen and Beijing.
        ((121.5272106, 31.1774276), (121.531541859215, 31.17530398364597)),
        ((113.912316, 22.543847), (113.9171764808363, 22.540796131694766)),
        ((116.377817, 39.911954), (116.38404722455657, 39.91334545536069)),
    ],
)
def test_gcj02_is_where_other_converters_put_it(
    place: tuple[float, float], shifted: tuple[float, float]
) -> None:
    assert shifts.to_gcj02(np.array([place]))[0] == pytest.approx(shifted, abs=2e-6)


@pytest.mark.parametrize(("place", "offset"), [(CHENGDU, (240, -269)), (CHONGQING, (357, -320))])
def test_gcj02_is_off_by_hundreds_of_metres_here(
    place: tuple[float, float], offset: tuple[float, float]
) -> None:
    moved = shifts.to_gcj02(np.array([place]))[0]
    assert apart(place, tuple(moved)) == pytest.approx(offset, abs=5)


def test_bd09_is_undone_to_ten_metres_of_where_other_converters_are_tested() -> None:
    (place,) = shifts.from_bd09(np.array([[120.019809, 29.199786]]))
    assert place == pytest.approx((120.00877901149691, 29.196131605295484), abs=1e-4)


def test_bd09_lies_about_a_kilometre_from_the_place() -> None:
    for place in (CHENGDU, CHONGQING):
        moved = shifts.to_bd09(np.array([place]))[0]
        assert 500 < np.hypot(*apart(place, tuple(moved))) < 1500


@given(st.floats(97, 111), st.floats(25, 35))
@pytest.mark.parametrize("name", ["gcj02", "bd09"])
def test_a_shift_undone_is_where_it_was(name: str, lon: float, lat: float) -> None:
    place = np.array([[lon, lat]])
    there = getattr(shifts, f"to_{name}")(place)
    back = getattr(shifts, f"from_{name}")(there)
    assert np.abs(back - place).max() < 1e-8
    assert np.abs(there - place).max() > 1e-4
