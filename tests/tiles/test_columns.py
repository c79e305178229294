"""Columns hold what was given, laid out as they promise."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from tiles.columns import BLOCK_ROWS, SCALE, Attribute, Columns, build
from tiles.values import coded

from .conftest import Array, array, columns_of


def path(columns: Columns, number: int) -> Array:
    first, last = columns.path_start[number : number + 2]
    return columns.xy[first:last] / 1e7


def row_geometry(columns: Columns, row: int) -> Any:
    """A row put together again as a multi geometry."""
    first, last = columns.row_path[row : row + 2]
    kind = columns.row_kind[row]
    if kind == 1:
        return shapely.MultiPoint([path(columns, number)[0] for number in range(first, last)])
    if kind == 2:
        return shapely.MultiLineString([path(columns, number) for number in range(first, last)])
    polygons: list[list[Array]] = []
    for number in range(first, last):
        if columns.path_outer[number]:
            polygons.append([])
        polygons[-1].append(path(columns, number))
    return shapely.MultiPolygon([(rings[0], rings[1:]) for rings in polygons])


BOX = shapely.box(104, 30, 105, 31)
RING = BOX.difference(shapely.box(104.2, 30.2, 104.4, 30.4)).difference(shapely.box(104.6, 30.6, 104.8, 30.8))
EVERY_KIND = array(
    shapely.Point(104.1234567, 30.7654321),
    shapely.MultiPoint([(104, 30), (105, 31)]),
    shapely.LineString([(104, 30), (105, 31), (106, 30)]),
    shapely.LinearRing([(104, 30), (105, 31), (106, 30)]),
    shapely.MultiLineString([[(104, 30), (105, 31)], [(107, 30), (108, 31)]]),
    RING,
    shapely.MultiPolygon([RING, shapely.box(110, 30, 111, 31)]),
)


def test_every_kind_of_geometry_is_put_together_again() -> None:
    columns = columns_of(EVERY_KIND)
    assert sorted(columns.row_id.tolist()) == list(range(1, len(EVERY_KIND) + 1))
    for row, number in enumerate(columns.row_id.tolist()):
        assert shapely.equals(row_geometry(columns, row), EVERY_KIND[number - 1])
        assert columns.row_bounds[row] * SCALE == pytest.approx(EVERY_KIND[number - 1].bounds)


def test_a_collection_has_a_row_for_each_kind_under_one_id() -> None:
    inner = shapely.GeometryCollection([shapely.Point(104, 30), shapely.MultiPoint([(105, 30), (106, 30)])])
    mixed = shapely.GeometryCollection(
        [inner, BOX, shapely.LineString([(104, 30), (105, 31)]), shapely.Point()]
    )
    columns = columns_of(array(mixed))
    assert columns.row_id.tolist() == [1, 1, 1] and sorted(columns.row_kind.tolist()) == [1, 2, 3]
    points = row_geometry(columns, columns.row_kind.tolist().index(1))
    assert shapely.equals(points, shapely.MultiPoint([(104, 30), (105, 30), (106, 30)]))


def test_null_and_empty_geometries_have_no_rows_but_their_values_count() -> None:
    empties = array(None, shapely.Point(), shapely.Polygon(), shapely.GeometryCollection(), BOX)
    columns = columns_of(empties, name=["a", "b", "c", "d", "e"])
    assert columns.row_id.tolist() == [5] and columns.row_feature.tolist() == [4]


@pytest.mark.parametrize("nothing", [array(), array(None, shapely.Polygon())])
def test_a_layer_without_geometry_has_no_rows(nothing: Array) -> None:
    columns = columns_of(nothing, name=[None] * len(nothing))
    assert len(columns.row_kind) == len(columns.xy) == 0
    assert columns.codes.shape == (1, 0) and columns.block_row.tolist() == [0]


def test_blocks_cover_their_rows_and_rows_of_a_block_are_near_each_other() -> None:
    places = np.random.default_rng(1).uniform((100, 27), (108, 33), (10_000, 2))
    columns = columns_of(shapely.points(places))
    assert np.diff(columns.block_row).max() == BLOCK_ROWS and columns.block_row[-1] == 10_000
    for first, last, bounds in zip(columns.block_row, columns.block_row[1:], columns.block_bounds):
        rows = columns.row_bounds[first:last]
        assert np.array_equal(bounds, [*rows[:, :2].min(axis=0), *rows[:, 2:].max(axis=0)])
    size = columns.block_bounds[:, 2:] - columns.block_bounds[:, :2]
    assert (size.astype(float).prod(axis=1)).mean() * SCALE**2 < 3 * 48 / len(
        size
    )  # 48 square degrees in all


def test_the_order_of_rows_depends_on_place_and_then_on_the_order_of_features() -> None:
    here, there = shapely.Point(104, 30), shapely.Point(104.001, 30)
    forth, back = columns_of(array(here, there)), columns_of(array(there, here))
    assert np.array_equal(forth.xy, back.xy)
    same = columns_of(array(here, here, here))
    assert same.row_id.tolist() == [1, 2, 3]


def test_columns_cannot_be_written() -> None:
    for values in columns_of(EVERY_KIND, name=list("abcdefg")):
        assert not values.flags.writeable
        with pytest.raises(ValueError, match="read-only"):
            values[...] = 0


@pytest.mark.parametrize("x", ["nan", "inf", "-inf", "300"])
def test_what_is_no_coordinate_is_refused(x: str) -> None:
    with np.errstate(invalid="ignore"):  # GEOS compares the NaN while it reads it
        line = shapely.from_wkt(f"LINESTRING (0 0, {x} 1)")
        with pytest.raises(ValueError, match="not a coordinate"):
            build(array(line), np.zeros(1, dtype=np.uint64), [])


def test_codes_name_the_values_of_their_rows() -> None:
    places = shapely.points(np.random.default_rng(3).uniform((100, 27), (108, 33), (50, 2)))
    names = [None if i % 7 == 0 else f"n{i % 5}" for i in range(50)]
    columns = columns_of(places, empty=[None] * 50, name=names)
    _, distinct = coded(names)
    assert (columns.codes[0] == -1).all() and columns.field_value.tolist() == [0, 0, 5]
    for row, feature in enumerate(columns.row_feature):
        code = columns.codes[1, row]
        assert (code == -1) == (names[feature] is None)
        if code >= 0:
            first, last = columns.value_start[code : code + 2]
            assert columns.value_bytes[first:last].tobytes() == distinct[code]
            assert distinct[code].endswith(names[feature].encode())


@given(
    st.lists(st.one_of(st.none(), st.integers(-3, 3), st.floats(-2, 2), st.booleans(), st.text(max_size=2)))
)
@settings(deadline=None)
def test_equal_values_share_a_code_and_unlike_types_do_not(values: list[Any]) -> None:
    codes, distinct = coded(values)
    assert len(codes) == len(values) and len(set(distinct)) == len(distinct)
    assert [code < 0 for code in codes] == [value is None for value in values]
    for a, i in zip(values, codes):
        for b, j in zip(values, codes):
            if a is not None and b is not None:
                assert (i == j) == (type(a) is type(b) and a == b)


@pytest.mark.parametrize("value", [object(), b"bytes", 2**64, -(2**63) - 1])
def test_a_value_that_a_tile_cannot_hold_is_refused(value: Any) -> None:
    with pytest.raises(TypeError, match="a tile cannot hold"):
        build(array(BOX), np.zeros(1, dtype=np.uint64), [Attribute("name", [value])])
