"""Levels serve every zoom once, stay within their tolerance, and keep neighbours together."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import shapely

from tiles import pyramid

from .conftest import HERE, Array, Place, array


@pytest.fixture(scope="module")
def rough(mosaic: Array) -> Array:
    """The mosaic with many more vertices on its shared edges, wobbling as far as a coarse level sees."""

    def wobble(xy: Array) -> Array:
        phase = np.rint(xy * 1e6) @ np.array([[12.9898, 39.346], [78.233, 11.135]])
        return np.round(xy + 0.0004 * np.sin(phase), 7)

    edges = shapely.line_merge(shapely.union_all(shapely.boundary(mosaic)))  # each shared edge once
    wobbly = shapely.transform(shapely.segmentize(shapely.get_parts(edges), 0.002), wobble)
    cells = shapely.get_parts(shapely.polygonize(wobbly))[:150]
    assert pyramid.is_coverage(cells)
    return cells  # type: ignore[no-any-return]


@pytest.mark.parametrize("zooms", [(0, 22), (4, 14), (5, 9), (9, 9), (12, 14)])
@pytest.mark.parametrize("rule", ["coverage", "alone", "none"])
def test_every_zoom_has_one_level_and_the_last_is_exact(
    rough: Array, rule: pyramid.Rule, zooms: tuple[int, int]
) -> None:
    levels = pyramid.levels(rough, rule, *zooms)
    assert (levels[0].zoom_min, levels[-1].zoom_max) == zooms
    assert all(a.zoom_max + 1 == b.zoom_min for a, b in pairwise(levels))
    assert [level.index for level in levels] == list(range(len(levels)))
    assert levels[-1].geometry is rough and not levels[-1].generalised and levels[-1].tolerance == 0
    assert all(level.generalised and level.rule == rule for level in levels[:-1])
    assert len(levels) == 1 or rule != "none"


def test_a_level_is_kept_only_where_it_saves_a_quarter(rough: Array) -> None:
    levels = pyramid.levels(rough, "coverage", 0, 14)
    vertices = [shapely.get_num_coordinates(level.geometry).sum() for level in levels]
    assert len(levels) > 2
    assert all(coarse <= 0.75 * fine for coarse, fine in pairwise(vertices))
    straight = array(shapely.box(104, 30, 105, 31), shapely.box(105, 30, 106, 31))
    assert len(pyramid.levels(straight, "coverage", 0, 14)) == 1


def test_a_simplified_coverage_is_a_coverage(rough: Array) -> None:
    for level in pyramid.levels(rough, "coverage", 0, 14):
        assert pyramid.is_coverage(level.geometry)
        assert shapely.is_valid(level.geometry).all()


def test_lines_stay_within_half_a_unit_of_where_they_were(rough: Array) -> None:
    edges = shapely.boundary(rough)
    levels = pyramid.levels(edges, "alone", 0, 14)
    assert len(levels) > 2
    for level in levels[:-1]:
        place = Place(zoom=level.zoom_max, row=0, col=0)
        moved = shapely.hausdorff_distance(place.units(edges), place.units(level.geometry))
        assert 0.1 < moved.max() <= 0.5 + 1e-6


def test_levels_have_only_vertices_that_were_there(rough: Array) -> None:
    there = {tuple(vertex) for vertex in shapely.get_coordinates(rough).tolist()}
    for rule in ("coverage", "alone"):
        for level in pyramid.levels(rough, rule, 0, 14):  # type: ignore[arg-type]
            assert {tuple(vertex) for vertex in shapely.get_coordinates(level.geometry).tolist()} <= there


def test_polygons_that_overlap_are_simplified_alone_and_the_level_says_so(rough: Array) -> None:
    overlapping = array(*rough, shapely.box(*HERE.lonlat))
    assert not pyramid.is_coverage(overlapping)
    levels = pyramid.levels(overlapping, "coverage", 0, 14)
    assert {level.rule for level in levels[:-1]} == {"alone"}


def test_features_without_geometry_stay_in_their_places(rough: Array) -> None:
    holed = rough.copy()
    holed[[0, 5]] = None
    holed[7] = shapely.Polygon()
    for rule in ("coverage", "alone"):
        for level in pyramid.levels(holed, rule, 0, 14):  # type: ignore[arg-type]
            assert len(level.geometry) == len(holed)
            assert shapely.is_missing(level.geometry).nonzero()[0].tolist() == [0, 5]
            assert shapely.is_empty(level.geometry).nonzero()[0].tolist() == [7]


def test_no_feature_and_points_have_one_level() -> None:
    for geometry in (
        array(),
        array(None),
        array(shapely.Point(104, 30), shapely.MultiPoint([(1, 2), (3, 4)])),
    ):
        for rule in ("coverage", "alone", "none"):
            [level] = pyramid.levels(geometry, rule, 0, 14)  # type: ignore[arg-type]
            assert not level.generalised
