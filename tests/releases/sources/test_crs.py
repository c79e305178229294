"""CRSs: names, the order of axes, and the way into storage."""

from __future__ import annotations

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from releases import crs

#: By the EPSG registry and OGC 04-046r3: does latitude or northing come first?
NORTHING_FIRST = {
    "OGC:CRS84": False,
    "EPSG:4326": True,
    "EPSG:4490": True,
    "EPSG:3857": False,
    "EPSG:4523": True,
    "EPSG:4524": True,
}

FORWARD = {
    code: pyproj.Transformer.from_crs("EPSG:4490", code, always_xy=True)
    for code in ("EPSG:4523", "EPSG:4524", "EPSG:3857")
}


def test_every_code_has_one_uri_and_back() -> None:
    assert set(crs.URIS) == set(NORTHING_FIRST)
    for code in crs.URIS:
        assert crs.code(crs.uri(code)) == code


@pytest.mark.parametrize(
    "name", ["EPSG:9999", "", "epsg:4490", "http://www.opengis.net/def/crs/EPSG/0/4490/"]
)
def test_an_unknown_name_is_told_with_those_that_are_known(name: str) -> None:
    for convert in (crs.uri, crs.code):
        with pytest.raises(crs.UnknownCrs) as error:
            convert(name)
        assert error.value.name == name
        assert len(error.value.expected) == len(crs.URIS)


@pytest.mark.parametrize(("code", "expected"), NORTHING_FIRST.items())
def test_the_authority_decides_the_order_of_axes(code: str, expected: bool) -> None:
    assert crs.northing_first(code) is expected
    xy = np.array([[106.5, 29.5]])
    assert crs.authority_order(xy, code).tolist() == ([[29.5, 106.5]] if expected else [[106.5, 29.5]])
    assert crs.authority_order(crs.authority_order(xy, code), code).tolist() == xy.tolist()


@given(st.floats(103, 109), st.floats(26, 34), st.sampled_from(sorted(FORWARD)))
def test_a_projected_point_comes_back_to_where_it_was_on_the_grid(lon: float, lat: float, code: str) -> None:
    lon, lat = round(lon, 7), round(lat, 7)
    point = shapely.Point(FORWARD[code].transform(lon, lat))
    (stored,) = crs.to_storage(np.array([point]), pyproj.CRS(code), "EPSG:4490", 1e-7)
    assert (stored.x, stored.y) == (lon, lat)


@pytest.mark.parametrize("code", ["OGC:CRS84", "EPSG:4326", "EPSG:4490"])
def test_degrees_stay_as_they_are_whatever_the_label(code: str) -> None:
    point = shapely.Point(106.1234567, 29.7654321)
    (stored,) = crs.to_storage(np.array([point]), pyproj.CRS(code), "EPSG:4490", 1e-7)
    assert (stored.x, stored.y) == (106.1234567, 29.7654321)


def test_storage_has_two_dimensions_and_keeps_nulls() -> None:
    shapes = np.array([shapely.Point(106, 29, 300), None], dtype=object)
    stored = crs.to_storage(shapes, pyproj.CRS("EPSG:4490"), "EPSG:4490", 1e-7)
    assert [None if shape is None else shape.wkt for shape in stored] == ["POINT (106 29)", None]
    assert shapes[0].has_z


@pytest.mark.parametrize("precision", [1e-7, 1e-6, 5e-6, 1e-3])
def test_coordinates_are_whole_steps_of_the_precision(precision: float) -> None:
    points = shapely.points(np.random.default_rng(2).uniform(20, 120, (100, 2)))
    stored = crs.to_storage(points, pyproj.CRS("EPSG:4490"), "EPSG:4490", precision)
    steps = shapely.get_coordinates(stored) / precision
    assert np.abs(steps - np.rint(steps)).max() < 1e-4
    assert (
        np.abs(shapely.get_coordinates(stored) - shapely.get_coordinates(points)).max()
        <= precision / 2 * 1.001
    )


def test_what_cannot_be_projected_is_not_finite_and_no_error() -> None:
    points = np.array([shapely.Point(1e30, 1e30), shapely.Point(36_500_000, 3_300_000)])
    stored = shapely.get_coordinates(crs.to_storage(points, pyproj.CRS("EPSG:4524"), "EPSG:4490", 1e-7))
    assert np.isfinite(stored).all(axis=1).tolist() == [False, True]
