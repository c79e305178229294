"""JSON-FG's times, places and root members, beyond what tests/conformance asks of documents."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyogrio
import pytest
import shapely

from releases import crs
from releases.formats import jsonfg
from releases.rendition import Rendition

INTERVAL = ("START", "END")


@pytest.mark.parametrize(
    "start, end, expected",
    [
        ("2020-01-01", "2021-12-31", ["2020-01-01", "2021-12-31"]),
        ("2020-01-01", "2020-01-01", ["2020-01-01", "2020-01-01"]),
        ("2020-01-01", None, ["2020-01-01", ".."]),
        (None, "2021-12-31T10:00:00Z", ["..", "2021-12-31T10:00:00Z"]),
        (
            "2020-01-01T10:00:00.5Z",
            "2021-12-31T10:00:00Z",
            ["2020-01-01T10:00:00.5Z", "2021-12-31T10:00:00Z"],
        ),
        # Both days or both moments.
        ("2020-01-01", "2021-12-31T10:00:00Z", ["2020-01-01T00:00:00Z", "2021-12-31T10:00:00Z"]),
        ("2020-01-01T10:00:00Z", "2020-01-01", ["2020-01-01T10:00:00Z", "2020-01-01T23:59:59.999Z"]),
        (None, None, None),
        # An interval does not end before it begins.
        ("2021-01-01", "2020-01-01", None),
        ("2020-01-01T10:00:00.5Z", "2020-01-01T10:00:00Z", None),
    ],
)
def test_two_fields_are_an_interval(start: str | None, end: str | None, expected: list[str] | None) -> None:
    found = jsonfg.time({"START": start, "END": end}, INTERVAL)
    assert found == (None if expected is None else {"interval": expected})


def test_one_field_is_a_day_or_a_moment() -> None:
    assert jsonfg.time({"AT": "2020-01-01"}, ("AT",)) == {"date": "2020-01-01"}
    assert jsonfg.time({"AT": "2020-01-01T10:00:00Z"}, ("AT",)) == {"timestamp": "2020-01-01T10:00:00Z"}
    assert jsonfg.time({"AT": None}, ("AT",)) is None


def test_a_time_is_not_shown_where_its_fields_are_not() -> None:
    assert jsonfg.time({"START": "2020-01-01"}, INTERVAL) is None
    assert jsonfg.time({"NAME": "x"}, ()) is None


def test_place_is_where_geometry_is_not_but_for_those_who_know_no_place(
    mixed: Any, written: Callable[..., bytes]
) -> None:
    def features(profile: str, code: str) -> list[dict[str, Any]]:
        subject = mixed.subject(Rendition(crs=code), profile=profile)
        return list(json.loads(written("jsonfg", mixed.chunks(), subject))["features"])

    published = [json.loads(text)["geometry"] for text in mixed.texts]
    for profile in ("jsonfg", "jsonfg-plus"):
        plain = features(profile, "OGC:CRS84")
        assert [one["geometry"] for one in plain] == published
        assert {one["place"] for one in plain} == {None}
    alone, beside = features("jsonfg", "EPSG:4523"), features("jsonfg-plus", "EPSG:4523")
    assert {one["geometry"] for one in alone} == {None}
    assert [one["place"] for one in alone] == [one["place"] for one in beside]
    assert [one["geometry"] for one in beside] == published
    assert [one["place"] is None for one in alone] == [shape is None for shape in published]


def test_the_root_says_what_the_document_is_of(
    polygons: Any, mixed: Any, written: Callable[..., bytes]
) -> None:
    document = json.loads(written("jsonfg", polygons.chunks(), polygons.subject(Rendition(crs="EPSG:4490"))))
    assert document["featureType"] == "parcels"
    assert document["featureSchema"] == "http://localhost/schema"
    assert document["coordRefSys"] == "http://www.opengis.net/def/crs/EPSG/0/4490"
    assert document["geometryDimension"] == 2
    assert "geometryDimension" not in json.loads(written("jsonfg", mixed.chunks(), mixed.subject()))


def test_a_feature_alone_is_a_root_itself(polygons: Any) -> None:
    subject = polygons.subject(Rendition(crs="EPSG:4523"), links=({"rel": "self", "href": "x"},))
    found = json.loads(jsonfg.feature(polygons.texts[5], subject))
    assert found["type"] == "Feature" and found["id"] == "00005"
    assert found["conformsTo"] == list(jsonfg.CONFORMS)
    assert found["links"] == [{"rel": "self", "href": "x"}]
    assert shapely.geometry.shape(found["place"]).is_valid


@pytest.mark.parametrize("code", ["OGC:CRS84", "EPSG:4490", "EPSG:4523"])
@pytest.mark.parametrize("profile", ["jsonfg", "jsonfg-plus"])
def test_gdal_reads_kind_crs_place_and_time(
    polygons: Any, code: str, profile: str, written: Callable[..., bytes], tmp_path: Path
) -> None:
    path = tmp_path / "parcels.json"
    path.write_bytes(
        written("jsonfg", polygons.chunks(), polygons.subject(Rendition(crs=code), profile=profile))
    )
    meta, _, geometry, values = pyogrio.raw.read(f"JSONFG:{path}", datetime_as_string=True)
    assert pyogrio.read_info(f"JSONFG:{path}")["layer_name"] == "parcels"
    assert meta["crs"] == ("EPSG:4326" if code == "OGC:CRS84" else code)
    assert (shapely.from_wkb(geometry) == crs.from_storage_xy(polygons.table.geometry, code)).all()
    found = dict(zip(meta["fields"], values, strict=True))
    assert found["time_start"].tolist() == polygons.table.values["SINCE"].tolist()
    assert found["time_end"].tolist() == polygons.table.values["UNTIL"].tolist()
