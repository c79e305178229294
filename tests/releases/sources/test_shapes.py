"""Geometries that a release cannot hold are findings; other spellings of the same shape are not."""

from __future__ import annotations

import sqlite3
import struct
from typing import Any

import numpy as np
import pytest
import shapely
from shapely import from_wkt

POINT = {"type": "Point", "coordinates": [106.5, 29.5]}
LAKE = {"CODE": "L1", "NAME": "湖"}


TRIANGLE = "((106 29, 107 29, 107 30, 106 29))"


@pytest.mark.parametrize(
    ("kind", "single", "multi"),
    [
        ("MultiPoint", "POINT (106 29)", "MULTIPOINT ((106 29))"),
        ("MultiLineString", "LINESTRING (106 29, 107 30)", "MULTILINESTRING ((106 29, 107 30))"),
        ("MultiPolygon", f"POLYGON {TRIANGLE}", f"MULTIPOLYGON ({TRIANGLE})"),
        ("Point", "POINT (106 29)", "POINT (106 29)"),
        ("Geometry", f"POLYGON {TRIANGLE}", f"POLYGON {TRIANGLE}"),
    ],
)
def test_a_single_becomes_a_multi_where_the_layer_has_multis(
    office: Any, kind: str, single: str, multi: str
) -> None:
    office.layer |= {"geometry": kind}
    office.write("lakes.gpkg", [LAKE], [from_wkt(single)])
    (geometry,) = office.table({"path": "lakes.gpkg"}).geometry
    assert geometry.wkt == multi


def test_a_collection_of_kinds_stays_one_and_its_rings_are_wound(office: Any) -> None:
    office.layer |= {"geometry": "Geometry"}
    clockwise = shapely.Polygon([(106, 29), (106, 30), (107, 30)])
    office.write("lakes.gpkg", [LAKE], [shapely.GeometryCollection([clockwise, shapely.Point(106, 29)])])
    (geometry,) = office.table({"path": "lakes.gpkg"}).geometry
    assert [part.geom_type for part in geometry.geoms] == ["Polygon", "Point"]
    assert shapely.is_ccw(geometry.geoms[0].exterior)


@pytest.mark.parametrize("name", ["lakes.gpkg", "lakes.shp", "lakes.fgb", "lakes.geojson"])
def test_heights_are_a_finding_of_each_feature(office: Any, name: str) -> None:
    office.layer |= {"geometry": "Point"}
    office.write(name, shapes=[shapely.Point(106, 29, 300), None, shapely.Point(107, 30, 0)])
    findings = office.read({"path": name})[1]
    assert [(finding.rule, finding.feature) for finding in findings] == [
        ("geometry-z", "L3"),
        ("geometry-z", "L2"),
    ]
    assert findings[0].place == (106, 29)


def geopackage(office: Any, wkb: bytes, kind: str = "GEOMETRY") -> None:
    """One lake whose geometry is this well-known binary, which GDAL would not write for us."""
    path = office.write("lakes.gpkg", [LAKE], [shapely.Point(106, 29)])
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE lakes SET geom = ?", (b"GP\x00\x01" + struct.pack("<i", 4490) + wkb,))
        connection.execute("UPDATE gpkg_geometry_columns SET geometry_type_name = ?, m = 2", (kind,))
    connection.close()


ARC = struct.pack("<BII6d", 1, 8, 3, 106, 29, 107, 30, 108, 29)
CURVES = {
    "circular string": ARC,
    "compound curve": struct.pack("<BII", 1, 9, 1) + ARC,
    "multi curve": struct.pack("<BII", 1, 11, 1) + ARC,
    "curve polygon": struct.pack("<BII", 1, 10, 1)
    + struct.pack("<BII6d", 1, 8, 3, 106, 29, 107, 30, 106, 29),
}


