"""Dissolving unites neighbours of one class and keeps classes, land and edges as they are."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from tiles import featureid
from tiles.columns import Attribute, Columns, build
from tiles.dissolve import dissolved

from .conftest import Array, decoded, encoded, geometry_of

NOBODY = np.empty(0, dtype=np.uint64)


def classed(rough: Array, seed: int, kinds: int) -> tuple[Columns, list[str], list[Attribute]]:
    """The mosaic with random classes, a null one among them, and the attributes by which it is dissolved."""
    use = np.random.default_rng(seed).integers(0, kinds, len(rough)).tolist()
    values = [None if kind == 0 else f"class {kind}" for kind in use]
    name = [f"n{i}" for i in range(len(rough))]
    ids = np.arange(len(rough), dtype=np.uint64)
    whole = build(rough, ids, [Attribute("name", name), Attribute("use", values)])
    return whole, [str(value) for value in values], [Attribute("use", values)]


@given(seed=st.integers(0, 1000), kinds=st.integers(1, 4), zoom=st.integers(0, 9))
@settings(max_examples=8)
def test_each_class_covers_what_it_did(rough: Array, seed: int, kinds: int, zoom: int) -> None:
    whole, use, attributes = classed(rough, seed, kinds)
    united = dissolved(whole, attributes, NOBODY, zoom)
    after = geometry_of(united)
    kind = [use[feature] for feature in np.sort(united.row_feature)]
    assert shapely.coverage_is_valid(after) and shapely.is_valid(after).all()
    assert set(kind) == set(use)
    for one in set(use):
        before = shapely.coverage_union_all(rough[[i for i, value in enumerate(use) if value == one]])
        now = shapely.coverage_union_all(after[[i for i, value in enumerate(kind) if value == one]])
        assert shapely.area(shapely.symmetric_difference(before, now)) < 1e-9
    again = dissolved(united, attributes, NOBODY, max(zoom - 2, 0))
    assert len(again.row_id) <= len(united.row_id) <= len(rough)
    assert shapely.area(geometry_of(again)).sum() == pytest.approx(shapely.area(rough).sum())


def test_a_row_stands_for_its_first_member_and_has_a_number_of_its_own(rough: Array) -> None:
    whole, use, attributes = classed(rough, 3, 3)
    united = dissolved(whole, attributes, NOBODY, 6)
    assert len(set(united.row_id.tolist())) == len(united.row_id) < len(rough)
    for row, one in enumerate(geometry_of(united)):
        first = np.sort(united.row_feature)[row]
        members = np.flatnonzero(shapely.covered_by(shapely.point_on_surface(rough), one))
        assert first == members[0] and {use[i] for i in members} == {use[first]}
    # The same land in another order and among other numbers has the same numbers.
    backwards = build(rough[::-1], np.arange(len(rough), dtype=np.uint64), [])
    turned = dissolved(backwards, [Attribute("use", attributes[0].values[::-1])], NOBODY, 6)
    assert sorted(turned.row_id.tolist()) == sorted(united.row_id.tolist())
    taken = united.row_id[:5].copy()
    assert not set(dissolved(whole, attributes, taken, 6).row_id.tolist()) & set(taken.tolist())
    assert united.row_id.max() < 1 << featureid.BITS


def test_a_tile_of_it_carries_the_class_and_nothing_else(rough: Array) -> None:
    whole, use, attributes = classed(rough, 3, 3)
    drawn = decoded(encoded(dissolved(whole, attributes, NOBODY, 7)))
    assert drawn and {name for feature in drawn for name in feature["properties"]} == {"use"}
    assert {feature["properties"]["use"] for feature in drawn if feature["properties"]} <= set(use)


def test_no_row_is_much_larger_than_a_cell(rough: Array) -> None:
    whole, _, attributes = classed(rough, 3, 1)
    [all_land] = geometry_of(dissolved(whole, attributes, NOBODY, 0))
    assert shapely.area(all_land) == pytest.approx(shapely.area(rough).sum())
    piece = np.diff(shapely.bounds(rough).reshape(-1, 2, 2), axis=1).max()
    for zoom in (5, 7, 9):
        bounds = shapely.bounds(geometry_of(dissolved(whole, attributes, NOBODY, zoom)))
        assert (bounds[:, 2] - bounds[:, 0] <= 360 / 2**zoom + piece).all()
