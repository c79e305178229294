"""The CRS a file names against the one its authority declares."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pyproj
import pytest
import shapely

from releases.sources.fault import SourceFault
from releases.sources.reference import label, reference

#: The same CRS as other programs write it: other names, no code, no axes.
DIALECTS = {
    "EPSG:4524": [
        'PROJCS["zone 36",GEOGCS["China Geodetic Coordinate System 2000",DATUM["China_2000",'
        'SPHEROID["CGCS2000",6378137,298.257222101]],PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]],'
        'PROJECTION["Transverse_Mercator"],PARAMETER["latitude_of_origin",0],PARAMETER["central_meridian",108],'
        'PARAMETER["scale_factor",1],PARAMETER["false_easting",36500000],PARAMETER["false_northing",0],'
        'UNIT["metre",1]]',
        'PROJCS["CGCS2000_3_Degree_GK_Zone_36",GEOGCS["GCS_China_Geodetic_Coordinate_System_2000",'
        'DATUM["D_China_2000",SPHEROID["CGCS2000",6378137.0,298.257222101]],PRIMEM["Greenwich",0.0],'
        'UNIT["Degree",0.0174532925199433]],PROJECTION["Gauss_Kruger"],PARAMETER["False_Easting",36500000.0],'
        'PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",108.0],PARAMETER["Scale_Factor",1.0],'
        'PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]',
    ],
    "EPSG:4490": [
        'GEOGCS["GCS_China_Geodetic_Coordinate_System_2000",DATUM["D_China_2000",'
        'SPHEROID["CGCS2000",6378137.0,298.257222101]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]'
    ],
    "OGC:CRS84": ["EPSG:4326", "OGC:CRS84", "EPSG:4979"],
    "EPSG:4326": ["OGC:CRS84"],
}
NEARLY = {
    "EPSG:4524": ["EPSG:4523", "EPSG:4512", "EPSG:4549", "EPSG:4490"],
    "EPSG:4490": ["EPSG:4326"],
    "OGC:CRS84": ["EPSG:4490", "EPSG:3857"],
}


@pytest.mark.parametrize(("code", "found"), [(c, f) for c, all in DIALECTS.items() for f in all])
def test_other_names_for_the_declared_crs_are_no_fault(code: str, found: str) -> None:
    assert reference(found, code) == pyproj.CRS.from_user_input(code)


@pytest.mark.parametrize(("code", "found"), [(c, f) for c, all in NEARLY.items() for f in all])
@pytest.mark.parametrize("as_esri", [False, True])
def test_a_similar_crs_is_another(office: Any, code: str, found: str, as_esri: bool) -> None:
    office.write("lakes.shp", shapes=[None] * 3, crs=found)
    if as_esri:
        (office.data / "lakes.prj").write_text(pyproj.CRS(found).to_wkt("WKT1_ESRI"))
    finding = office.refusal(path="lakes.shp", crs=code)
    assert finding.rule == "crs-other"
    assert code in finding.message.en


#: Degrees, zones of six and of three degrees with and without numbers, and the New Beijing of 1:50,000 maps.
OLD = {
    "Xian 1980": ["EPSG:4610", "EPSG:2332", "EPSG:2360", "EPSG:2363", "EPSG:2381"],
    "Beijing 1954": ["EPSG:4214", "EPSG:2412", "EPSG:2436", "EPSG:4555", "EPSG:21418"],
}


@pytest.mark.parametrize(("name", "found"), [(name, code) for name, codes in OLD.items() for code in codes])
@pytest.mark.parametrize("as_esri", [False, True])
@pytest.mark.parametrize("declared", [True, False])
def test_a_datum_before_cgcs2000_is_told_with_what_to_do_even_when_it_is_declared(
    name: str, found: str, as_esri: bool, declared: bool
) -> None:
    crs = pyproj.CRS(found)
    with pytest.raises(SourceFault) as caught:
        reference(crs.to_wkt("WKT1_ESRI") if as_esri else found, found if declared else "EPSG:4490")
    assert caught.value.rule == "crs-datum"
    assert name in caught.value.message.en and "transform" in caught.value.message.en


@pytest.mark.parametrize(
    "code", ["EPSG:4490", "EPSG:4524", "EPSG:4545", "EPSG:4326", "EPSG:32648", "EPSG:4547"]
)
def test_a_datum_of_today_is_none_of_those(code: str) -> None:
    for found in (code, pyproj.CRS(code).to_wkt("WKT1_ESRI")):
        assert reference(found, code) == pyproj.CRS(code)


@pytest.mark.parametrize("declared", [None, "EPSG:4490"])
def test_a_shapefile_without_a_prj_is_refused_whatever_is_declared(office: Any, declared: str | None) -> None:
    office.write("lakes.shp").with_suffix(".prj").unlink()
    assert office.refusal(path="lakes.shp", crs=declared).rule == "crs-missing"


def test_a_geopackage_without_a_crs_is_refused(office: Any) -> None:
    office.write("lakes.gpkg", crs=None)
    assert office.refusal(path="lakes.gpkg", crs="EPSG:4490").rule == "crs-missing"


@pytest.mark.parametrize("undefined", [-1, 0])
def test_an_undefined_crs_of_a_geopackage_is_none(office: Any, undefined: int) -> None:
    path = office.write("lakes.gpkg")
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE gpkg_geometry_columns SET srs_id = ?", (undefined,))
    connection.close()
    assert office.refusal(path="lakes.gpkg", crs="EPSG:4490").rule == "crs-missing"


def test_a_prj_that_nobody_understands_is_refused(office: Any) -> None:
    office.write("lakes.shp").with_suffix(".prj").write_text("CGCS2000 zone 36, ask Wang")
    assert office.refusal(path="lakes.shp", crs="EPSG:4490").rule in {"crs-missing", "crs-unreadable"}


def test_without_a_declaration_the_file_decides(office: Any) -> None:
    easting, northing = pyproj.Transformer.from_crs(4490, 4524, always_xy=True).transform(106.5, 29.5)
    office.layer |= {"geometry": "Point"}
    office.write("lakes.shp", shapes=[shapely.Point(easting, northing), None, None], crs="EPSG:4524")
    table = office.table({"path": "lakes.shp"})
    assert shapely.get_coordinates(table.geometry).tolist() == [[106.5, 29.5]]


def test_geojson_is_wgs_84_with_longitude_first(office: Any) -> None:
    office.layer |= {"geometry": "Point"}
    office.write_geojson(
        "lakes.geojson", ({"type": "Point", "coordinates": [106.5, 29.5]}, {"CODE": "1", "NAME": "湖"})
    )
    table = office.table({"path": "lakes.geojson", "crs": "OGC:CRS84"})
    assert shapely.get_coordinates(table.geometry).tolist() == [[106.5, 29.5]]


def test_exchanged_easting_and_northing_are_recognised(office: Any, tmp_path: Path) -> None:
    easting, northing = pyproj.Transformer.from_crs(4490, 4524, always_xy=True).transform(106.5, 29.5)
    office.write(
        "lakes.gpkg", shapes=[shapely.Point(northing, easting).buffer(500), None, None], crs="EPSG:4524"
    )
    assert office.refusal(path="lakes.gpkg", crs="EPSG:4524").rule == "swapped-axes"


def test_a_crs_without_a_code_goes_by_its_name() -> None:
    assert label(pyproj.CRS("EPSG:4524")) == "EPSG:4524"
    assert label(pyproj.CRS("+proj=tmerc +lon_0=107.3 +ellps=GRS80")) == "unknown"


def test_a_prj_in_gbk_is_refused(office: Any) -> None:
    prj = office.write("lakes.shp").with_suffix(".prj")
    prj.write_bytes(prj.read_text().replace("GCS_", "国家大地_").encode("gbk"))
    assert office.refusal(path="lakes.shp", crs="EPSG:4490").rule == "crs-unreadable"
