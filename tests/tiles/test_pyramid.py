"""Levels serve every zoom once, stay within their tolerance, keep neighbours together, and say what they lost."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import shapely

from tiles import pyramid
from tiles.budget import Budget, Scales
from tiles.columns import Attribute
from tiles.pyramid import Features, Level, Plan, follow, levels

from .conftest import HERE, Array, Place, array, geometry_of, is_coverage

AMPLE = Budget(10**9, 4096, 64)


def features_of(geometry: Array, **fields: list[Any]) -> Features:
    ids = np.arange(1, len(geometry) + 1, dtype=np.uint64)
    return Features(geometry, ids, tuple(Attribute(name, values) for name, values in fields.items()))


def coarse_first(geometry: Array, rule: pyramid.Rule, low: int, high: int, **more: Any) -> list[Level]:
    return list(levels(features_of(geometry), Plan(rule, low, high, AMPLE, **more)))[::-1]


@pytest.fixture(scope="module")
def classed(rough: Array) -> Features:
    """The rough mosaic, west of its middle wood and east of it town, each piece with a name of its own."""
    middle = np.median(shapely.bounds(rough)[:, 0])
    use = ["wood" if west < middle else "town" for west in shapely.bounds(rough)[:, 0]]
    return features_of(rough, name=[f"n{i}" for i in range(len(rough))], use=use)


@pytest.mark.parametrize("zooms", [(0, 22), (4, 14), (5, 9), (9, 9), (12, 14)])
@pytest.mark.parametrize("rule", ["coverage", "alone", "none"])
def test_every_zoom_has_one_level_and_the_last_is_exact(
    rough: Array, rule: pyramid.Rule, zooms: tuple[int, int]
) -> None:
    found = coarse_first(rough, rule, *zooms)
    assert (found[0].zoom_min, found[-1].zoom_max) == zooms
    assert all(a.zoom_max + 1 == b.zoom_min for a, b in pairwise(found))
    assert not found[-1].generalised and found[-1].tolerance == 0
    assert shapely.equals(geometry_of(found[-1].columns), rough).all()
    assert all(level.generalised and level.rule == rule for level in found[:-1])
    assert len(found) == 1 or rule != "none"


def test_a_tolerance_is_half_a_unit_at_a_levels_largest_zoom(rough: Array) -> None:
    for rule in ("coverage", "alone"):
        for level in coarse_first(rough, rule, 0, 14)[:-1]:  # type: ignore[arg-type]
            assert level.tolerance == 360 / 2**level.zoom_max / 4096 / 2


def test_a_level_is_kept_only_where_it_saves_a_quarter(rough: Array) -> None:
    vertices = [level.columns.vertices for level in coarse_first(rough, "coverage", 0, 14)]
    assert len(vertices) > 2
    assert all(coarse <= 0.75 * fine for coarse, fine in pairwise(vertices))
    straight = array(shapely.box(104, 30, 105, 31), shapely.box(105, 30, 106, 31))
    assert len(coarse_first(straight, "coverage", 0, 14)) == 1


def test_a_simplified_coverage_is_a_coverage(rough: Array) -> None:
    for level in coarse_first(rough, "coverage", 0, 14):
        assert is_coverage(geometry_of(level.columns))
        assert shapely.is_valid(geometry_of(level.columns)).all()


def test_lines_stay_within_half_a_unit_of_where_they_were(rough: Array) -> None:
    edges = shapely.boundary(rough)
    found = coarse_first(edges, "alone", 0, 14)
    assert len(found) > 2
    for level in found[:-1]:
        place = Place(zoom=level.zoom_max, row=0, col=0)
        moved = shapely.hausdorff_distance(place.units(edges), place.units(geometry_of(level.columns)))
        assert 0.1 < moved.max() <= 0.5 + 1e-6


def test_levels_have_only_vertices_that_were_there(rough: Array) -> None:
    there = {tuple(vertex) for vertex in np.rint(shapely.get_coordinates(rough) * 1e7).tolist()}
    for rule in ("coverage", "alone"):
        for level in coarse_first(rough, rule, 0, 14):  # type: ignore[arg-type]
            assert {tuple(vertex) for vertex in level.columns.xy.tolist()} <= there


def test_polygons_that_overlap_are_simplified_alone_and_the_level_says_so(rough: Array) -> None:
    overlapping = array(*rough, shapely.box(*HERE.lonlat))
    assert not is_coverage(overlapping)
    found = list(levels(features_of(overlapping, use=["a"] * 151), Plan("coverage", 0, 14, AMPLE, ("use",))))
    assert {level.rule for level in found[1:]} == {"alone"}
    assert {level.reduction for level in found} == {"none"}, "what overlaps was dissolved"


def test_features_without_geometry_stay_in_their_places(rough: Array) -> None:
    holed = rough.copy()
    holed[[0, 5]] = None
    holed[7] = shapely.Polygon()
    for rule in ("coverage", "alone"):
        for level in coarse_first(holed, rule, 0, 14):  # type: ignore[arg-type]
            assert set(range(150)) - set(level.columns.row_feature.tolist()) == {0, 5, 7}


def test_no_feature_and_points_have_one_level() -> None:
    for geometry in (
        array(),
        array(None),
        array(shapely.Point(104, 30), shapely.MultiPoint([(1, 2), (3, 4)])),
    ):
        for rule in ("coverage", "alone", "none"):
            [level] = coarse_first(geometry, rule, 0, 14)  # type: ignore[arg-type]
            assert not level.generalised


def test_specks_are_dissolved_from_one_zoom_on_and_the_rest_is_not(classed: Features) -> None:
    found = list(levels(classed, Plan("coverage", 0, 14, AMPLE, ("use",))))[::-1]
    reductions = [level.reduction for level in found]
    assert reductions == sorted(reductions), "dissolved levels are not the coarsest ones"
    assert {"dissolved", "none"} == set(reductions)
    pixel = [(360 / 2**zoom / 512) ** 2 for zoom in range(15)]
    for level in found:
        area = np.median(shapely.area(Place(zoom=0, row=0, col=0, extent=360).units(classed.geometry)))
        for zoom in range(level.zoom_min, level.zoom_max + 1):
            assert (level.reduction == "dissolved") == (area < pixel[zoom])
        assert is_coverage(geometry_of(level.columns))
        assert level.reduction == "none" or (level.rule == "coverage" and level.tolerance > 0)


def test_what_is_above_the_budget_is_dissolved_and_what_stays_above_is_told(classed: Features) -> None:
    budget = Budget(40_000, 4096, 64)
    ample = list(levels(classed, Plan("coverage", 1, 8, AMPLE, ("use",))))
    tight = list(levels(classed, Plan("coverage", 1, 8, budget, ("use",))))
    bare = list(levels(classed, Plan("coverage", 1, 8, budget)))

    def zooms(found: list[Level], said: Callable[[Level, int], bool]) -> set[int]:
        return {z for level in found for z in range(level.zoom_min, level.zoom_max + 1) if said(level, z)}

    def dissolved(level: Level, zoom: int) -> bool:
        return level.reduction == "dissolved"

    assert zooms(ample, dissolved) < zooms(tight, dissolved)
    assert zooms(bare, dissolved) == set()
    for found in (tight, bare):
        told = zooms(found, lambda level, zoom: zoom in level.over_budget)
        assert told == zooms(found, lambda level, zoom: Scales(level.columns, zoom, budget).exceeded(zoom))
    assert told, "the budget is too large for this test"


def test_thinned_points_come_back_zoom_by_zoom_and_the_last_zoom_has_all() -> None:
    rng = np.random.default_rng(11)
    points = shapely.points(rng.uniform([104, 30], [105, 31], (3000, 2)))
    rank = rng.integers(0, 5, 3000).tolist()
    for budget in (AMPLE, Budget(3000, 4096, 64)):
        plan = Plan("none", 2, 14, budget, thin=("rank", "ascending", 16))
        found = list(levels(features_of(points, rank=rank), plan))[::-1]
        assert len(found) > 2
        assert [level.reduction for level in found] == ["thinned"] * (len(found) - 1) + ["none"]
        assert len(found[-1].columns.row_id) == 3000
        for coarse, fine in pairwise(found):
            assert set(coarse.columns.row_id.tolist()) < set(fine.columns.row_id.tolist())
        if budget is not AMPLE:
            thinned = [zoom for level in found[:-1] for zoom in level.over_budget]
            assert not thinned, "cells were not made wider"


def test_lines_have_the_edges_of_the_coverage_that_they_follow(rough: Array) -> None:
    borders = shapely.get_parts(shapely.line_merge(shapely.union_all(shapely.boundary(rough))))
    whole, lines = features_of(rough), features_of(borders)
    plans = Plan("none", 0, 14, AMPLE), Plan("coverage", 2, 13, AMPLE)
    found = list(follow(lines, plans[0], whole, plans[1]))[::-1]
    assert (found[0].zoom_min, found[-1].zoom_max) == (0, 14)
    assert all(a.zoom_max + 1 == b.zoom_min for a, b in pairwise(found))
    beside = list(levels(whole, plans[1]))[::-1]
    assert len(found) == len(beside) > 2
    for level, ground in zip(found, beside):
        assert (level.zoom_max in (ground.zoom_max, 14)) and level.tolerance == ground.tolerance
        edges = segments(level)
        assert edges == segments(ground), "a line left the border, or a border has no line"
        assert shapely.is_valid(geometry_of(level.columns)).all()


def test_lines_are_exact_at_their_last_zoom_though_the_coverage_is_not(rough: Array) -> None:
    lines = features_of(shapely.boundary(rough))
    found = list(follow(lines, Plan("none", 0, 5, AMPLE), features_of(rough), Plan("coverage", 0, 14, AMPLE)))
    assert (found[0].zoom_min, found[0].zoom_max, found[0].generalised) == (5, 5, False)
    assert found[1].zoom_max == 4 and found[1].generalised


def segments(level: Level) -> set[tuple[tuple[int, ...], ...]]:
    """The straight pieces of a level, without their direction."""
    found = level.columns
    ends = set(found.path_start.tolist())
    xy = [tuple(vertex) for vertex in found.xy.tolist()]
    return {tuple(sorted(pair)) for i, pair in enumerate(pairwise(xy)) if i + 1 not in ends}
