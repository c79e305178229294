"""The gate between features and between layers: overlaps, gaps, units, extents; shapely's overlays are the oracle."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from releases.ellipsoid import square_metres

#: A square metre as a square of this many degrees of longitude and latitude, at 30 degrees north.
METRE = (1 / 96486.3, 1 / 110852.4)
STEP = 1e-7


def on_grid(shape: Any) -> Any:
    return shapely.transform(shape, lambda xy: np.round(xy, 7))


def lattice(columns: int, rows: int, size: float = 0.1, jitter: Any = None) -> dict[tuple[int, int], Any]:
    """Cells that share their corners, which `jitter` may move: (column, row, x or y) -> part of the size."""
    moved = np.zeros((columns + 1, rows + 1, 2)) if jitter is None else jitter
    corner = {
        (i, j): (round(104 + size * (i + moved[i, j, 0]), 7), round(30 + size * (j + moved[i, j, 1]), 7))
        for i, j in itertools.product(range(columns + 1), range(rows + 1))
    }
    return {
        (i, j): shapely.Polygon([corner[i, j], corner[i + 1, j], corner[i + 1, j + 1], corner[i, j + 1]])
        for i, j in itertools.product(range(columns), range(rows))
    }


def told(findings: list[Any]) -> set[tuple[str | None, ...]]:
    return {(one.feature, *one.others) for one in findings}


def sound(findings: list[Any]) -> None:
    """Every finding has its shape, a place inside it, and its size as the ellipsoid has it."""
    for one in findings:
        assert one.geometry.is_valid and one.geometry.covers(shapely.Point(one.place))
        assert one.measured == pytest.approx(float(square_metres(np.array([one.geometry]))[0]), rel=1e-9)
        assert f"{one.measured:.1f}" in one.message.en and f"{one.measured:.1f}" in one.message.zh


# Overlaps


def test_neighbours_that_share_their_vertices_do_not_overlap(plan: Any) -> None:
    plan.gate = {"coverage": ["zones"]}
    plan.add("zones", list(lattice(4, 4).values()))
    assert plan.findings("overlap", "gap") == []


def test_an_overlap_is_told_once_with_both_features_its_shape_and_its_size(plan: Any) -> None:
    plan.gate = {"disjoint": ["zones"]}
    one, other = shapely.box(104, 30, 104.1, 30.1), shapely.box(104.09, 30.05, 104.2, 30.2)
    plan.add("zones", [one, other, shapely.box(105, 30, 105.1, 30.1)])
    (finding,) = plan.findings("overlap")
    sound([finding])
    assert (finding.feature, finding.others, finding.layer) == ("Z0000", ("Z0001",), "zones")
    assert finding.geometry.equals(one.intersection(other))


@pytest.mark.parametrize(("metres", "count"), [(0.5, 0), (0.99, 0), (1.01, 1), (20.0, 1)])
def test_an_overlap_counts_from_its_limit_on(plan: Any, metres: float, count: int) -> None:
    width, height = METRE[0] * metres**0.5, METRE[1] * metres**0.5
    plan.gate = {"disjoint": ["zones"]}
    corner = shapely.box(104.1 - width, 30.1 - height, 104.2, 30.2)
    plan.add("zones", [shapely.box(104, 30, 104.1, 30.1), corner])
    assert len(plan.findings("overlap")) == count


def test_the_limit_is_the_operators(plan: Any) -> None:
    plan.add("zones", [shapely.box(104, 30, 104.1, 30.1), shapely.box(104.09, 30.05, 104.2, 30.2)])
    reason = {"zh": "粗", "en": "coarse"}
    plan.gate = {"disjoint": ["zones"], "rules": {"overlap": {"limit": 1e9, "reason": reason}}}
    assert plan.findings("overlap") == []


def test_what_is_nowhere_wider_than_rounding_is_no_overlap_however_long(plan: Any) -> None:
    plan.gate = {"coverage": ["zones"]}
    low = shapely.Polygon([(104, 30), (105, 30), (105, 30.1), (104.5, 30.1 + STEP), (104, 30.1)])
    high = shapely.Polygon([(104, 30.1), (105, 30.1), (105, 30.2), (104, 30.2)])
    plan.add("zones", [low, high])
    (area,) = square_metres(np.array([low.intersection(high)]))
    assert area > 500
    assert plan.findings("overlap", "gap") == []


def test_the_same_polygon_twice_and_one_inside_another_overlap(plan: Any) -> None:
    plan.gate = {"coverage": ["zones"]}
    cells = lattice(3, 3)
    block = shapely.coverage_union_all([cells[0, 0], cells[1, 0]])
    plan.add("zones", [*cells.values(), cells[1, 1], block, shapely.box(104.24, 30.24, 104.26, 30.26)])
    found = plan.findings("overlap")
    sound(found)
    # In the order of the lattice: columns first.
    assert told(found) == {("Z0004", "Z0009"), ("Z0000", "Z0010"), ("Z0003", "Z0010"), ("Z0008", "Z0011")}


polygons = st.lists(
    st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), min_size=3, max_size=6),
    min_size=2,
    max_size=6,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(polygons)
def test_the_pairs_that_overlap_are_those_that_shapely_finds(plan: Any, corners: list[Any]) -> None:
    shapes = [shapely.Polygon([(104 + x / 50, 30 + y / 50) for x, y in one]) for one in corners]
    plan.gate = {"disjoint": ["zones"]}
    plan.add("zones", shapes)
    expected = {
        (f"Z{i:04}", f"Z{j:04}")
        for i, j in itertools.combinations(range(len(shapes)), 2)
        if shapes[i].is_valid and shapes[j].is_valid and shapes[i].intersection(shapes[j]).area > 1e-9
    }
    found = plan.findings("overlap")
    assert told(found) == expected
    sound(found)


jitters = st.integers(0, 2**32).map(lambda seed: np.random.default_rng(seed).uniform(-0.3, 0.3, (7, 7, 2)))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    jitters,
    st.integers(1, 4),
    st.integers(1, 4),
    st.integers(0, 3),
    st.floats(-0.2, 0.2),
    st.floats(-0.2, 0.2),
)
def test_one_vertex_moved_in_any_partition_is_found_where_it_is_and_nothing_else(
    plan: Any, jitter: Any, i: int, j: int, corner: int, dx: float, dy: float
) -> None:
    cells = lattice(6, 6, jitter=jitter)
    plan.gate = {"coverage": ["zones"]}
    plan.add("zones", list(cells.values()))
    assert plan.findings("overlap", "gap") == []

    xy = shapely.get_coordinates(cells[i, j])
    touched = [xy[(corner + 3) % 4], xy[corner].copy(), xy[(corner + 1) % 4]]
    xy[corner] = np.round(xy[corner] + 0.1 * np.array([dx, dy]), 7)
    moved = shapely.Polygon(xy[:4])
    assume(moved.is_valid)
    plan.add("zones", [moved if key == (i, j) else cell for key, cell in cells.items()])
    found = plan.findings("overlap", "gap")
    sound(found)

    others = [cell for key, cell in cells.items() if key != (i, j)]
    over = [part for cell in others for part in shapely.get_parts(moved.intersection(cell))]
    missing = shapely.difference(cells[i, j], shapely.union_all([moved, *others]))
    for rule, parts in (("overlap", over), ("gap", shapely.get_parts(missing).tolist())):
        expected = sum(part.area for part in parts if square_metres(np.array([part]))[0] > 1.5)
        of_rule = [one for one in found if one.rule == rule]
        assert sum(one.geometry.area for one in of_rule) == pytest.approx(expected, abs=2e-10)
    where = shapely.MultiPoint([*touched, xy[corner]]).convex_hull.buffer(STEP)
    for one in found:
        assert where.covers(one.geometry)
        name = f"Z{list(cells).index((i, j)):04}"
        assert name in (one.feature, *one.others)


# Gaps


def test_a_missing_zone_is_a_gap_with_its_neighbours_and_one_at_the_rim_is_none(plan: Any) -> None:
    plan.gate = {"coverage": ["zones"]}
    cells = lattice(3, 3)
    plan.add("zones", [cell for key, cell in cells.items() if key not in [(1, 1), (0, 0)]])
    (finding,) = plan.findings("gap")
    sound([finding])
    assert finding.geometry.equals(cells[1, 1]) and len(finding.others) == 7
    assert (finding.authority, finding.feature) == ("west", None)


@pytest.mark.parametrize(("metres", "count"), [(0.99, 0), (1.01, 1)])
def test_a_gap_counts_from_its_limit_on(plan: Any, metres: float, count: int) -> None:
    width, height = METRE[0] * metres**0.5, METRE[1] * metres**0.5
    plan.gate = {"coverage": ["zones"]}
    hole = shapely.box(104.05, 30.05, 104.05 + width, 30.05 + height)
    plan.add("zones", [shapely.box(104, 30, 104.1, 30.1).difference(hole)])
    assert len(plan.findings("gap")) == count


def test_a_hole_of_the_extent_is_no_gap_and_a_part_of_it_is(plan: Any) -> None:
    cells = lattice(3, 3)
    zones = [cell for key, cell in cells.items() if key != (1, 1)]
    plan.gate = {"coverage": ["zones"], "fill": [{"layer": "zones", "extent": "extent"}]}
    plan.add("zones", zones)
    plan.add("extent", [shapely.union_all(zones)])
    assert plan.findings("gap", "fill") == []
    half = shapely.intersection(cells[1, 1], shapely.box(104, 30, 104.15, 31))
    plan.add("extent", [shapely.union_all([*zones, half])])
    (finding,) = plan.findings("gap", "fill")
    assert finding.rule == "gap" and finding.geometry.equals(half)


def test_round_an_invalid_zone_no_gap_is_told(plan: Any) -> None:
    plan.gate = {"coverage": ["zones"]}
    cells = lattice(3, 3)
    xy = shapely.get_coordinates(cells[1, 1])
    cells[1, 1] = shapely.Polygon(xy[[0, 2, 1, 3]])
    assert not cells[1, 1].is_valid
    plan.add("zones", list(cells.values()))
    assert plan.findings("gap", "overlap") == []


# Layers that keep apart


def test_layers_that_must_keep_apart_are_told_at_the_one_named_first(plan: Any) -> None:
    plan.gate = {"apart": [{"layers": ["fields", "woods"]}]}
    field, wood = shapely.box(104, 30, 104.1, 30.1), shapely.box(104.05, 30, 104.2, 30.1)
    plan.add("woods", [wood])
    plan.add("fields", [field])
    (finding,) = plan.findings("apart")
    sound([finding])
    assert (finding.layer, finding.feature, finding.other_layer, finding.others) == (
        "fields",
        "F0000",
        "woods",
        ("W0000",),
    )
    assert finding.geometry.equals(field.intersection(wood))


def test_layers_that_only_touch_keep_apart_whether_or_not_their_vertices_match(plan: Any) -> None:
    plan.gate = {"apart": [{"layers": ["fields", "woods", "towns"]}]}
    plan.add("fields", [shapely.box(104, 30, 104.1, 30.1), shapely.box(104.2, 30, 104.3, 30.1)])
    plan.add("woods", [shapely.box(104.1, 30, 104.2, 30.1)])
    plan.add("towns", [shapely.box(104, 30.1, 104.25, 30.2)])
    assert plan.findings("apart") == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(polygons, polygons)
def test_the_pairs_of_layers_that_overlap_are_those_that_shapely_finds(
    plan: Any, first: list[Any], second: list[Any]
) -> None:
    layers = {
        name: [shapely.Polygon([(104 + x / 50, 30 + y / 50) for x, y in one]) for one in corners]
        for name, corners in (("a_layer", first), ("b_layer", second))
    }
    plan.gate = {"apart": [{"layers": list(layers)}]}
    for name, shapes in layers.items():
        plan.add(name, shapes)
    pairs = itertools.product(enumerate(layers["a_layer"]), enumerate(layers["b_layer"]))
    expected = {
        (f"A{i:04}", f"B{j:04}")
        for (i, one), (j, other) in pairs
        if one.is_valid and other.is_valid and one.intersection(other).area > 1e-9
    }
    assert told(plan.findings("apart")) == expected


# Units


def counties(plan: Any) -> None:
    """Two counties side by side, 104 to 105 to 106 degrees east, 30 to 31 north."""
    plan.gate = {"nest": [{"layer": "zones", "within": "counties", "by": "UNIT"}]}
    boxes = [shapely.box(104, 30, 105, 31), shapely.box(105, 30, 106, 31)]
    plan.add("counties", boxes, ids=["510001", "510002"])


def test_a_zone_in_its_county_nests_and_one_without_a_code_is_not_asked(plan: Any) -> None:
    counties(plan)
    zones = [
        shapely.box(104, 30, 105, 31),
        shapely.box(105.2, 30.2, 105.4, 30.4),
        shapely.box(107, 30, 108, 31),
    ]
    plan.add("zones", zones, ["510001", "510002", None])
    assert plan.findings("nest", "nest-unit") == []


def test_a_zone_that_reaches_beyond_is_told_with_what_is_outside(plan: Any) -> None:
    counties(plan)
    zones = [shapely.box(104.5, 30.5, 105.1, 30.6), shapely.box(104.1, 30.1, 104.2, 30.2)]
    plan.add("zones", zones, ["510001", "510001"])
    (finding,) = plan.findings("nest", "nest-unit")
    sound([finding])
    assert (finding.rule, finding.feature, finding.others, finding.other_layer) == (
        "nest",
        "Z0000",
        ("510001",),
        "counties",
    )
    assert finding.geometry.equals(shapely.box(105, 30.5, 105.1, 30.6))


@pytest.mark.parametrize(("metres", "count"), [(0.99, 0), (1.01, 1)])
def test_what_reaches_beyond_counts_from_the_limit_on(plan: Any, metres: float, count: int) -> None:
    counties(plan)
    width, height = METRE[0] * metres**0.5, METRE[1] * metres**0.5
    plan.add("zones", [shapely.box(104.9, 30, 105 + width, 30 + height)], ["510001"])
    assert len(plan.findings("nest")) == count


def test_a_county_that_is_not_there_is_told_at_the_field_of_each_zone(plan: Any) -> None:
    counties(plan)
    plan.add("zones", [shapely.box(104, 30, 105, 31)] * 2, ["510003", "510001"])
    (finding,) = plan.findings("nest", "nest-unit")
    assert (finding.rule, finding.feature, finding.field) == ("nest-unit", "Z0000", "UNIT")
    assert "510003" in finding.message.en


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=80)
@given(polygons, st.lists(st.sampled_from(["510001", "510002"]), min_size=6, max_size=6))
def test_what_reaches_beyond_is_what_shapely_finds(plan: Any, corners: list[Any], units: list[str]) -> None:
    counties(plan)
    shapes = [shapely.Polygon([(104.5 + x / 12, 30 + y / 13) for x, y in one]) for one in corners]
    plan.add("zones", shapes, units[: len(shapes)])
    county = dict(zip(["510001", "510002"], plan.tables["counties"].geometry))
    expected = {
        f"Z{i:04}": shape.difference(county[unit])
        for i, (shape, unit) in enumerate(zip(shapes, units))
        if shape.is_valid and shape.difference(county[unit]).area > 1e-9
    }
    found = plan.findings("nest")
    assert {one.feature for one in found} == set(expected)
    for one in found:
        assert one.geometry.area == pytest.approx(expected[one.feature].area, rel=1e-9)
    sound(found)


# Extents


def test_a_zone_missing_at_the_rim_leaves_the_extent_unfilled(plan: Any) -> None:
    plan.gate = {"coverage": ["zones"], "fill": [{"layer": "zones", "extent": "extent"}]}
    cells = lattice(3, 3)
    plan.add("extent", [shapely.union_all(list(cells.values()))])
    plan.add("zones", [cell for key, cell in cells.items() if key not in [(0, 0), (1, 1)]])
    found = plan.findings("gap", "fill")
    sound(found)
    assert {one.rule: one.geometry.equals(cells[key]) for one, key in zip(found, [(1, 1), (0, 0)])} == {
        "gap": True,
        "fill": True,
    }


def test_a_layer_that_is_no_coverage_has_its_holes_told_as_unfilled(plan: Any) -> None:
    plan.gate = {"fill": [{"layer": "zones", "extent": "extent"}]}
    cells = lattice(3, 3)
    plan.add("extent", [shapely.union_all(list(cells.values()))])
    plan.add("zones", [cell for key, cell in cells.items() if key != (1, 1)])
    (finding,) = plan.findings("gap", "fill")
    assert finding.rule == "fill" and finding.geometry.equals(cells[1, 1])


def test_only_the_features_named_are_to_be_filled_and_one_that_is_missing_is_told(plan: Any) -> None:
    fill = {"layer": "zones", "extent": "extent", "features": ["core"]}
    plan.gate = {"fill": [fill]}
    plan.add("zones", [shapely.box(104, 30, 105, 31)])
    both = [shapely.box(104, 30, 105, 31), shapely.box(104, 30, 106, 31)]
    plan.add("extent", both, ids=["core", "outer"])
    assert plan.findings("fill") == []
    plan.add("extent", both, ids=["inner", "outer"])
    (finding,) = plan.findings("fill")
    assert finding.feature == "core" and "does not exist" in finding.message.en


@pytest.mark.parametrize("layer", ["zones", "extent"])
def test_a_layer_that_could_not_be_read_whole_is_not_judged_as_a_whole(plan: Any, layer: str) -> None:
    plan.gate = {
        "coverage": ["zones"],
        "fill": [{"layer": "zones", "extent": "extent"}],
        "nest": [{"layer": "zones", "within": "extent", "by": "UNIT"}],
    }
    cells = lattice(3, 3)
    plan.add("extent", [shapely.union_all(list(cells.values()))], ids=["1"])
    plan.add("zones", [cell for key, cell in cells.items() if key != (0, 0)], ["1"] * 8)
    assert [one.rule for one in plan.findings("gap", "fill", "nest", "nest-unit")] == ["fill"]
    plan.unread = {layer}
    assert plan.findings("gap", "fill", "nest", "nest-unit") == []
