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


OFFERED = crs.offered(["EPSG:4524", "EPSG:4523", "EPSG:3857", "EPSG:4523"])


def test_what_an_operator_adds_stands_once_behind_what_every_service_offers() -> None:
    assert OFFERED == ("OGC:CRS84", "EPSG:4490", "EPSG:4326", "EPSG:3857", "EPSG:4524", "EPSG:4523")


def test_every_code_has_one_uri_and_back() -> None:
    assert crs.uri("OGC:CRS84") == "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
    assert crs.uri("EPSG:4490") == "http://www.opengis.net/def/crs/EPSG/0/4490"
    assert [crs.code(crs.uri(code), OFFERED) for code in OFFERED] == list(OFFERED)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "EPSG:4490",
        "[EPSG:4490]",
        "urn:ogc:def:crs:EPSG::4490",
        "https://www.opengis.net/def/crs/EPSG/0/4490",
        "http://www.opengis.net/def/crs/EPSG/0/4490/",
        "http://www.opengis.net/def/crs/EPSG/9.9/4490",
        "http://www.opengis.net/def/crs/EPSG/0/4525",
    ],
)
def test_a_name_that_is_not_offered_to_the_letter_is_told_with_those_that_are(name: str) -> None:
    with pytest.raises(crs.UnknownCrs) as error:
        crs.code(name, OFFERED)
    assert error.value.name == name
    assert error.value.expected == tuple(map(crs.uri, OFFERED))


def test_accuracy_is_that_of_the_operation_and_a_metre_where_the_datum_is_left_by_the_null_step() -> None:
    sichuan, holland = (97.0, 25.0, 110.0, 35.0), (3.5, 50.5, 7.2, 53.5)
    stated = {
        ("EPSG:4490", "EPSG:4490"): 0.0,
        ("EPSG:4523", "EPSG:4490"): 0.0,
        ("OGC:CRS84", "EPSG:4490"): 1.0,
        ("EPSG:3857", "EPSG:4490"): 1.0,
        ("EPSG:3857", "EPSG:4326"): 0.0,
        ("EPSG:4490", "EPSG:4326"): 1.0,
    }
    assert {pair: crs.accuracy(*pair, sichuan) for pair in stated} == stated
    # EPSG:1149, ETRS89 to WGS 84, is registered with an accuracy of one metre.
    assert crs.accuracy("EPSG:3035", "EPSG:4326", holland) == 1.0


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
