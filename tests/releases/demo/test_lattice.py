"""The made-up lattice: pure functions of its indices, cells that fit together, and one great ring."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from releases.demo.lattice import GREAT_RING, STEPS, Lattice
from releases.demo.noise import fraction, smooth

BOX = (102.0, 28.0, 109.0, 32.0)
KM2 = 189_000


def over(cells: int, seed: int = 1) -> Lattice:
    return Lattice.over(BOX, KM2, cells, seed)


@settings(max_examples=25, deadline=None)
@given(
    st.integers(0, 2**31), st.sampled_from([2_000, 20_000, 2_000_000]), st.integers(0, 40), st.integers(0, 40)
)
def test_cells_are_valid_and_share_every_vertex_with_their_neighbours(
    seed: int, cells: int, i: int, j: int
) -> None:
    di, dj = np.meshgrid(np.arange(i, i + 12), np.arange(j, j + 12))
    polygons = over(cells, seed).cells(di.ravel(), dj.ravel())
    assert shapely.is_valid(polygons).all()
    assert shapely.coverage_is_valid(polygons)
    assert shapely.is_ccw(shapely.get_exterior_ring(polygons)).all()


def test_a_cell_made_alone_is_the_same_as_among_others() -> None:
    lattice = over(20_000)
    i, j = np.meshgrid(np.arange(30), np.arange(30))
    together = lattice.cells(i.ravel(), j.ravel())
    alone = lattice.cells(np.array([17]), np.array([11]))[0]
    assert shapely.equals_exact(together[11 * 30 + 17], alone, 0.0)


def test_another_seed_makes_other_cells() -> None:
    at = np.array([5])
    assert not shapely.equals_exact(over(20_000, 1).cells(at, at)[0], over(20_000, 2).cells(at, at)[0], 1e-4)


def test_every_coordinate_is_a_whole_number_of_grid_steps() -> None:
    xy = shapely.get_coordinates(over(20_000).cells(np.arange(50), np.arange(50)))
    assert (xy == np.rint(xy * STEPS) / STEPS).all()


@pytest.mark.parametrize("cells", [2_000, 20_000, 200_000, 2_000_000])
def test_the_block_has_one_ring_of_more_than_35_000_vertices_that_its_neighbours_share(cells: int) -> None:
    lattice = over(cells).with_block_inside(shapely.box(106, 30, 107, 31))
    assert lattice is not None and lattice.block is not None
    block = lattice.block
    di, dj = np.meshgrid(
        np.arange(block.i - 2, block.i + block.side + 2), np.arange(block.j - 2, block.j + block.side + 2)
    )
    i, j = di.ravel(), dj.ravel()
    polygons = lattice.cells(i, j)
    merged = shapely.coverage_union_all(polygons[block.holds(i, j)])
    assert merged.geom_type == "Polygon" and merged.is_valid
    assert shapely.get_num_coordinates(merged) > GREAT_RING
    assert shapely.coverage_is_valid(np.array([merged, *polygons[~block.holds(i, j)]]))
    assert shapely.box(106, 30, 107, 31).contains(merged)


def test_no_block_is_laid_where_none_fits() -> None:
    assert over(2_000).with_block_inside(shapely.box(106, 30, 106.05, 30.05)) is None


def test_an_area_gets_about_as_many_cells_as_were_asked_for() -> None:
    lattice = over(20_000)
    i, j = lattice.span(np.array([103.0, 29.0, 105.0, 31.0]))
    middle = shapely.points(*lattice.middle(i, j))
    inside = shapely.within(middle, shapely.box(103, 29, 105, 31)).sum()
    expected = 20_000 * (2 * 96.49 * 2 * 110.85) / KM2
    assert inside == pytest.approx(expected, rel=0.03)


def test_fractions_are_spread_evenly_and_independent_of_the_shape_they_are_asked_in() -> None:
    many = fraction(7, np.arange(100_000), 3)
    assert many.min() >= 0 and many.max() < 1
    assert np.histogram(many, 10, (0, 1))[0] == pytest.approx(np.full(10, 10_000), rel=0.05)
    assert fraction(7, np.array([[42]]), 3)[0, 0] == many[42]
    assert fraction(7, np.arange(5), 4).tolist() != many[:5].tolist()


def test_noise_is_continuous_and_stays_in_its_range() -> None:
    x = np.linspace(102, 109, 20_001)
    heights = smooth(x, np.full_like(x, 30.0), 2.0, 5)
    assert heights.min() >= 0 and heights.max() < 1
    assert np.abs(np.diff(heights)).max() < 0.01