@pytest.mark.parametrize("wkb", CURVES.values(), ids=CURVES)
def test_arcs_are_a_finding_and_not_straightened_in_silence(office: Any, wkb: bytes) -> None:
    office.layer |= {"geometry": "Geometry"}
    geopackage(office, wkb)
    finding = office.refusal(path="lakes.gpkg")
    assert (finding.rule, finding.feature) == ("geometry-curve", "L1")


def test_a_table_of_curves_is_refused(office: Any) -> None:
    geopackage(office, CURVES["curve polygon"], "CURVEPOLYGON")
    assert office.refusal(path="lakes.gpkg").rule == "geometry-curve"


def test_measures_are_a_finding(office: Any) -> None:
    office.layer |= {"geometry": "Point"}
    geopackage(office, struct.pack("<BI3d", 1, 2001, 106, 29, 7), "POINT")
    assert office.refusal(path="lakes.gpkg").rule == "geometry-measured"


@pytest.mark.parametrize(
    "geometry",
    [
        {"type": "Point", "coordinates": ["a", 2]},
        {"type": "Point", "coordinates": [106]},
        {"type": "Circle", "coordinates": [106, 29]},
        {"type": "LineString", "coordinates": [[106, 29]]},
        {"type": "Polygon", "coordinates": [[[106, 29], [107, 29], [107, 30]]]},
        {"type": "Polygon", "coordinates": [[[106, 29], [107, 29]]]},
        {},
    ],
    ids=["text", "half", "circle", "one vertex", "open ring", "no ring", "nothing"],
)
def test_a_geometry_that_cannot_be_read_is_a_finding_and_no_null(
    office: Any, geometry: dict[str, Any]
) -> None:
    office.layer |= {"geometry": "Geometry"}
    office.write_geojson("lakes.geojson", (geometry, LAKE), (POINT, {**LAKE, "CODE": "L2"}))
    finding = office.refusal(path="lakes.geojson")
    assert (finding.rule, finding.feature) == ("geometry-unreadable", "L1")


def test_a_blob_that_is_no_geometry_is_a_finding_and_no_null(office: Any) -> None:
    path = office.write("lakes.gpkg", [LAKE], [shapely.Point(106, 29)])
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE lakes SET geom = ?", (b"hello, is this the way to the lake",))
    connection.close()
    assert office.refusal(path="lakes.gpkg").rule == "geometry-unreadable"


@pytest.mark.parametrize("name", ["lakes.gpkg", "lakes.geojson", "lakes.shp", "lakes.fgb"])
def test_a_null_geometry_stays_null(office: Any, name: str) -> None:
    office.write(name, shapes=[None, None, None])
    assert office.table({"path": name}).geometry.tolist() == [None, None, None]


def test_an_empty_geometry_stays_empty_for_the_gate_to_see(office: Any) -> None:
    office.write("lakes.gpkg", [LAKE], [from_wkt("POLYGON EMPTY")])
    (geometry,) = office.table({"path": "lakes.gpkg"}).geometry
    assert geometry.is_empty


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_is_not_finite_stays_for_the_gate_to_see(office: Any, bad: float) -> None:
    path = office.write("lakes.gpkg", [LAKE], [shapely.box(106, 29, 107, 30)])
    ring = struct.pack("<I8d", 4, 106, 29, 107, 29, bad, 30, 106, 29)
    with sqlite3.connect(path) as connection:
        blob = b"GP\x00\x01" + struct.pack("<iBII", 4490, 1, 3, 1) + ring
        connection.execute("UPDATE lakes SET geom = ?", (blob,))
    connection.close()
    (geometry,) = office.table({"path": "lakes.gpkg"}).geometry
    assert np.isfinite(shapely.get_coordinates(geometry)).sum() == 7


def test_what_gdal_warns_of_is_told(office: Any) -> None:
    office.layer |= {"geometry": "Point"}
    geopackage(office, struct.pack("<BI2d", 1, 1, 106, 30), "LINESTRING")
    told = [finding for finding in office.read({"path": "lakes.gpkg"})[1] if finding.rule == "reader-warning"]
    assert [finding.severity for finding in told] == ["note"]
    assert "LINESTRING" in told[0].message.en
