"""Coordinates that belie the CRS they are declared in, in every way that people mix up."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyproj
import pytest
import shapely

#: The region of the office is 105 to 109 degrees east.
LAKES = [shapely.box(106.1 + i / 10, 29.1, 106.15 + i / 10, 29.2) for i in range(3)]


def in_crs(code: str, turned: bool = False, shapes: list[Any] = LAKES) -> list[Any]:
    """The lakes with the coordinates that they have in a CRS, x before y unless turned."""
    to = pyproj.Transformer.from_crs("EPSG:4490", code, always_xy=True).transform

    def moved(xy: Any) -> Any:
        there = np.column_stack(to(xy[:, 0], xy[:, 1]))
        return there[:, ::-1] if turned else there

    return [shapely.transform(lake, moved) for lake in shapes]


SOUND = [
    "EPSG:4490",
    "EPSG:4326",
    "EPSG:4523",
    "EPSG:4524",
    "EPSG:4544",
    "EPSG:4545",
    "EPSG:4509",
    "EPSG:3857",
]


@pytest.mark.parametrize("code", SOUND)
def test_coordinates_that_are_what_is_declared_are_no_fault(office: Any, code: str) -> None:
    office.write("lakes.gpkg", shapes=in_crs(code), crs=code)
    assert len(office.table({"path": "lakes.gpkg", "crs": code})) == 3


@pytest.mark.parametrize(
    ("given", "declared", "rule", "told"),
    [
        ("EPSG:4490", "EPSG:4524", "crs-label", "are degrees"),
        ("EPSG:4490", "EPSG:3857", "crs-label", "are degrees"),
        ("EPSG:4524", "EPSG:4490", "crs-label", "it looks like zone 36, middle meridian 108"),
        ("EPSG:4496", "EPSG:4490", "crs-label", "it looks like zone 18, middle meridian 105"),
        ("EPSG:4545", "EPSG:4490", "crs-label", "are metres"),
        ("EPSG:4545", "EPSG:4524", "crs-label", "have the zone's number 36 in front"),
        ("EPSG:4524", "EPSG:4545", "crs-label", "have no number of a zone in front"),
        ("EPSG:4523", "EPSG:4524", "wrong-zone", "the zone of 105"),
        ("EPSG:4525", "EPSG:4524", "wrong-zone", "the zone of 111"),
        ("EPSG:4523", "EPSG:4545", "wrong-zone", "the zone of 105"),
        ("EPSG:4496", "EPSG:4524", "wrong-zone", "the zone of 105"),
        ("EPSG:4544", "EPSG:4546", "wrong-zone", "the zone of 105"),
    ],
)
def test_coordinates_that_are_something_else_are_told_as_what_they_are(
    office: Any, given: str, declared: str, rule: str, told: str
) -> None:
    office.write("lakes.gpkg", shapes=in_crs(given), crs=declared)
    finding = office.refusal(path="lakes.gpkg", crs=declared)
    assert finding.rule == rule
    assert told in finding.message.en
    assert finding.message.zh != finding.message.en


@pytest.mark.parametrize("code", ["EPSG:4524", "EPSG:4545", "EPSG:3857"])
def test_northing_before_easting_is_told_as_exchanged(office: Any, code: str) -> None:
    office.write("lakes.gpkg", shapes=in_crs(code, turned=True), crs=code)
    finding = office.refusal(path="lakes.gpkg", crs=code)
    assert finding.rule == "swapped-axes" and "easting should come first" in finding.message.en


def test_another_zone_that_is_in_the_region_too_is_left_to_the_gate(office: Any) -> None:
    west = [shapely.box(105.1 + i / 10, 29.1, 105.15 + i / 10, 29.2) for i in range(3)]
    office.write("lakes.gpkg", shapes=in_crs("EPSG:4544", shapes=west), crs="EPSG:4545")
    table = office.table({"path": "lakes.gpkg", "crs": "EPSG:4545"})
    assert shapely.total_bounds(table.geometry)[0] == pytest.approx(108.1)


def test_a_number_of_another_zone_is_told_even_where_the_region_holds_both(office: Any) -> None:
    office.bbox = (96, 26, 110, 34)
    office.write("lakes.gpkg", shapes=in_crs("EPSG:4523"), crs="EPSG:4524")
    finding = office.refusal(path="lakes.gpkg", crs="EPSG:4524")
    assert finding.rule == "wrong-zone" and "the zone of 105" in finding.message.en


@pytest.mark.parametrize("code", ["EPSG:4490", "EPSG:4524", "EPSG:3857"])
def test_what_is_nowhere_near_however_it_is_read_is_left_to_the_gate(office: Any, code: str) -> None:
    far = (
        [shapely.box(1, 1, 2, 2)] * 3
        if code == "EPSG:4490"
        else [shapely.box(1e6, 9e6, 1e6 + 5, 9e6 + 5)] * 3
    )
    office.write("lakes.gpkg", shapes=far, crs=code)
    _, findings = office.read({"path": "lakes.gpkg", "crs": code})
    assert [one.rule for one in findings if one.severity == "refuse"] == []


def test_a_single_stray_feature_does_not_make_the_label_wrong(office: Any) -> None:
    shapes = [*in_crs("EPSG:4490")[:2], in_crs("EPSG:4524")[2]]
    office.write("lakes.gpkg", shapes=shapes, crs="EPSG:4490")
    _, findings = office.read({"path": "lakes.gpkg", "crs": "EPSG:4490"})
    assert [one.rule for one in findings if one.severity == "refuse"] == []


@pytest.mark.parametrize("shapes", [[None] * 3, [shapely.MultiPolygon()] * 3])
def test_a_source_without_coordinates_has_no_wrong_ones(office: Any, shapes: list[Any]) -> None:
    office.write("lakes.gpkg", shapes=shapes, crs="EPSG:4524")
    _, findings = office.read({"path": "lakes.gpkg", "crs": "EPSG:4524"})
    assert [one.rule for one in findings if one.severity == "refuse"] == []
