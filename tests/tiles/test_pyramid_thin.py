"""Thinning leaves the best of each cell, and what is there at one zoom is there at every finer one."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from tiles import thin

from .conftest import array

PLACES = st.lists(
    st.tuples(st.floats(100, 102), st.floats(29, 31), st.integers(0, 3)), min_size=1, max_size=60
)


@given(places=PLACES, pixels=st.sampled_from([4, 16, 64]))
@settings(max_examples=100)
def test_what_is_there_at_a_zoom_is_there_at_every_finer_one(
    places: list[tuple[float, float, int]], pixels: int
) -> None:
    points = shapely.points([place[:2] for place in places])
    rank = np.array([place[2] for place in places])
    coarser: set[int] = set()
    for zoom in range(0, 20, 1):
        kept = set(thin.kept(points, rank, zoom, pixels).tolist())
        assert coarser <= kept
        coarser = kept
        # One wider cell is the next zoom's cell.
        if zoom:
            assert set(thin.kept(points, rank, zoom, 2 * pixels).tolist()) == set(
                thin.kept(points, rank, zoom - 1, pixels).tolist()
            )


@given(places=PLACES)
@settings(max_examples=50)
def test_the_best_of_a_cell_stays_and_of_equals_the_first(places: list[tuple[float, float, int]]) -> None:
    points = shapely.points([place[:2] for place in places])
    rank = np.array([place[2] for place in places])
    [best] = thin.kept(points, rank, 0, 512)
    assert best == int(np.argmin(rank))


def test_ranks_follow_size_or_a_list_and_what_is_not_known_comes_last() -> None:
    assert thin.ranks([30, None, 10, 20], "ascending").tolist() == [2, 3, 0, 1]
    assert thin.ranks([30, None, 10, 20], "descending").tolist() == [0, 3, 2, 1]
    assert thin.ranks(["b", None, "a", "c"], ("c", "b")).tolist() == [1, 2, 2, 0]
    assert thin.ranks([2, 1], ("1", "2")).tolist() == [1, 0]


@pytest.mark.parametrize("points", [array(), array(None), array(shapely.Point())])
def test_nothing_stays_of_nothing(points: np.ndarray) -> None:  # type: ignore[type-arg]
    assert thin.kept(points, np.zeros(len(points), dtype=np.int64), 5, 16).tolist() == []
