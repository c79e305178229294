"""The gate where two authorities meet: one line, vertex for vertex."""

from __future__ import annotations

import itertools
import random
from typing import Any

import numpy as np
import pytest
import shapely
from pyproj import Geod

GRID = 1e-7


def wiggle(count: int = 9) -> list[tuple[float, float]]:
    """A border from south to north that wanders about 105 degrees east, on the grid of the service."""
    return [(round(105 + 0.02 * ((i * 7) % 5), 7), round(30 + i / 10, 7)) for i in range(count)]


def provinces(west: list[tuple[float, float]], east: list[tuple[float, float]]) -> list[shapely.Polygon]:
    """The land on both sides, each with the border as it sees it."""
    return [
        shapely.Polygon([(104, west[-1][1]), (104, west[0][1]), *west]),
        shapely.Polygon([*reversed(east), (106, east[0][1]), (106, east[-1][1])]),
    ]


def found(bench: Any, shapes: list[Any], sides: list[str] | None = None) -> list[Any]:
    return list(bench.findings(shapes, authority=sides or ["west", "east"]))


def test_one_line_is_no_finding(bench: Any) -> None:
    assert found(bench, provinces(wiggle(), wiggle())) == []


def moved(dx: float) -> list[tuple[float, float]]:
    line = wiggle()
    line[4] = (line[4][0] + dx, line[4][1])
    return line


@pytest.mark.parametrize(("metres", "rule"), [(9.5, "border-mismatch"), (20.0, "border-gap")])
def test_a_mismatch_that_is_wider_than_the_limit_is_a_gap(bench: Any, metres: float, rule: str) -> None:
    east = [(x + metres / 96_000, y) for x, y in wiggle()]
    ends = [wiggle()[0], *east[1:-1], wiggle()[-1]]
    assert {f.rule for f in found(bench, provinces(wiggle(), ends))} == {rule}


@pytest.mark.parametrize("dx", [GRID, 1e-5, -GRID, -1e-5, -0.01])
def test_a_moved_vertex_is_told_to_both_authorities_with_its_place(bench: Any, dx: float) -> None:
    findings = found(bench, provinces(wiggle(), moved(dx)))
    assert {(finding.rule, finding.authority) for finding in findings} == {
        ("border-mismatch", "west"),
        ("border-mismatch", "east"),
    }
    assert {finding.feature for finding in findings} == {"P000000", "P000001"}
    for finding in findings:
        assert finding.geometry is not None and finding.measured == pytest.approx(
            min(abs(dx), 0.01) * 96_000, rel=0.5
        )
        assert finding.place is not None
        assert np.hypot(finding.place[0] - wiggle()[4][0], finding.place[1] - wiggle()[4][1]) < 0.15


def test_an_extra_vertex_on_the_same_line_is_a_mismatch(bench: Any) -> None:
    line = wiggle()
    line[5:5] = [((line[4][0] + line[5][0]) / 2, (line[4][1] + line[5][1]) / 2)]
    assert {f.rule for f in found(bench, provinces(wiggle(), line))} == {"border-mismatch"}


def test_a_narrow_gap_all_along_is_a_mismatch(bench: Any) -> None:
    east = [(x + 5e-5, y) for x, y in wiggle()]
    assert {f.rule for f in found(bench, provinces(wiggle(), east))} == {"border-mismatch"}


def test_a_wide_hole_between_them_is_a_gap_with_its_size(bench: Any) -> None:
    (finding,) = found(bench, provinces(wiggle(), moved(0.01)))
    assert (finding.rule, finding.authority) == ("border-gap", None)
    assert "west" in finding.message.en and "ha" in finding.message.en
    area, _ = Geod(ellps="GRS80").geometry_area_perimeter(finding.geometry)
    assert finding.measured == pytest.approx(abs(area), rel=1e-4)
    assert f"{finding.measured / 10_000:.2f} ha" in finding.message.en
    assert finding.geometry.covers(shapely.Point(finding.place))


def test_authorities_far_apart_do_not_meet(bench: Any) -> None:
    east = [(x + 0.5, y) for x, y in wiggle()]
    (finding,) = found(bench, provinces(wiggle(), east))
    assert finding.rule == "border-apart"


def test_a_layer_that_only_one_of_them_delivered_has_no_border(bench: Any, square: Any) -> None:
    assert found(bench, [square, shapely.box(105, 31, 105.1, 31.1)], ["west", "west"]) == []


def test_faults_within_one_side_are_not_the_borders(bench: Any) -> None:
    west, east = provinces(wiggle(), wiggle())
    twice = [west, west.intersection(shapely.box(104, 30, 104.6, 30.3)), east]
    assert found(bench, twice, ["west", "west", "east"]) == []


def counties(order: int = 0) -> tuple[list[Any], list[str]]:
    """Both sides cut into units that meet at vertices of the border, in an order of their own."""
    shapes, sides = [], []
    line = wiggle()
    for low, high in itertools.pairwise(range(0, 9, 2)):
        piece = line[low : high + 1]
        for side, shape in zip(("west", "east"), provinces(piece, piece)):
            shapes.append(shape)
            sides.append(side)
    both = list(zip(shapes, sides))
    random.Random(order).shuffle(both)
    return [shape for shape, _ in both], [side for _, side in both]


@pytest.mark.parametrize("order", range(3))
def test_units_that_meet_at_vertices_of_the_border_are_one_line(bench: Any, order: int) -> None:
    assert found(bench, *counties(order)) == []


def test_a_unit_that_ends_between_two_vertices_of_the_other_side_is_a_mismatch(bench: Any) -> None:
    west = [shapely.box(104, 30, 105, 30.3), shapely.box(104, 30.3, 105, 31)]
    findings = found(bench, [*west, shapely.box(105, 30, 106, 31)], ["west", "west", "east"])
    assert {finding.rule for finding in findings} == {"border-mismatch"}


def test_an_enclave_that_fits_is_no_finding_and_one_that_does_not_is_a_gap(bench: Any) -> None:
    hole = shapely.box(104.4, 30.4, 104.6, 30.6)
    west = shapely.box(104, 30, 105, 31).difference(hole)
    main = shapely.box(105, 30, 106, 31)
    assert found(bench, [west, main, hole], ["west", "east", "east"]) == []
    small = shapely.box(104.4, 30.4, 104.6, 30.5)
    findings = found(bench, [west, main, small], ["west", "east", "east"])
    assert {finding.rule for finding in findings} == {
        "border-gap",
        "border-mismatch",
    }  # its corner meets no vertex


def test_an_invalid_polygon_is_left_to_the_check_of_validity(bench: Any) -> None:
    bow = shapely.Polygon([(105, 30), (105.5, 31), (105.5, 30), (105, 31)])
    findings = found(bench, [*provinces(wiggle(), wiggle()), bow], ["west", "east", "east"])
    assert [finding.rule for finding in findings] == ["geometry-invalid"]
