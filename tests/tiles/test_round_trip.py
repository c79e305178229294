"""What is put into a tile on whole units comes out as it was: geometry vertex for vertex, attributes with their types."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from hypothesis import assume, given
from hypothesis import strategies as st

from tiles.columns import Attribute, build

from .conftest import HERE, Place, array, decoded, encoded, message, paths, tile_of

#: A place where 1e-7 degree, which columns keep, is a small part of a unit.
PLACES = (HERE, Place(11, 843, 1621))
UNIT = st.integers(-63, 4159)
VERTEX = st.tuples(UNIT, UNIT)
PATH = st.lists(VERTEX, min_size=3, max_size=12, unique=True)
VALUE = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
)


def lonlat(geometry: Any, place: Place) -> Any:
    return shapely.transform(geometry, lambda xy: np.array([place.lonlats(x, y) for x, y in xy]))


def says_much(path: list[tuple[int, int]], closed: bool) -> bool:
    """Whether no vertex lies between its neighbours, or where a line turns back."""
    turns = range(len(path)) if closed else range(1, len(path) - 1)
    for i in turns:
        (ax, ay), (bx, by), (cx, cy) = path[i - 1], path[i], path[(i + 1) % len(path)]
        if (bx - ax) * (cy - by) == (by - ay) * (cx - bx):
            return False
    return True


@given(PATH, st.sampled_from(PLACES))
def test_points_come_back(path: list[tuple[int, int]], place: Place) -> None:
    [feature] = message(tile_of(array(lonlat(shapely.MultiPoint(path), place)), place)).features
    found = [tuple(point[0].tolist()) for point in paths(feature)]
    assert found == path


@given(PATH, st.sampled_from(PLACES))
def test_a_line_comes_back(path: list[tuple[int, int]], place: Place) -> None:
    assume(says_much(path, False))
    [feature] = message(tile_of(array(lonlat(shapely.LineString(path), place)), place)).features
    [found] = paths(feature)
    assert [tuple(vertex) for vertex in found.tolist()] == path


@given(PATH, st.sampled_from(PLACES))
def test_a_valid_ring_comes_back_whichever_way_it_was_wound(
    path: list[tuple[int, int]], place: Place
) -> None:
    assume(says_much(path, True) and shapely.is_valid(shapely.Polygon(path)))
    [feature] = message(tile_of(array(lonlat(shapely.Polygon(path), place)), place)).features
    [found] = paths(feature)
    ring = [tuple(vertex) for vertex in found[:-1].tolist()]
    assert ring in (path, [path[0], *path[:0:-1]])


@given(PATH, st.sampled_from(PLACES))
def test_what_came_out_of_a_tile_makes_the_same_tile(path: list[tuple[int, int]], place: Place) -> None:
    # Whatever the ring was, mended and snapped, the second time there is nothing left to do.
    once = decoded(tile_of(array(lonlat(shapely.Polygon(path), place)), place))
    polygons = array(*(lonlat(shapely.geometry.shape(feature["geometry"]), place) for feature in once))
    twice = decoded(tile_of(polygons, place))
    assert len(once) == len(twice) == 1
    ours, theirs = (shapely.geometry.shape(features[0]["geometry"]) for features in (once, twice))
    assert shapely.normalize(ours) == shapely.normalize(theirs)


@given(st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), VALUE, max_size=6))
def test_attributes_come_back_with_their_types(properties: dict[str, Any]) -> None:
    attributes = [Attribute(name, [value, None]) for name, value in properties.items()]
    spot = lonlat(shapely.Point(7, 8), HERE)
    tile = encoded(build(array(spot, spot), np.array([1, 2], np.uint64), attributes))
    features = {feature["id"]: feature["properties"] for feature in decoded(tile)}
    expected = {name: (type(value), value) for name, value in properties.items() if value is not None}
    assert {name: (type(value), value) for name, value in features[1].items()} == expected
    assert features[2] == {}
