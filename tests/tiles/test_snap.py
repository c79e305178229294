"""Snapping moves each vertex to its nearest unit and drops only what says nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from tiles.snap import doubled_area, snap_line, snap_ring, snapped

Array = np.ndarray[Any, Any]
#: A small field, so that repeats, spikes and straight runs come up all the time.
PATH = st.lists(st.tuples(st.floats(-6, 6), st.floats(-6, 6)), min_size=3, max_size=30).map(np.array)


def ring_of(path: Array) -> Array:
    out = np.empty(path.shape, dtype=np.int64)
    return out[: snap_ring(path, len(path), out)]


def line_of(path: Array) -> Array:
    out = np.empty(path.shape, dtype=np.int64)
    return out[: snap_line(path, len(path), out)]


def whole(path: Array) -> Array:
    return np.floor(path + 0.5).astype(np.int64)


def area2(ring: Array) -> int:
    x, y = ring[:, 0], ring[:, 1]
    return int(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y))


@given(PATH)
@settings(deadline=None)
def test_a_snapped_ring_has_no_repeats_and_no_straight_vertices(path: Array) -> None:
    ring = ring_of(path)
    before, after = ring - np.roll(ring, 1, axis=0), np.roll(ring, -1, axis=0) - ring
    assert (before[:, 0] * after[:, 1] != before[:, 1] * after[:, 0]).all()


@given(PATH)
@settings(deadline=None)
def test_a_snapped_ring_keeps_the_area_of_its_snapped_vertices(path: Array) -> None:
    ring = ring_of(path)
    assert int(doubled_area(ring, len(ring))) == area2(whole(path))


@given(PATH)
@settings(deadline=None)
def test_a_snapped_ring_has_only_vertices_that_were_there(path: Array) -> None:
    assert {tuple(v) for v in ring_of(path).tolist()} <= {tuple(v) for v in whole(path).tolist()}


@given(PATH)
@settings(deadline=None)
def test_snapping_a_ring_again_changes_nothing(path: Array) -> None:
    ring = ring_of(path)
    assert np.array_equal(ring_of(ring.astype(float)), ring)


@given(PATH)
@settings(deadline=None)
def test_a_snapped_line_covers_the_same_places_from_end_to_end(path: Array) -> None:
    line, full = line_of(path), whole(path)
    assert (line[0] == full[0]).all() and (line[-1] == full[-1]).all()
    if len(line) > 1:
        assert shapely.LineString(line).hausdorff_distance(shapely.LineString(full)) < 1e-9


@pytest.mark.parametrize(
    "path", [[(0, 0), (0.2, 0.1), (0.1, 0.2)], [(0, 0), (5, 5), (9, 9)], [(0, 0), (5, 0), (0, 0)]]
)
def test_a_ring_without_area_vanishes(path: list[tuple[float, float]]) -> None:
    assert len(ring_of(np.array(path, dtype=float))) == 0


def test_a_spike_is_dropped_from_a_ring_and_kept_in_a_line() -> None:
    path = np.array([(0, 0), (10, 0), (10, 10), (5, 10), (5, 20), (5, 10), (0, 10)], dtype=float)
    assert [5, 20] not in ring_of(path).tolist()
    assert [5, 20] in line_of(path).tolist()


def test_halves_are_snapped_the_same_way_on_both_sides_of_zero() -> None:
    assert [int(snapped(value)) for value in (-1.5, -0.5, 0.5, 1.5)] == [-1, 0, 1, 2]
