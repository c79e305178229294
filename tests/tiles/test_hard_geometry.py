"""Geometry that breaks careless code: huge, tiny, degenerate, invalid. None of it fails or loses its feature."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import shape

from .conftest import (
    HERE,
    Place,
    array,
    columns_of,
    decoded,
    encoded,
    filled,
    message,
    paths,
    surveyor,
    tile_of,
)


@pytest.mark.parametrize("place", [Place(4, 6, 12), HERE, Place(11, 843, 1621), Place(14, 6743, 12972)])
def test_a_ring_of_35000_vertices_is_what_shapely_clips(star: Callable[[int], Any], place: Place) -> None:
    polygon = star(35_000)
    [feature] = decoded(tile_of(array(polygon), place))
    expected = shapely.intersection(place.units(polygon), place.box)
    assert shapely.symmetric_difference(filled(feature), expected).area <= 1.5 * expected.length + 4


def test_a_polygon_of_thousands_of_holes_keeps_those_that_can_be_seen() -> None:
    x, y = (
        index.ravel() for index in np.meshgrid(np.linspace(104.5, 106.4, 60), np.linspace(29.8, 31.7, 60))
    )
    holes = shapely.linearrings([[(a, b), (a + 0.01, b), (a, b + 0.01)] for a, b in zip(x, y)])
    polygon = shapely.Polygon(shapely.box(104.2, 29.6, 106.6, 31.9).exterior, holes)
    [feature] = message(tile_of(array(polygon))).features
    exterior, *interiors = paths(feature)
    assert len(interiors) == 3600 and surveyor(exterior) > 0
    assert all(surveyor(ring) < 0 for ring in interiors)
    [far] = message(tile_of(array(polygon), Place(1, 0, 1))).features
    assert len(list(paths(far))) < 360


def test_thousands_of_polygons_are_one_feature() -> None:
    x, y = (
        index.ravel() for index in np.meshgrid(np.linspace(104.1, 106.7, 70), np.linspace(29.6, 31.9, 70))
    )
    [feature] = message(
        tile_of(array(shapely.MultiPolygon(list(shapely.box(x, y, x + 0.02, y + 0.02)))))
    ).features
    assert len(list(paths(feature))) == 4900
    [far] = message(
        tile_of(array(shapely.MultiPolygon(list(shapely.box(x, y, x + 0.02, y + 0.02)))), Place(0, 0, 0))
    ).features
    assert 1 <= len(list(paths(far))) < 4900


def test_ten_thousand_points_of_one_feature_are_there() -> None:
    places = np.random.default_rng(1).uniform(HERE.lonlat[:2], HERE.lonlat[2:], (10_000, 2))
    [feature] = message(tile_of(array(shapely.MultiPoint(places)))).features
    assert sum(len(path) for path in paths(feature)) == 10_000


def test_a_line_that_leaves_and_comes_back_at_every_vertex_is_split_as_often() -> None:
    north = HERE.lonlat[3]
    zigzag = [(104.2 + i * 0.002, north + (0.5 if i % 2 else -0.5)) for i in range(1200)]
    [feature] = message(tile_of(array(shapely.LineString(zigzag)))).features
    assert len(list(paths(feature))) == 600


WORLD = shapely.box(-180, -90, 180, 90)


@pytest.mark.parametrize(
    "place", [Place(0, 0, 0), HERE, Place(20, 431776, 830400), Place(0, 0, 1, tms="WorldCRS84Quad")]
)
def test_the_whole_world_fills_every_tile(place: Place) -> None:
    [feature] = decoded(tile_of(array(WORLD), place))
    found = shape(feature["geometry"])
    assert found.covers(shapely.box(0, 0, place.extent, place.extent)) and found.area == found.envelope.area


DEGENERATE = {
    "a polygon folded flat": "POLYGON ((105 30.5, 106 31, 105.5 30.75, 105 30.5))",
    "a polygon of one place": "POLYGON ((105 30.5, 105 30.5, 105 30.5, 105 30.5))",
    "a bow-tie": "POLYGON ((105 30.5, 106 31, 106 30.5, 105 31, 105 30.5))",
    "a bow-tie of no net area": "POLYGON ((105 30, 106 31, 106 30, 105 31, 105 30))",
    "a spike": "POLYGON ((105 30.5, 106 30.5, 106 31, 105.5 31, 105.5 31.8, 105.5 31, 105 31, 105 30.5))",
    "a ring run twice": "POLYGON ((105 30, 106 30, 106 31, 105 30, 106 30, 106 31, 105 30))",
    "repeated vertices": "POLYGON ((105 30, 105 30, 106 30, 106 30, 106 31, 106 31, 105 30))",
    "a hole on the exterior": "POLYGON ((105 30, 106 30, 106 31, 105 30), (105 30, 106 30, 106 31, 105 30))",
    "a hole outside": "POLYGON ((105 30, 106 30, 106 31, 105 30), (104.5 30, 104.6 30, 104.6 30.1, 104.5 30))",
    "a polygon twice": "MULTIPOLYGON (((105 30, 106 30, 106 31, 105 30)), ((105 30, 106 30, 106 31, 105 30)))",
    "a line of one place": "LINESTRING (105 30.5, 105 30.5)",
    "a line there and back": "LINESTRING (105 30.5, 106 30.5, 105 30.5)",
    "a line on the border of the world": "LINESTRING (105 -90, 105 90)",
    "one point many times": "MULTIPOINT ((105 30.5), (105 30.5), (105 30.5))",
    "empty parts": "GEOMETRYCOLLECTION (POINT EMPTY, POLYGON EMPTY, MULTIPOLYGON EMPTY, POINT (105 30.5))",
    "heights": "POLYGON Z ((105 30 1, 106 30 2, 106 31 3, 105 30 1))",
}


@pytest.mark.parametrize("name", DEGENERATE)
@pytest.mark.parametrize("place", [Place(0, 0, 0), HERE])
def test_degenerate_geometry_is_drawn_as_something_valid(name: str, place: Place) -> None:
    [feature] = message(tile_of(array(shapely.from_wkt(DEGENERATE[name])), place)).features
    found = list(paths(feature))
    if feature.type == 3:
        assert surveyor(found[0]) > 0 and all(surveyor(ring) != 0 for ring in found)
    if feature.type == 2:
        assert all(len(line) >= 2 and (np.diff(line, axis=0) != 0).any(axis=1).all() for line in found)


COORDINATE = st.tuples(
    st.one_of(st.floats(-180, 180), st.floats(103, 108)), st.one_of(st.floats(-90, 90), st.floats(28, 33))
)


@given(st.lists(st.lists(COORDINATE, min_size=3, max_size=12), min_size=1, max_size=4), st.integers(0, 22))
@settings(deadline=None, max_examples=150)
def test_any_rings_whatever_give_a_tile_that_can_be_read(
    rings: list[list[tuple[float, float]]], zoom: int
) -> None:
    side = 2**zoom
    place = Place(zoom, int(side * 52.5 / 128), int(side * 101.5 / 128))
    tile = encoded(
        columns_of(array(shapely.Polygon(rings[0], rings[1:]), shapely.LineString(rings[0]))), place
    )
    for feature in message(tile).features if tile else ():
        found = list(paths(feature))
        assert all((path >= -64).all() and (path <= 4160).all() for path in found)
        assert feature.type == 2 or surveyor(found[0]) > 0
