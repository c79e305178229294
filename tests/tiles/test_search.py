"""The search finds what a plain comparison of all bounds finds."""

from __future__ import annotations

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from tiles import search
from tiles.columns import SCALE

from .conftest import array, columns_of

RNG = np.random.default_rng(2)
COLUMNS = columns_of(
    shapely.buffer(shapely.points(RNG.uniform((99, 26), (109, 34), (3000, 2))), 0.02, quad_segs=1)
)
WINDOW = st.tuples(st.floats(98, 110), st.floats(25, 35), st.floats(0, 3), st.floats(0, 3))


@given(WINDOW)
@settings(deadline=None)
def test_the_search_finds_what_a_plain_comparison_finds(window: tuple[float, float, float, float]) -> None:
    west, south, width, height = window
    box = (west, south, west + width, south + height)
    found = search.rows(COLUMNS, box)
    bounds = shapely.box(*(COLUMNS.row_bounds * SCALE).T)
    certain = np.flatnonzero(shapely.intersects(bounds, shapely.box(*box)))
    possible = np.flatnonzero(shapely.dwithin(bounds, shapely.box(*box), 2 * SCALE))
    assert (np.diff(found) > 0).all()
    assert set(certain.tolist()) <= set(found.tolist()) <= set(possible.tolist())


def test_a_box_that_only_touches_a_row_finds_it() -> None:
    columns = columns_of(array(shapely.box(104, 30, 105, 31)))
    assert search.rows(columns, (105, 31, 106, 32)).tolist() == [0]
    assert search.rows(columns, (105.0000001, 31, 106, 32)).tolist() == []


def test_the_whole_world_is_everything_and_nothing_is_found_in_nothing() -> None:
    world = (-180.0, -90.0, 180.0, 90.0)
    assert len(search.rows(COLUMNS, world)) == 3000
    assert len(search.rows(columns_of(array(None)), world)) == 0
