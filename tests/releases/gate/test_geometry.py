"""The gate on geometries: there, of the right kind, finite, where the region is, valid."""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely import from_wkt


def test_a_null_is_a_finding_only_where_a_geometry_is_required(bench: Any) -> None:
    assert bench.rules([None]) == [("geometry-missing", "P000000")]
    bench.layer |= {"geometry_required": False}
    assert bench.rules([None]) == []


@pytest.mark.parametrize("wkt", ["MULTIPOLYGON EMPTY", "POINT EMPTY", "GEOMETRYCOLLECTION EMPTY"])
@pytest.mark.parametrize("required", [True, False])
def test_an_empty_geometry_is_never_a_geometry(bench: Any, wkt: str, required: bool) -> None:
    bench.layer |= {"geometry_required": required}
    assert bench.rules([from_wkt(wkt)]) == [("geometry-empty", "P000000")]


@pytest.mark.parametrize(
    "wkt",
    [
        "POINT (104 30)",
        "LINESTRING (104 30, 105 30)",
        "GEOMETRYCOLLECTION (POLYGON ((104 30, 105 30, 105 31, 104 30)))",
    ],
)
def test_a_geometry_of_another_kind_is_named_with_both_kinds(bench: Any, wkt: str) -> None:
    (finding,) = bench.findings([from_wkt(wkt)])
    assert finding.rule == "geometry-kind"
    assert "MultiPolygon" in finding.message.en and "多面" in finding.message.zh
    assert finding.place == (104, 30)


def test_a_layer_of_mixed_kinds_takes_each(bench: Any, square: Any) -> None:
    bench.layer |= {"geometry": "Geometry"}
    shapes = [square, shapely.Point(104, 30), shapely.GeometryCollection([square, shapely.Point(104, 30)])]
    assert bench.rules(shapes) == []


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_coordinate_that_is_not_finite_is_one_finding(bench: Any, bad: float) -> None:
    ring = struct.pack("<BII8d", 1, 1, 4, 104, 30, 105, 30, bad, 31, 104, 30)
    wkb = struct.pack("<BII", 1, 6, 1) + struct.pack("<BI", 1, 3) + ring[5 - 4 :]
    with np.errstate(invalid="ignore"):
        geometry = shapely.from_wkb(wkb)
    (finding,) = bench.findings([geometry])
    assert finding.rule == "not-finite"


@pytest.mark.parametrize(
    "box",
    [(10, 30, 11, 31), (104, 36, 105, 37), (99.9, 30, 104, 31), (104, 30, 110.0000001, 31), (0, 0, 1, 1)],
)
def test_a_feature_that_is_not_within_the_region_is_outside(bench: Any, box: tuple[float, ...]) -> None:
    (finding,) = bench.findings([shapely.box(*box)])
    assert finding.rule == "outside-region"
    assert "100, 25, 110, 35" in finding.message.en


def test_a_single_stray_vertex_is_outside(bench: Any) -> None:
    stray = shapely.Polygon([(104, 30), (105, 30), (105, 31), (90, 40)])
    assert bench.rules([stray]) == [("outside-region", "P000000")]


def test_a_feature_may_fill_the_region(bench: Any) -> None:
    assert bench.rules([shapely.box(100, 25, 110, 35)]) == []


def test_latitude_before_longitude_is_called_that(bench: Any) -> None:
    (finding,) = bench.findings([shapely.box(30, 104, 31, 105)])
    assert finding.rule == "swapped-axes"
    assert "longitude comes before latitude" in finding.message.en


@pytest.mark.parametrize(
    ("wkt", "reason", "place"),
    [
        ("POLYGON ((104 30, 105 31, 105 30, 104 31, 104 30))", "Self-intersection", (104.5, 30.5)),
        (
            "POLYGON ((104 30, 106 30, 106 32, 104 32, 104 30), (107 31, 108 31, 108 30, 107 31))",
            "Hole lies outside shell",
            (107, 31),
        ),
    ],
)
def test_an_invalid_geometry_is_told_with_reason_and_place(
    bench: Any, wkt: str, reason: str, place: tuple[float, float]
) -> None:
    (finding,) = bench.findings([from_wkt(wkt)])
    assert finding.rule == "geometry-invalid"
    assert reason in finding.message.en
    assert reason not in finding.message.zh
    assert finding.place == pytest.approx(place)


coordinate = st.integers(0, 30)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100)
@given(st.lists(st.tuples(coordinate, coordinate), min_size=3, max_size=8))
def test_the_gate_calls_invalid_what_geos_does_and_each_reason_has_its_chinese(
    bench: Any, corners: list[tuple[int, int]]
) -> None:
    polygon = shapely.Polygon([(104 + x / 10, 30 + y / 10) for x, y in corners])
    findings = [one for one in bench.findings([polygon]) if one.rule == "geometry-invalid"]
    assert len(findings) == (not polygon.is_valid)
    for finding in findings:
        assert finding.place is not None
        assert not any(word in finding.message.zh for word in ("Self", "Ring", "Point", "Hole"))
