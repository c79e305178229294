"""Drawing on paper: held against the ellipsoid, against shapely, and against data of any kind."""

from __future__ import annotations

import re

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from releases.report.view import MOST, View

GEOD = pyproj.Geod(ellps="GRS80")
PLACES = st.tuples(st.floats(101, 109), st.floats(26, 34))


def drawn(path: str) -> list[np.ndarray]:
    """The lines of a path, each (n, 2)."""
    assert re.fullmatch(r"(M-?[0-9]+\.[0-9]( -?[0-9]+\.[0-9])+)*", path)
    return [np.array(line.split(), dtype=float).reshape(-1, 2) for line in path.split("M")[1:]]


@given(PLACES, st.floats(1e-5, 5), st.floats(1e-5, 5))
def test_all_of_a_box_is_seen_and_touches_two_edges(
    place: tuple[float, float], across: float, up: float
) -> None:
    box = (place[0], place[1], place[0] + across, place[1] + up)
    view = View.of(box, 360, 240)
    corners = view.units(np.array([box[:2], box[2:]]))
    assert (corners > -1e-6).all() and (corners < np.array([360, 240]) + 1e-6).all()
    filled = np.abs(corners[1] - corners[0]) / (360, 240)
    assert filled.max() == pytest.approx(1)
    west, south, east, north = view.box
    assert west <= box[0] + 1e-9 and south <= box[1] + 1e-9
    assert box[2] <= east + 1e-9 and box[3] <= north + 1e-9


@given(PLACES, st.floats(1e-5, 0.5))
def test_a_scale_bar_is_as_long_as_it_says(place: tuple[float, float], size: float) -> None:
    view = View.of((place[0], place[1], place[0] + size, place[1] + size), 360, 240)
    bar = view.bar()
    west, _, east, _ = view.box
    end = west + (east - west) * bar.part
    _, _, metres = GEOD.inv(west, view.lat, end, view.lat)
    number, unit = bar.label.split()
    assert metres == pytest.approx(float(number) * {"m": 1, "km": 1000}[unit], rel=0.01)
    assert 0.11 < bar.part <= 0.3


@given(st.integers(3, 3000), st.integers(0, 1000))
def test_a_path_is_bounded_and_true_to_what_is_seen(count: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    angles = np.sort(rng.uniform(0, 2 * np.pi, count))
    radius = 0.1 + 0.002 * rng.uniform(size=count)
    ring = np.column_stack([105 + radius * np.cos(angles), 30 + radius * np.sin(angles)])
    shape = shapely.Polygon(ring)
    view = View.of(tuple(shapely.bounds(shape).tolist()), 360, 240)
    (line,) = drawn(view.path(shape))
    assert len(line) <= MOST
    away = shapely.hausdorff_distance(
        shapely.LineString(line), shapely.LineString(view.units(shapely.get_coordinates(shape)))
    )
    # A few units at the very most, where three thousand corners became four hundred; else a quarter, and rounding.
    assert away < (0.35 if count < 200 else 5)


@pytest.mark.parametrize(
    "shape",
    [
        shapely.Polygon([(105, 30), (105.2, 29.8), (105.2, 30), (105, 29.8), (105, 30)]),
        shapely.MultiPolygon([shapely.box(105, 30, 106, 31), shapely.box(105.5, 30.5, 107, 32)]),
        shapely.GeometryCollection([shapely.Point(105, 30), shapely.LineString([(104, 30), (106, 31)])]),
        shapely.MultiLineString([[(105 + i * 1e-3, 30), (105 + i * 1e-3, 30.1)] for i in range(900)]),
        shapely.box(0, -80, 179, 80),
    ],
)
def test_what_is_broken_mixed_crowded_or_huge_is_drawn_in_bounds(shape: shapely.Geometry) -> None:
    view = View.of((104.9, 29.9, 106, 31), 360, 240)
    lines = drawn(view.path(shape))
    assert lines and sum(map(len, lines)) <= MOST
    units = np.concatenate(lines)
    assert (units > -0.2 * 360).all() and (units < 1.2 * 360).all()


def test_what_is_elsewhere_gives_nothing_and_what_is_tiny_gives_a_dot() -> None:
    view = View.of((105, 30, 106, 31), 360, 240)
    assert view.path(shapely.box(1, 1, 2, 2)) == "" == view.path(shapely.Polygon())
    (dot,) = drawn(view.path(shapely.box(105.5, 30.5, 105.5 + 1e-9, 30.5 + 1e-9)))
    assert (dot == dot[0]).all()
    assert view.dots(shapely.MultiPoint([(105.5, 30.5), (105.5, 30.5), (1, 1)])) == [(180.0, 120.0)]
