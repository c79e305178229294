"""The budget is weighed right: what the estimate lets pass is small enough, and what is told is too large."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely

from tiles import grid
from tiles.budget import Budget, Scales
from tiles.columns import Columns

from .conftest import Array, Place, array, columns_of, encoded


def largest(columns: Columns, zoom: int) -> int:
    """The bytes of the largest tile of a zoom, by making all that may hold anything; the layer has no name."""
    if not len(columns.row_bounds):
        return 0
    west, south = columns.row_bounds[:, :2].min(axis=0) / 1e7
    east, north = columns.row_bounds[:, 2:].max(axis=0) / 1e7
    [limits] = grid.get("WebMercatorQuad").limits((west, south, east, north), zoom, zoom)
    return max(
        len(encoded(columns, Place(zoom, row, col)))
        for row in range(limits.min_row, limits.max_row + 1)
        for col in range(limits.min_col, limits.max_col + 1)
    )


def layers(rough: Array) -> dict[str, Columns]:
    rng = np.random.default_rng(5)
    scattered = shapely.points(rng.uniform([104, 30], [106, 32], (2000, 2)))
    return {
        "coverage": columns_of(rough, name=[f"name {i}" for i in range(len(rough))]),
        "lines": columns_of(shapely.boundary(rough)),
        "points": columns_of(
            scattered, text=[f"text {i % 7}" for i in range(2000)], number=list(range(2000))
        ),
        "one great ring": columns_of(array(shapely.union_all(rough))),
        "nothing": columns_of(array(None)),
    }


@pytest.mark.parametrize("name", ["coverage", "lines", "points", "one great ring", "nothing"])
def test_a_zoom_is_above_the_budget_when_its_largest_tile_is(rough: Array, name: str) -> None:
    columns = layers(rough)[name]
    for zoom in (0, 4, 6):
        # The name of the layer, "layer", makes up for five bytes and may cost one more of a length.
        size = largest(columns, zoom) - len("layer")
        for allowed, expected in ((size + 2, False), (size - 3, True)):
            if size > 0:
                budget: Any = Budget(allowed, 4096, 64)
                assert Scales(columns, 9, budget).exceeded(zoom) == expected, (zoom, size)
        assert not Scales(columns, 9, Budget(10**9, 4096, 64)).exceeded(zoom)


def test_a_feature_that_covers_a_million_tiles_is_weighed_at_once(rough: Array) -> None:
    land = columns_of(array(shapely.union_all(rough)))
    assert not Scales(land, 22, Budget(500_000, 4096, 64)).exceeded(22)
