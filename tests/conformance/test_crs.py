"""The abstract tests of OGC 18-058r1 (Features Part 2), annex A, one by one: `test_crs_uri` in `TestCrs` is /conf/crs/crs-uri.

Every collection and every CRS that it lists is tried; coordinates are brought over by pyproj with the axis order of each
CRS's authority.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

import numpy as np
import pyproj
import pytest
import shapely
from shapely.geometry import shape

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
#: OGC Name Type Specification (09-048r5, 6.2): authority, version, code.
OGC_URI = re.compile(r"http://www\.opengis\.net/def/crs/[A-Za-z0-9_]+/[0-9.]+/[A-Za-z0-9]+")
UNKNOWN = (
    "http://www.opengis.net/def/crs/EPSG/0/4979",
    "http://www.opengis.net/def/crs/EPSG/0/9999",
    "http://www.example.com/crs/1",
    "EPSG:4326",
    "#/crs",
)
#: What a test engine's own conversion may differ by: a tenth of a metre, in degrees and metres.
NEAR = {True: 1e-6, False: 0.1}
Json = Callable[..., Any]
Get = Callable[..., Any]


@lru_cache
def known(uri: str) -> pyproj.CRS:
    """The CRS of a URI as PROJ knows it."""
    authority, _, code = uri.removeprefix("http://www.opengis.net/def/crs/").split("/")
    return pyproj.CRS.from_authority(authority, code)


@lru_cache
def to(uri: str) -> pyproj.Transformer:
    """From the default CRS into another, both in the order of their axes; CGCS2000 and WGS 84 are joined by a null step."""
    crs = known(uri)
    source = pyproj.CRS("EPSG:4490") if crs.datum.name == "China 2000" else pyproj.CRS(CRS84)
    return pyproj.Transformer.from_crs(source, crs, always_xy=True)


def turned(uri: str) -> bool:
    return str(known(uri).axis_info[0].direction) == "north"


def converted(geometry: Any, uri: str) -> Any:
    """A geometry of the default CRS in another, in the order of its axes."""

    def convert(xy: Any) -> Any:
        found = np.column_stack(to(uri).transform(xy[:, 0], xy[:, 1]))
        return found[:, ::-1] if turned(uri) else found

    return shapely.transform(geometry, convert)


def items(collection: str, **query: str) -> str:
    """The address of a collection's items."""
    asked = urlencode({name.replace("_", "-"): value for name, value in query.items()})
    return f"/collections/{collection}/items?{asked}"


def geometries(document: dict[str, Any]) -> dict[Any, Any]:
    return {one["id"]: one["geometry"] and shape(one["geometry"]) for one in document["features"]}


@pytest.fixture(scope="module")
def collections(json: Json) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json("/collections")["collections"]
    return [one for one in found if "spatial" in one.get("extent", {})]


@pytest.fixture(scope="module")
def offered(json: Json, collections: Any) -> list[tuple[str, str]]:
    """Every collection with every CRS of it."""
    every = json("/collections")["crs"]
    return [
        (one["id"], uri)
        for one in collections
        for listed in one["crs"]
        for uri in (every if listed == "#/crs" else [listed])
    ]


