"""A coverage is simplified as one: as GEOS does it, without gap or overlap, and its lines with it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from tiles import coverage
from tiles.projection import POLEWARD

from .conftest import Array, array, columns_of, geometry_of, is_coverage


def in_plane(geometry: Array) -> Array:
    """Degrees as Web Mercator in degrees of longitude, by another formula than ours."""

    def project(lonlat: Array) -> Array:
        lonlat = np.rint(lonlat * 1e7) / 1e7
        lat = np.radians(np.clip(lonlat[:, 1], -POLEWARD, POLEWARD))
        return np.column_stack([lonlat[:, 0], np.degrees(np.log(np.tan(np.pi / 4 + lat / 2)))])

    return np.asarray(shapely.transform(geometry, project), dtype=object)


def mosaic_of(seed: int, count: int, wobble: float) -> Array:
    """Cells that share wobbling edges: some whole, some out of the midst, so that there are islands and holes."""
    rng = np.random.default_rng(seed)
    cells = shapely.get_parts(
        shapely.voronoi_polygons(shapely.multipoints(rng.uniform([100, 28], [106, 33], (count, 2))))
    )
    edges = shapely.get_parts(shapely.line_merge(shapely.union_all(shapely.boundary(cells))))

    def move(xy: Array) -> Array:
        phase = np.rint(xy * 1e6) @ np.array([[12.9898, 39.346], [78.233, 11.135]])
        return np.round(xy + wobble * np.sin(phase), 7)

    bent = shapely.get_parts(shapely.polygonize(shapely.transform(shapely.segmentize(edges, 0.05), move)))
    return bent[rng.random(len(bent)) < 0.9] if len(bent) > 3 else bent  # type: ignore[no-any-return]


def vertices(geometry: Array) -> list[Array]:
    """The distinct coordinates of each geometry, sorted: where a ring begins does not count."""
    return [np.unique(np.rint(shapely.get_coordinates(one) * 1e7), axis=0) for one in geometry]


@pytest.mark.parametrize("within", [1e-5, 1e-4, 3e-4])
def test_what_stays_is_what_geos_leaves(rough: Array, within: float) -> None:
    ours = in_plane(geometry_of(coverage.simplified(columns_of(rough), within)))
    theirs = shapely.coverage_simplify(in_plane(rough), within)
    for mine, other in zip(vertices(ours), vertices(theirs), strict=True):
        assert mine.shape == other.shape and np.abs(mine - other).max() <= 1


@pytest.mark.parametrize("within", [0.002, 0.02, 0.2])
def test_where_edges_are_in_each_others_way_about_as_much_stays_as_geos_leaves(
    rough: Array, within: float
) -> None:
    # Which of two edges goes first then decides, and GEOS takes them in another order.
    ours = coverage.simplified(columns_of(rough), within).vertices
    theirs = int(shapely.get_num_coordinates(shapely.coverage_simplify(in_plane(rough), within)).sum())
    assert abs(ours - theirs) <= 0.02 * theirs


@given(
    seed=st.integers(0, 10_000),
    count=st.integers(4, 60),
    wobble=st.sampled_from([0.0, 0.002, 0.01]),
    within=st.sampled_from([1e-4, 0.003, 0.03, 0.3, 3.0]),
)
@settings(max_examples=60)
def test_a_simplified_coverage_has_no_gap_no_overlap_and_no_new_vertex(
    seed: int, count: int, wobble: float, within: float
) -> None:
    before = mosaic_of(seed, count, wobble)
    if not len(before) or not shapely.coverage_is_valid(before):
        return
    simpler = coverage.simplified(columns_of(before), within)
    after = geometry_of(simpler)
    assert shapely.coverage_is_valid(in_plane(after)) and shapely.is_valid(in_plane(after)).all()
    assert not shapely.is_empty(after).any() and (np.diff(simpler.path_start) >= 4).all()
    there = {tuple(vertex) for vertex in columns_of(before).xy.tolist()}
    assert {tuple(vertex) for vertex in simpler.xy.tolist()} <= there
    # Neighbours that shared an edge still do: what they cover together has as many parts and holes as before.
    one, other = (shapely.coverage_union_all(in_plane(parts)) for parts in (before, after))
    assert shapely.get_num_geometries(one) == shapely.get_num_geometries(other)
    assert len(shapely.get_rings(shapely.get_parts(one))) >= len(shapely.get_rings(shapely.get_parts(other)))


@given(seed=st.integers(0, 10_000), within=st.sampled_from([0.003, 0.03]))
@settings(max_examples=25)
def test_a_larger_tolerance_goes_on_from_a_smaller_one(seed: int, within: float) -> None:
    whole = columns_of(mosaic_of(seed, 20, 0.01))
    if not len(whole.row_kind) or not is_coverage(geometry_of(whole)):
        return
    finer = coverage.simplified(whole, within / 4)
    coarse = {tuple(vertex) for vertex in coverage.simplified(finer, within).xy.tolist()}
    assert coarse <= {tuple(vertex) for vertex in finer.xy.tolist()}
    assert coverage.simplified(finer, within / 4).vertices == finer.vertices


def test_an_island_and_the_hole_that_it_lies_in_keep_one_edge() -> None:
    ring = shapely.Point(104, 30).buffer(0.5, quad_segs=64)
    sea = shapely.set_precision(shapely.box(103, 29, 105, 31).difference(ring), 1e-7)
    island = shapely.Polygon(sea.interiors[0])
    simpler = geometry_of(coverage.simplified(columns_of(array(sea, island)), 0.05))
    hole, shore = shapely.get_parts(simpler[0])[0].interiors[0], shapely.get_parts(simpler[1])[0].exterior
    assert 4 <= len(shore.coords) < 60
    assert set(hole.coords) == set(shore.coords)


def test_a_small_ring_keeps_three_vertices_and_two_edges_between_the_same_nodes_stay_apart() -> None:
    speck = shapely.Point(104, 30).buffer(1e-4)
    lens = shapely.Point(104.2, 30).buffer(1e-3)
    around = shapely.box(104.1, 29.9, 104.2, 30.1).difference(lens)
    simpler = geometry_of(
        coverage.simplified(columns_of(shapely.set_precision([speck, lens, around], 1e-7)), 1.0)
    )
    assert len(simpler[0].geoms[0].exterior.coords) == 4
    assert shapely.is_valid(simpler).all() and (shapely.area(simpler) > 0).all()


@given(
    seed=st.integers(0, 10_000),
    fault=st.sampled_from(["none", "island", "across", "shifted", "twice"]),
    many=st.sampled_from([0.0, 1.0]),
)
@settings(max_examples=60)
def test_a_coverage_is_found_in_chunks_and_from_the_doubtful_alone_as_it_is_in_one(
    seed: int, fault: str, many: float
) -> None:
    polygons = mosaic_of(seed, 60, 0.002)
    rng = np.random.default_rng(seed)
    which = int(rng.integers(len(polygons)))
    if fault == "island":
        polygons = array(*polygons, shapely.set_precision(polygons[which].centroid.buffer(0.01), 1e-7))
    elif fault == "across":
        polygons = array(*polygons, shapely.box(*polygons[which].bounds))
    elif fault == "twice":
        polygons = array(*polygons, polygons[which])
    elif fault == "shifted":
        polygons[which] = shapely.transform(polygons[which], lambda xy: xy + np.array([1e-6, 0]))
    patch = pytest.MonkeyPatch()
    with patch.context() as small:
        small.setattr(coverage, "CHUNK", 7)
        small.setattr(coverage, "_MANY", many)
        chunked = is_coverage(polygons)
    assert chunked == bool(shapely.coverage_is_valid(polygons))


def test_lines_and_points_are_no_coverage(rough: Array) -> None:
    assert not is_coverage(array(*rough, shapely.Point(104, 30)))
    assert not is_coverage(array(shapely.LineString([(104, 30), (105, 30)])))
    assert is_coverage(array(*rough, None, shapely.Polygon()))


def test_a_closed_line_begins_with_a_vertex_that_stays_and_a_strange_one_is_left_alone() -> None:
    round_one = shapely.set_precision(shapely.Point(104, 30).buffer(0.5, quad_segs=64), 1e-7)
    whole = columns_of(array(round_one))
    level = coverage.simplified(whole, 0.05)
    strange = shapely.LineString([(110, 30), (110.0001, 30), (110.0002, 30)])
    turned: Any = np.roll(np.array(round_one.exterior.coords)[:-1], 5, axis=0)
    lines = columns_of(array(shapely.LinearRing(turned), strange))
    followed = geometry_of(coverage.following(lines, whole, level))
    assert set(followed[0].geoms[0].coords) == set(geometry_of(level)[0].geoms[0].exterior.coords)
    assert shapely.is_ring(followed[0].geoms[0])
    assert shapely.equals_exact(followed[1].geoms[0], strange, 1e-9)
