"""A tile that exceeds its budget loses its smallest features, by a rule, and says how many."""

from __future__ import annotations

from typing import Any

import mapbox_vector_tile
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from tiles import columns, grid, mvt, ration
from tiles.columns import Attribute
from tiles.ration import Cut, Layer, Place

PLACE = Place(grid.get("WebMercatorQuad").transform(0, 0, 0))


def layer(name: str, shapes: list[Any]) -> Layer:
    """All rows of a layer of shapes whose id is their number."""
    ids = np.arange(len(shapes), dtype=np.uint64)
    attribute = Attribute("n", list(range(len(shapes))))
    built = columns.build(np.array(shapes, dtype=object), ids, [attribute])
    return Layer(name, built, np.arange(len(built.row_kind)))


def squares(count: int, name: str = "squares") -> Layer:
    """Squares of every size; the larger its number, the larger it is."""
    random = np.random.default_rng(count)
    at = random.uniform(-80, 80, (count, 2))
    return layer(
        name, [shapely.box(x, y, x + size, y + size) for (x, y), size in zip(at, np.linspace(1, 9, count))]
    )


def whole(one: Layer) -> bytes:
    return mvt.encode_layer(one.name, one.columns, one.rows, PLACE.transform)


def ids(body: bytes, name: str) -> list[int]:
    return [feature["id"] for feature in mapbox_vector_tile.decode(body)[name]["features"]]


def test_what_fits_is_whole_and_says_nothing() -> None:
    one, other = squares(100), squares(50, "others")
    body = whole(one) + whole(other)
    assert ration.encode([one, other], PLACE, len(body)) == (body, ())


@pytest.mark.parametrize("share", [0.9, 0.5, 0.1, 0.01])
def test_the_largest_features_are_left_and_most_of_the_budget_is_used(share: float) -> None:
    one = squares(2000)
    budget = int(len(whole(one)) * share)
    body, (cut,) = ration.encode([one], PLACE, budget)
    found = ids(body, "squares")
    assert budget - len(whole(one)) * 2 / ration.STEPS <= len(body) <= budget
    assert cut == Cut("squares", len(found), 2000)
    # Sizes are rounded to the units of columns, no more than that.
    assert min(found) >= 2000 - len(found) - 1


def test_points_that_are_left_are_spread_over_the_tile() -> None:
    random = np.random.default_rng(1)
    one = layer("points", [shapely.Point(*at) for at in random.uniform(-80, 80, (4000, 2))])
    body, (cut,) = ration.encode([one], PLACE, len(whole(one)) // 4)
    left = np.array(
        [
            feature["geometry"]["coordinates"]
            for feature in mapbox_vector_tile.decode(body)["points"]["features"]
        ]
    )
    quarters = np.bincount((left[:, 0] > 2048) * 2 + (left[:, 1] > 2048), minlength=4)
    assert cut.kept == len(left) and quarters.min() > 0.8 * quarters.max()


def test_a_small_layer_stays_whole_beside_a_large_one() -> None:
    small, large = squares(20, "small"), squares(3000, "large")
    body, cuts = ration.encode([small, large], PLACE, len(whole(small)) * 5)
    assert [cut.layer for cut in cuts] == ["large"]
    assert body.startswith(whole(small)) and len(body) <= len(whole(small)) * 5


def test_a_budget_in_which_nothing_fits_leaves_an_empty_tile() -> None:
    body, cuts = ration.encode([squares(300)], PLACE, 10)
    assert body == b"" and cuts == (Cut("squares", 0, 300),)


def test_equal_columns_give_equal_bytes() -> None:
    first, second = (ration.encode([squares(500)], PLACE, 5000) for _ in range(2))
    assert first == second


@given(st.lists(st.integers(0, 10_000), max_size=12), st.integers(0, 30_000))
def test_a_budget_is_divided_fairly(sizes: list[int], budget: int) -> None:
    shares = ration.fair(sizes, budget)
    assert sum(shares) <= budget and all(share <= size for share, size in zip(shares, sizes))
    if sum(sizes) <= budget:
        assert shares == sizes
    less = [share for share, size in zip(shares, sizes) if share < size]
    if less:
        assert max(shares) <= min(less) + len(sizes)
        assert sum(shares) >= budget - len(sizes)