class TestCrs:
    def test_crs_uri(self, json: Json) -> None:
        everywhere = json("/collections")
        assert everywhere["crs"]
        for uri in everywhere["crs"]:
            assert OGC_URI.fullmatch(uri)
        for one in everywhere["collections"]:
            alone = json(f"/collections/{one['id']}")
            for document in (one, alone):
                pointers = [uri for uri in document["crs"] if uri == "#/crs"]
                assert len(pointers) <= (document is one)
                for uri in (*document["crs"], document["storageCrs"]):
                    assert uri == "#/crs" or OGC_URI.fullmatch(uri)

    def test_default_crs(self, json: Json, collections: Any) -> None:
        everywhere = json("/collections")["crs"]
        for one in collections:
            assert CRS84 in one["crs"] or ("#/crs" in one["crs"] and CRS84 in everywhere)
            assert CRS84 in json(f"/collections/{one['id']}")["crs"]

    def test_storage_crs(self, json: Json, collections: Any) -> None:
        everywhere = json("/collections")["crs"]
        for one in collections:
            assert one["storageCrs"] in (everywhere if "#/crs" in one["crs"] else one["crs"])
            alone = json(f"/collections/{one['id']}")
            assert alone["storageCrs"] in alone["crs"]

    def test_crs_parameter(self, get: Get, offered: Any) -> None:
        for collection, uri in offered:
            page = get(items(collection, crs=uri, limit="3"))
            assert page.headers["Content-Crs"] == f"<{uri}>"
            assert page.json["type"] == "FeatureCollection" and page.json["features"]
            [first, *_] = page.json["features"]
            one = get(f"/collections/{collection}/items/{first['id']}?{urlencode({'crs': uri})}")
            assert one.headers["Content-Crs"] == f"<{uri}>"
            assert {**one.json, "links": None} == {**first, "links": None}

    @pytest.mark.parametrize("name", UNKNOWN)
    def test_crs_parameter_invalid(self, get: Get, collections: Any, name: str) -> None:
        for one in collections:
            [first] = get(items(one["id"], limit="1")).json["features"]
            for path in (
                items(one["id"], crs=name),
                f"{items(one['id']).rstrip('?')}/{first['id']}?crs={name}",
            ):
                path = path.replace("#", "%23")
                told = get(path, 400, Accept_Language="en").json["errors"]
                assert [fault["parameter"] for fault in told] == ["crs"]
                assert CRS84 in told[0]["expected"]

    def test_crs_parameter_default(self, get: Get, collections: Any) -> None:
        for one in collections:
            page = get(items(one["id"], limit="1"))
            assert page.headers["Content-Crs"] == f"<{CRS84}>"
            [first] = page.json["features"]
            assert get(f"/collections/{one['id']}/items/{first['id']}").headers["Content-Crs"] == f"<{CRS84}>"

    def test_crs_parameter_transform(self, get: Get, offered: Any) -> None:
        for collection, uri in offered:
            default = geometries(get(items(collection, limit="20")).json)
            there = geometries(get(items(collection, limit="20", crs=uri)).json)
            assert list(there) == list(default)
            for name, geometry in default.items():
                assert (geometry is None) == (there[name] is None)
                if geometry is None:
                    continue
                expected = shapely.get_coordinates(converted(geometry, uri))
                near = NEAR[known(uri).is_geographic]
                assert there[name].geom_type == geometry.geom_type
                assert np.abs(shapely.get_coordinates(there[name]) - expected).max() < near

    def test_bbox_crs_parameter(self, get: Get, json: Json, offered: Any) -> None:
        for collection, uri in offered:
            frame = middle(json(f"/collections/{collection}")["extent"]["spatial"]["bbox"][0])
            bounds = converted(shapely.segmentize(frame, 0.1), uri).bounds
            said = ",".join(map(repr, bounds))
            found = geometries(json(items(collection, bbox=said, bbox_crs=uri, limit="500", crs=uri)))
            assert all(one is None or one.intersects(shapely.box(*bounds)) for one in found.values())
            # More than the test asks for: nothing is left out. What has no geometry matches every box (17-069r4,
            # /req/core/fc-bbox-response C).
            every = geometries(json(items(collection, limit="500", crs=uri)))
            box = shapely.box(*bounds)
            touching = [name for name, one in every.items() if one is None or one.intersects(box)]
            assert [name for name in found if name in every] == touching

    @pytest.mark.parametrize("name", UNKNOWN)
    def test_bbox_crs_parameter_invalid(self, get: Get, collections: Any, name: str) -> None:
        for one in collections:
            path = items(one["id"], bbox="104,29,107,31", bbox_crs=name)
            told = get(path, 400, Accept_Language="en").json["errors"]
            assert [fault["parameter"] for fault in told] == ["bbox-crs"]
            assert CRS84 in told[0]["expected"]

    def test_bbox_crs_parameter_default(self, json: Json, collections: Any) -> None:
        for one in collections:
            box = ",".join(map(repr, middle(one["extent"]["spatial"]["bbox"][0]).bounds))
            asked, silent = (
                json(items(one["id"], bbox=box, limit="1000", **more)) for more in ({"bbox_crs": CRS84}, {})
            )
            assert asked["features"] == silent["features"]
            assert asked["numberMatched"] == silent["numberMatched"]


def middle(extent: list[float]) -> Any:
    """The middle of an extent, of a third of its sides."""
    west, south, east, north = extent
    width, height = (east - west) / 3, (north - south) / 3
    return shapely.box(west + width, south + height, east - width, north - height)


def parameters_of(document: dict[str, Any], path: str) -> Iterator[dict[str, Any]]:
    for one in document["paths"][path]["get"]["parameters"]:
        if "$ref" in one:
            yield document["components"]["parameters"][one["$ref"].rpartition("/")[2]]
        else:
            yield one


def test_the_parameters_are_defined_as_the_standard_has_them(json: Json) -> None:
    document = json("/api")
    for path, names in (
        ("/collections/{collectionId}/items", {"crs", "bbox-crs"}),
        ("/collections/{collectionId}/items/{featureId}", {"crs"}),
    ):
        for template in [
            one
            for one in document["paths"]
            if re.sub(r"(?<=collections/)[^/{]+", "{collectionId}", one) == path
        ]:
            found = {one["name"]: one for one in parameters_of(document, template)}
            for name in names:
                assert found[name]["in"] == "query" and not found[name].get("required")
                assert found[name]["schema"]["type"] == "string"
                assert found[name]["schema"]["format"] == "uri"
                assert found[name]["style"] == "form" and found[name]["explode"] is False
