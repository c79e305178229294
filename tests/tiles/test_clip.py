"""Clipping keeps what lies in the square, no more and no less; shapely is the judge."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tiles.clip_ring import GROWTH, clip_ring
from tiles.clip_segment import clip_segment

LOW, HIGH = -64.0, 4160.0
SQUARE = shapely.box(LOW, LOW, HIGH, HIGH)
Array = np.ndarray[Any, Any]

#: Vertices on the border and the corners too, where mistakes are made.
COORDINATE = st.one_of(st.floats(-6000, 10_000), st.sampled_from([LOW, HIGH, 0.0, 4096.0]))
VERTEX = st.tuples(COORDINATE, COORDINATE)


@st.composite
def star_shaped(draw: st.DrawFn) -> Array:
    """A ring that does not cross itself: vertices at growing angles around a place."""
    x, y = draw(VERTEX)
    reach = draw(st.lists(st.floats(1, 5000), min_size=3, max_size=40))
    angle = np.linspace(0, 2 * np.pi, len(reach) + 1)[:-1]
    return np.column_stack([x + np.array(reach) * np.cos(angle), y + np.array(reach) * np.sin(angle)])


def clipped(ring: Array) -> Array:
    work = np.empty((GROWTH * len(ring) + 16, 2))
    work[: len(ring)] = ring
    return work[: clip_ring(work, len(ring), LOW, HIGH, np.empty_like(work))].copy()


def area(ring: Array) -> float:
    x, y = ring[:, 0], ring[:, 1]
    return float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y)) / 2


@given(star_shaped())
@settings(deadline=None)
def test_a_clipped_ring_has_the_area_that_shapely_finds(ring: Array) -> None:
    polygon = shapely.Polygon(ring)
    assume(polygon.is_valid)
    expected = shapely.intersection(polygon, SQUARE).area
    found = clipped(ring)
    assert abs((area(found) if len(found) else 0.0) - expected) <= 1e-6 * max(expected, 1)


@given(st.lists(VERTEX, min_size=3, max_size=40))
@settings(deadline=None)
def test_every_vertex_of_a_clipped_ring_is_in_the_square(vertices: list[tuple[float, float]]) -> None:
    found = clipped(np.array(vertices))
    assert ((found >= LOW) & (found <= HIGH)).all()


@given(st.lists(VERTEX, min_size=3, max_size=40))
@settings(deadline=None)
def test_clipping_again_changes_nothing(vertices: list[tuple[float, float]]) -> None:
    once = clipped(np.array(vertices))
    if len(once):
        assert np.array_equal(clipped(once), once)


@given(st.lists(VERTEX, min_size=3, max_size=40))
@settings(deadline=None)
def test_neighbours_cut_a_shared_edge_at_the_same_place_to_the_last_bit(
    vertices: list[tuple[float, float]],
) -> None:
    one, other = clipped(np.array(vertices)), clipped(np.array(vertices[::-1]))
    assert sorted(map(tuple, one.tolist())) == sorted(map(tuple, other.tolist()))


def test_the_growth_that_buffers_are_made_for_is_enough() -> None:
    # A comb with its teeth across each border in turn: every vertex is on the other side of the next one.
    for turn in range(4):
        teeth = np.array([(i * 10.0, HIGH + 10 if i % 2 else HIGH - 10) for i in range(400)])
        ring = np.vstack([teeth, [(5000, 2000)]])
        ring = np.roll(ring, turn // 2, axis=1) if turn % 2 else ring
        assert len(clipped(ring)) <= GROWTH * len(ring)


@given(VERTEX, VERTEX)
@settings(deadline=None, max_examples=300)
def test_a_clipped_segment_is_what_shapely_finds(a: tuple[float, float], b: tuple[float, float]) -> None:
    segment = shapely.LineString([a, b])
    crosses, enter, leave = clip_segment(*a, *b, LOW, HIGH)
    expected = shapely.intersection(segment, SQUARE)
    assert abs((leave - enter) * segment.length * crosses - expected.length) <= 1e-6
    if crosses:
        for t in (enter, leave):
            assert SQUARE.distance(shapely.Point(a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1]))) <= 1e-6
