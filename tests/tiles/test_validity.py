"""`validity` finds every ring that shapely calls invalid, and is at ease with most that are sound."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from tiles import validity

SMALL = st.integers(0, 12)
RING = st.lists(st.tuples(SMALL, SMALL), min_size=3, max_size=12)


def looked_at(*rings: Any) -> bool:
    """What the kernel says of open rings, the first the exterior of the others."""
    room = validity.rings(sum(len(ring) + 1 for ring in rings), len(rings))
    for i, ring in enumerate(rings):
        validity.keep(room, np.array(ring, np.int64), len(ring), i == 0)
    return validity.broken(room)


def without_spikes(ring: list[tuple[int, int]]) -> bool:
    """Whether a ring is such as snapping leaves: no vertex repeats its neighbour or lies on their line."""
    for i in range(len(ring)):
        (ax, ay), (bx, by), (cx, cy) = ring[i - 2], ring[i - 1], ring[i]
        if (bx - ax) * (cy - by) == (by - ay) * (cx - bx):
            return False
    return True


@given(RING.filter(without_spikes))
def test_one_ring_is_broken_exactly_when_shapely_calls_it_no_ring(ring: list[tuple[int, int]]) -> None:
    assert looked_at(ring) == (not shapely.is_valid(shapely.Polygon(ring)))


@given(RING.filter(without_spikes), RING.filter(without_spikes))
def test_a_hole_that_makes_a_polygon_invalid_is_found(
    ring: list[tuple[int, int]], hole: list[tuple[int, int]]
) -> None:
    exterior = shapely.Polygon(ring)
    wide = 10 * np.array(ring)  # so that a hole within is no accident
    polygon = shapely.Polygon(wide, [hole])
    if (
        exterior.is_valid
        and not polygon.is_valid
        and shapely.intersects(polygon.exterior, polygon.interiors[0])
    ):
        assert looked_at(wide, hole)
    if polygon.is_valid and not shapely.intersects(polygon.exterior, polygon.interiors[0]):
        assert not looked_at(wide, hole)


def test_a_tiny_hole_that_snapping_pushed_out_is_found() -> None:
    exterior = [(0, 0), (10, 0), (10, 10), (0, 10)]
    assert looked_at(exterior, [(12, 4), (13, 4), (13, 5)])
    assert not looked_at(exterior, [(7, 4), (8, 4), (8, 5)])


@pytest.mark.parametrize("vertices", [50, 5000])
def test_a_long_wiggly_ring_is_sound_until_two_of_its_edges_cross(vertices: int) -> None:
    angle = np.linspace(0, 2 * np.pi, vertices + 1)[:-1]
    radius = 1_000_000 * (1 + 0.2 * np.sin(angle * vertices / 5))
    # Not seen whole from the middle: bent like a C.
    ring = np.rint(
        np.column_stack([radius * np.cos(angle), radius * np.sin(angle) ** 2 + angle * 1e5])
    ).astype(int)
    assert shapely.is_valid(shapely.Polygon(ring)) != looked_at(ring)
    crossed = ring.copy()
    crossed[[10, 20]] = crossed[[20, 10]]
    assert looked_at(crossed) and not shapely.is_valid(shapely.Polygon(crossed))
