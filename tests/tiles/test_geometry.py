"""Tiles hold what shapely says lies in them, within one unit, wound and snapped as the specification wants."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely.geometry import shape

from .conftest import HERE, Array, Place, array, decoded, filled, message, paths, surveyor, tile_of

WEST, SOUTH, EAST, NORTH = HERE.lonlat
LON = st.floats(WEST - 1, EAST + 1)
LAT = st.floats(SOUTH - 1, NORTH + 1)
POINT = st.tuples(LON, LAT)
RELAXED = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
#: Other sizes of tile, other zooms, another set; all hold the middle of HERE.
PLACES = [
    HERE,
    Place(extent=512, buffer=0),
    Place(0, 0, 0),
    Place(5, 13, 25, extent=8192, buffer=128),
    Place(11, 843, 1621),
    Place(16, 26986, 51900),
    Place(6, 21, 101, tms="WorldCRS84Quad"),
]


@st.composite
def rings(draw: st.DrawFn) -> Any:
    """A disc or a ring."""
    at, size = shapely.Point(draw(POINT)), draw(st.floats(0.001, 1.5))
    disc = at.buffer(size, quad_segs=draw(st.integers(1, 30)))
    return (
        disc.difference(at.buffer(size * draw(st.sampled_from([0.001, 0.3, 0.9]))))
        if draw(st.booleans())
        else disc
    )


@given(st.lists(rings(), min_size=1, max_size=8), st.sampled_from(PLACES))
@RELAXED
def test_polygons_are_what_shapely_clips_within_one_unit(polygons: list[Any], place: Place) -> None:
    found = {feature["id"]: filled(feature) for feature in decoded(tile_of(array(*polygons), place))}
    for number, polygon in enumerate(polygons, 1):
        whole = shapely.make_valid(place.units(polygon))
        expected = shapely.intersection(whole, place.box)
        if expected.area >= 1e-3:
            # A vertex moves by less than a unit, so a strip along the boundary may be more or less.
            strip = 1.5 * max(expected.length, 4) + 4
            assert shapely.symmetric_difference(found[number], expected).area <= strip
            assert shapely.within(found[number], place.box)
        elif not shapely.intersects(whole, place.box.buffer(1e-6)):
            assert number not in found


@given(st.lists(rings(), min_size=1, max_size=8), st.sampled_from(PLACES))
@RELAXED
def test_rings_are_wound_closed_and_without_repeats_in_the_grown_tile(
    polygons: list[Any], place: Place
) -> None:
    tile = tile_of(array(shapely.MultiPolygon(list(shapely.get_parts(polygons)))), place)
    low, high = -place.buffer, place.extent + place.buffer
    for feature in message(tile).features if tile else ():
        found = list(paths(feature))
        assert feature.type == 3 and surveyor(found[0]) > 0
        for ring in found:
            assert surveyor(ring) != 0 and len(ring) >= 4 and (ring[0] == ring[-1]).all()
            assert (np.diff(ring, axis=0) != 0).any(axis=1).all()
            assert ((low <= ring) & (ring <= high)).all()


@given(
    st.lists(st.lists(POINT, min_size=2, max_size=20, unique=True), min_size=1, max_size=8),
    st.sampled_from(PLACES),
)
@RELAXED
def test_lines_are_what_shapely_clips_within_one_unit(
    lines: list[list[tuple[float, float]]], place: Place
) -> None:
    geometry = array(*[shapely.LineString(line) for line in lines])
    features = {feature["id"]: shape(feature["geometry"]) for feature in decoded(tile_of(geometry, place))}
    for number, line in enumerate(geometry, 1):
        expected = shapely.intersection(place.units(line), place.box)
        if expected.length >= 2:
            assert shapely.hausdorff_distance(features[number], expected, densify=0.2) <= 1.5
            assert shapely.within(features[number], place.box)


@given(st.lists(POINT, min_size=1, max_size=60), st.sampled_from(PLACES))
@RELAXED
def test_points_in_the_grown_tile_are_there_and_no_others(
    points: list[tuple[float, float]], place: Place
) -> None:
    geometry = shapely.points(points)
    projected = place.units(geometry)
    inside = shapely.intersects(projected, place.box)
    edge = shapely.distance(projected, shapely.boundary(place.box)) < 1e-6
    found = {feature["id"]: shape(feature["geometry"]) for feature in decoded(tile_of(geometry, place))}
    for number, (point, wanted, doubtful) in enumerate(zip(projected, inside, edge), 1):
        assert doubtful or (number in found) == wanted
        assert number not in found or shapely.distance(found[number], point) <= 1


@pytest.mark.parametrize("ccw", [True, False])
def test_exterior_rings_have_positive_area_and_holes_negative_whatever_the_input_winding(ccw: bool) -> None:
    outside, hole = shapely.box(104.5, 30.5, 105, 31, ccw=ccw), shapely.box(104.6, 30.6, 104.9, 30.9, ccw=ccw)
    [feature] = message(tile_of(array(shapely.Polygon(outside.exterior, [hole.exterior])))).features
    exterior, interior = paths(feature)
    assert surveyor(exterior) > 0 > surveyor(interior)


def test_a_polygon_that_covers_the_tile_fills_it_and_one_whose_hole_covers_it_is_not_there() -> None:
    around = shapely.box(WEST - 2, SOUTH - 2, EAST + 2, NORTH + 2)
    hole = shapely.box(WEST - 1, SOUTH - 1, EAST + 1, NORTH + 1)
    features = decoded(tile_of(array(around, around.difference(hole))))
    assert [feature["id"] for feature in features] == [1]
    assert shape(features[0]["geometry"]).equals(HERE.box)


def test_a_multi_polygon_is_there_when_one_of_its_polygons_is() -> None:
    around = shapely.box(WEST - 2, SOUTH - 2, EAST + 2, NORTH + 2)
    hole = shapely.box(WEST - 1, SOUTH - 1, EAST + 1, NORTH + 1)
    speck, square = shapely.Point(105, 31).buffer(1e-6), shapely.box(105, 30.5, 105.2, 30.7)
    frame = around.difference(hole)
    for parts, area in (
        ([frame, speck], 1),
        ([speck, frame], 1),
        ([frame, square], None),
        ([square, frame], None),
    ):
        [feature] = decoded(tile_of(array(shapely.MultiPolygon(parts))))
        expected = area or HERE.units(square).area
        assert shape(feature["geometry"]).area == pytest.approx(expected, rel=0.01)


@pytest.mark.parametrize("place", [place for place in PLACES if place.buffer])
def test_neighbours_leave_no_gap_and_no_overlap(mosaic: Array, place: Place) -> None:
    cells = [filled(feature) for feature in decoded(tile_of(mosaic, place))]
    together = shapely.union_all(cells)
    land = shapely.intersection(place.units(shapely.union_all(mosaic)), place.box)
    assert shapely.difference(land, together).area <= 1.5 * land.length
    inner = shapely.intersection(land.buffer(-2), together)
    assert land.buffer(-2).area - inner.area < 1
    # Cells smaller than a unit are drawn as one; no others may lie over each other.
    specks = sum(cell.area == 1 for cell in cells)
    assert sum(cell.area for cell in cells) - together.area <= specks + 1


def test_what_snapping_would_make_vanish_is_kept_as_the_smallest_shape() -> None:
    speck = shapely.Point(104.7, 30.7).buffer(1e-6)
    sliver = shapely.box(104.7, 30.7, 104.9, 30.700001)
    stroke = shapely.LineString([(104.7, 30.7), (104.7000002, 30.7)])
    features = {
        feature["id"]: shape(feature["geometry"])
        for feature in decoded(tile_of(array(speck, sliver, stroke)))
    }
    assert features[1].area == features[2].area == 1 and features[3].length == 1
    for number, geometry in enumerate((speck, sliver, stroke), 1):
        assert shapely.distance(features[number], HERE.units(geometry)) <= 1


@pytest.mark.parametrize("x", [-64, 0, 4095.9, 4159.99])
def test_the_smallest_shapes_stay_in_the_grown_tile(x: float) -> None:
    place = shapely.Point(HERE.lonlats(x + 0.004, x + 0.004))
    features = decoded(
        tile_of(array(place.buffer(1e-6), shapely.LineString(place.buffer(1e-6).exterior.coords[:2])))
    )
    assert features and all(shapely.covers(HERE.box, shape(feature["geometry"])) for feature in features)


def test_a_hole_without_area_is_dropped_and_so_are_the_holes_of_a_polygon_that_collapses() -> None:
    outside = shapely.box(104.5, 30.5, 105, 31)
    tiny = shapely.box(104.7, 30.7, 104.7000001, 30.7000001)
    [feature] = message(tile_of(array(outside.difference(tiny)))).features
    assert len(list(paths(feature))) == 1
    small = shapely.box(104.7, 30.7, 104.700003, 30.700003)
    [feature] = message(
        tile_of(array(small.difference(shapely.box(104.700001, 30.700001, 104.700002, 30.700002))))
    ).features
    [ring] = paths(feature)
    assert surveyor(ring) == 1


def test_points_that_snap_to_one_unit_one_after_the_other_are_written_once() -> None:
    near = [(104.7, 30.7), (104.7000001, 30.7), (104.9, 30.7), (104.7, 30.7)]
    [feature] = message(tile_of(array(shapely.MultiPoint(near)))).features
    [points] = [np.array(path) for path in [np.vstack(list(paths(feature)))]]
    assert len(points) == 3 and (points[0] == points[2]).all()
