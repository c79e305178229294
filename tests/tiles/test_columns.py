"""Columns keep what was given, in a file too; a damaged file says so."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from tiles import columnfile, featureid, hilbert, pyramid, search, varint
from tiles.columns import SCALE, Attribute, Columns, build


@pytest.fixture
def columns() -> Columns:
    rng = np.random.default_rng(1)
    shapes = shapely.buffer(shapely.points(rng.uniform((100, 27), (108, 33), (1000, 2))), 0.05)
    return build(
        shapes, np.arange(1000, dtype=np.uint64), [Attribute("n", [str(i % 5) for i in range(1000)])]
    )


def test_vertices_are_kept_to_a_centimetre(columns: Columns) -> None:
    box = columns.xy.min(axis=0) * SCALE, columns.xy.max(axis=0) * SCALE
    assert box[0] == pytest.approx((100, 27), abs=0.1) and box[1] == pytest.approx((108, 33), abs=0.1)
    assert columns.path_start[-1] == len(columns.xy)


@given(st.tuples(st.floats(99, 109), st.floats(26, 34), st.floats(0, 3), st.floats(0, 3)))
def test_the_search_finds_what_a_plain_comparison_finds(window: tuple[float, float, float, float]) -> None:
    columns = SEARCHED
    west, south, width, height = window
    box = (west, south, west + width, south + height)
    bounds = columns.row_bounds * SCALE
    expected = np.flatnonzero(
        (bounds[:, 0] <= box[2] + 2 * SCALE)
        & (bounds[:, 2] >= box[0] - 2 * SCALE)
        & (bounds[:, 1] <= box[3] + 2 * SCALE)
        & (bounds[:, 3] >= box[1] - 2 * SCALE)
    )
    certain = np.flatnonzero(
        (bounds[:, 0] <= box[2])
        & (bounds[:, 2] >= box[0])
        & (bounds[:, 1] <= box[3])
        & (bounds[:, 3] >= box[1])
    )
    found = set(search.rows(columns, box).tolist())
    assert set(certain.tolist()) <= found <= set(expected.tolist())


SEARCHED = build(
    shapely.points(np.random.default_rng(2).uniform((99, 26), (109, 34), (3000, 2))),
    np.arange(3000, dtype=np.uint64),
    [],
)


def test_a_file_gives_back_the_same_arrays_and_the_same_bytes(columns: Columns, tmp_path: Path) -> None:
    columnfile.write(tmp_path / "a", columns)
    columnfile.write(tmp_path / "b", columnfile.read(tmp_path / "a"))
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    for mine, other in zip(columns, columnfile.read(tmp_path / "b")):
        assert np.array_equal(mine, other) and mine.dtype == other.dtype


@pytest.mark.parametrize("damage", [b"", b"nonsense", None])
def test_a_damaged_file_is_named(columns: Columns, tmp_path: Path, damage: bytes | None) -> None:
    path = tmp_path / "damaged.columns"
    columnfile.write(path, columns)
    path.write_bytes(path.read_bytes()[:-100] if damage is None else damage)
    with pytest.raises(columnfile.ColumnFileError, match=r"damaged\.columns"):
        columnfile.read(path)


@given(st.integers(0, 2**64 - 1))
def test_varints_are_read_back(number: int) -> None:
    data = varint.encoded(number)
    assert sum((byte & 0x7F) << 7 * i for i, byte in enumerate(data)) == number
    out = np.zeros(10, dtype=np.uint8)
    assert bytes(out[: varint.put(out, 0, np.uint64(number))]) == data
    assert varint.size(np.uint64(number)) == len(data)


def test_numeric_ids_stay_and_other_ids_get_a_number_of_53_bits() -> None:
    assert [featureid.tile_id(name) for name in ("510105", 7, "0")] == [510105, 7, 0]
    odd = [featureid.tile_id(name) for name in ("007", "510105-510104", "渝中", str(2**60))]
    assert all(0 <= number < 2**53 for number in odd) and len(set(odd)) == 4
    assert featureid.collisions(np.array([1, 2, 1], dtype=np.uint64)).tolist() == [2]


def test_the_hilbert_curve_visits_neighbours_one_after_the_other() -> None:
    side = 2**hilbert.ORDER - 1
    i, j = np.meshgrid(np.arange(8), np.arange(8))
    position = hilbert.position((i.ravel() + 0.5) / side * 360 - 180, (j.ravel() + 0.5) / side * 180 - 90)
    order = np.argsort(position)
    steps = np.abs(np.diff(i.ravel()[order])) + np.abs(np.diff(j.ravel()[order]))
    assert len(set(position.tolist())) == 64 and (steps == 1).all()


def test_levels_cover_the_zooms_without_gap_and_keep_a_coverage_whole() -> None:
    rng = np.random.default_rng(5)
    seeds = shapely.multipoints(rng.uniform((104, 29), (106, 31), (60, 2)))
    cells = shapely.get_parts(shapely.voronoi_polygons(seeds))
    rough = shapely.segmentize(cells, 0.002)
    levels = pyramid.levels(rough, "coverage", 4, 14)
    assert [levels[0].zoom_min, levels[-1].zoom_max] == [4, 14]
    assert all(a.zoom_max + 1 == b.zoom_min for a, b in pairwise(levels))
    assert levels[-1].geometry is rough and not levels[-1].generalised and len(levels) > 1
    for level in levels[:-1]:
        assert shapely.coverage_is_valid(level.geometry)
        assert level.tolerance <= pyramid.tolerance(level.zoom_max)
