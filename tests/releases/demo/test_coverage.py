"""Shared edges of a coverage, areas on the ellipsoid, and counties cut into parcels."""

from __future__ import annotations

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from releases.demo import parcels as cut
from releases.demo.coverage import OUTSIDE, borders
from releases.demo.land import PRIORITY, Land, Landscape
from releases.demo.lattice import Lattice
from releases.demo.parcels import SLIVER, parcels
from releases.ellipsoid import square_metres

SQUARES = shapely.box([0, 1, 0, 1], [0, 0, 1, 1], [1, 2, 1, 2], [1, 1, 2, 2])


def test_each_border_comes_once_with_both_neighbours() -> None:
    found = {(first, second): line for first, second, line in borders(SQUARES).lines()}
    assert {pair for pair in found if pair[1] != OUTSIDE} == {(0, 1), (0, 2), (1, 3), (2, 3)}
    assert found[0, 1].equals(shapely.from_wkt("MULTILINESTRING ((1 0, 1 1))"))
    outline = shapely.union_all([line for pair, line in found.items() if pair[1] == OUTSIDE])
    assert outline.equals(shapely.union_all(SQUARES).boundary)


def test_the_first_neighbour_lies_on_the_left_of_their_border() -> None:
    for first, _, border in borders(SQUARES).lines():
        for line in shapely.get_parts(border):
            left = shapely.offset_curve(line, 0.01)
            assert SQUARES[first].contains(left.interpolate(0.5, normalized=True))


def test_the_lengths_of_shared_borders_are_those_of_their_lines() -> None:
    found = borders(SQUARES)
    lines = {(a, b): line.length for a, b, line in found.lines() if b != OUTSIDE}
    assert {(int(a), int(b)): float(length) for a, b, length in zip(*found.lengths())} == pytest.approx(lines)


def test_polygons_that_lie_upon_each_other_are_no_coverage() -> None:
    with pytest.raises(ValueError, match="more than two polygons share the edge"):
        borders(np.array([SQUARES[0], SQUARES[1], SQUARES[1]]))


@settings(max_examples=50, deadline=None)
@given(
    st.floats(97, 110),
    st.floats(26, 34),
    st.lists(st.tuples(st.floats(-0.03, 0.03), st.floats(-0.03, 0.03)), min_size=4),
)
def test_areas_agree_with_geodesic_ones(x: float, y: float, moves: list[tuple[float, float]]) -> None:
    hull = shapely.multipoints([(x + dx, y + dy) for dx, dy in moves]).convex_hull
    expected = abs(pyproj.Geod(ellps="GRS80").geometry_area_perimeter(hull)[0]) if hull.area > 0 else 0.0
    assert square_metres(np.array([hull]))[0] == pytest.approx(expected, rel=1e-4, abs=3e3)


@pytest.fixture(scope="module")
def counties() -> list[shapely.MultiPolygon]:
    """Two neighbours with a ragged border, an exclave of the first, and a hole in the second."""
    east = [(105.3 + 0.03 * (k % 3), 30 + 0.05 * k) for k in range(13)]
    first = shapely.Polygon([(104.6, 30), *east, (104.6, 30.6)])
    hole = [(105.7, 30.2), (105.9, 30.2), (105.8, 30.35)]
    second = shapely.Polygon([*east[::-1], (106.1, 30), (106.1, 30.6)], [hole])
    exclave = shapely.box(106.3, 30.1, 106.35, 30.2)
    return [shapely.MultiPolygon([first, exclave]), shapely.MultiPolygon([second])]


@pytest.mark.parametrize("cells", [2_000, 50_000])
def test_parcels_fill_their_county_and_meet_those_of_the_next_vertex_for_vertex(
    counties: list[shapely.MultiPolygon], cells: int
) -> None:
    lattice = Lattice.over((104.6, 30, 106.4, 30.6), 189_000, cells, 3)
    made = [parcels(lattice, county) for county in counties]
    together = np.concatenate([one.polygons for one in made])
    assert shapely.is_valid(together).all()
    assert shapely.coverage_is_valid(together)
    for one, county in zip(made, counties):
        assert shapely.area(one.polygons).sum() == pytest.approx(county.area, rel=1e-6)
        assert shapely.contains(county.buffer(2e-7), one.polygons).all()


def test_slivers_are_joined_to_a_neighbour_of_the_same_county(counties: list[shapely.MultiPolygon]) -> None:
    lattice = Lattice.over((104.6, 30, 106.4, 30.6), 189_000, 50_000, 3)
    for county in counties:
        small = shapely.area(parcels(lattice, county).polygons) < SLIVER * lattice.dx * lattice.dy
        assert small.sum() <= 1  # a corner can be too small and have nobody to go to


def sharpest(polygon: shapely.Polygon) -> float:
    """The sharpest angle between two edges of a ring, in degrees on the plane of longitude and latitude."""
    found = []
    for ring in (polygon.exterior, *polygon.interiors):
        xy = np.array(ring.coords)[:-1]
        one, other = np.roll(xy, 1, axis=0) - xy, np.roll(xy, -1, axis=0) - xy
        across, along = one[:, 0] * other[:, 1] - one[:, 1] * other[:, 0], (one * other).sum(axis=1)
        found.append(np.abs(np.arctan2(across, along)).min())
    return float(np.degrees(min(found)))


def test_needles_are_joined_to_the_neighbour_at_their_tip(
    counties: list[shapely.MultiPolygon], monkeypatch: pytest.MonkeyPatch
) -> None:
    lattice = Lattice.over((104.6, 30, 106.4, 30.6), 189_000, 300_000, 1)
    before = parcels(lattice, counties[1]).polygons
    assert (
        min(map(sharpest, before)) < 20
    )  # real borders, which are less smooth, make one below NEEDLE now and then
    monkeypatch.setattr(cut, "NEEDLE", 25.0)
    joined = parcels(lattice, counties[1]).polygons
    # Metres and degrees differ in shape, so an angle that is 25 degrees in one may be 23 in the other.
    assert len(joined) < len(before) and min(map(sharpest, joined)) > 22
    assert shapely.coverage_is_valid(joined)
    assert shapely.area(joined).sum() == pytest.approx(counties[1].area, rel=1e-6)


def test_each_class_of_land_gets_its_share_of_the_area() -> None:
    land = shapely.box(103, 28.5, 108, 31.5)
    seats = np.array([(104.1, 30.6, 4.0), (106.5, 29.5, 3.0), (105.2, 30.9, 1.0), (107.4, 31.1, 1.0)])
    landscape = Landscape.over(land, seats, 9)
    x, y = (axis.ravel() for axis in np.meshgrid(np.linspace(103, 108, 400), np.linspace(28.5, 31.5, 300)))
    found = landscape.classes(x, y)
    for kind, share in PRIORITY:
        assert (found == kind).mean() == pytest.approx(share, rel=0.1, abs=0.002), kind
    town = found == Land.TOWN
    assert np.hypot(x[town] - 104.1, y[town] - 30.6).min() < 0.05
