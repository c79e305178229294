"""The abstract tests of OGC 19-079r2 (Features Part 3), annex A: a class of tests for each conformance class.

`test_filter_param` in `TestFilter` is /conf/filter/filter-param. The filterable resource is a collection's features.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from jsonschema import Draft202012Validator
from shapely.geometry import box, shape
from werkzeug.test import Client

Json = Callable[..., Any]
Get = Callable[..., Any]
Linked = Callable[..., list[dict[str, Any]]]
OGC = "http://www.opengis.net/def/rel/ogc/1.0/"
CONF = "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/"
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
GEOJSON = "application/geo+json"
EVERY = "limit=10000"
#: Where the two filter languages say the same: of a property that is null, and of a box.
IS_NULL = {
    "cql2-text": '"{name}" IS NULL',
    "cql2-json": '{{"op":"isNull","args":[{{"property":"{name}"}}]}}',
}
IN_BOX = {
    "cql2-text": "S_INTERSECTS(geometry,BBOX({0},{1},{2},{3}))",
    "cql2-json": '{{"op":"s_intersects","args":[{{"property":"geometry"}},{{"bbox":[{0},{1},{2},{3}]}}]}}',
}
NO_FILTER = {"cql2-text": "THIS IS NOT A FILTER", "cql2-json": '{"op":"no such","args":[]}'}
LANGS = tuple(IS_NULL)


@pytest.fixture(scope="module")
def collections(json: Json) -> list[dict[str, Any]]:
    return [json(f"/collections/{one['id']}") for one in json("/collections")["collections"]]


@pytest.fixture(scope="module")
def placed(collections: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those that are somewhere."""
    return [one for one in collections if "spatial" in one.get("extent", {})]


def items(name: str, lang: str | None = None, **query: str) -> str:
    """The address of a collection's features."""
    if lang is not None:
        query["filter-lang"] = lang
    given = "".join(f"&{quote(key)}={quote(value)}" for key, value in query.items())
    return f"/collections/{name}/items?{EVERY}{given}"


def found(json: Json, *args: Any, **query: str) -> set[Any]:
    page = json(items(*args, **query))
    assert page["numberMatched"] == len(page["features"])
    return {feature["id"] for feature in page["features"]}


def edges(collection: dict[str, Any]) -> list[float]:
    return list(collection["extent"]["spatial"]["bbox"][0])


class TestQueryables:
    def test_get_conformance(self, json: Json) -> None:
        assert f"{CONF}queryables" in json("/conformance")["conformsTo"]

    def test_get_queryables_uris(self, client: Client, collections: list[dict[str, Any]]) -> None:
        """A HEAD of a filterable resource tells in a Link header where its queryables are."""
        for one in collections:
            address = f"/collections/{one['id']}"
            answer = client.head(f"{address}/items", headers={"Accept": GEOJSON})
            assert answer.status_code == 200
            assert f'<http://localhost{address}/queryables>; rel="{OGC}queryables"' in answer.headers["Link"]

    def test_get_queryables(self, get: Get, collections: list[dict[str, Any]]) -> None:
        for one in collections:
            uri = f"http://localhost/collections/{one['id']}/queryables"
            answer = get(uri, Accept="application/schema+json")
            assert answer.content_type == "application/schema+json"
            schema = answer.json
            assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
            assert (schema["$id"], schema["type"]) == (uri, "object")
            assert schema["properties"]
            for queryable in schema["properties"].values():
                assert "type" in queryable or queryable["format"].startswith("geometry-")
            Draft202012Validator.check_schema(schema)


class TestQueryablesQueryParameters:
    def test_get_conformance(self, json: Json) -> None:
        assert f"{CONF}queryables-query-parameters" in json("/conformance")["conformsTo"]

    def test_query_param(self, json: Json, get: Get, collections: list[dict[str, Any]]) -> None:
        """Each queryable with a value that a feature has finds the features that have it, and with a wrong one none."""
        wrong = {"integer": "x", "number": "x", "boolean": "perhaps"}
        for one in collections:
            name = one["id"]
            queryables = json(f"/collections/{name}/queryables")["properties"]
            features = json(items(name))["features"]
            for field, schema in queryables.items():
                values = [feature["properties"].get(field) for feature in features if field != "geometry"]
                value = next((value for value in values if value not in (None, [])), None)
                if value is None:
                    continue
                member = value[0] if isinstance(value, list) else value
                written = str(member).lower() if isinstance(member, bool) else str(member)
                expected = {
                    feature["id"]
                    for feature, other in zip(features, values)
                    if other == value or (isinstance(other, list) and member in other)
                }
                if isinstance(value, list):
                    expected = {f["id"] for f, other in zip(features, values) if other and member in other}
                assert found(json, name, **{field: written}) == expected, (name, field)
                bad = "2024-02-30" if schema.get("format") == "date" else wrong.get(schema.get("type", ""))
                if bad:
                    get(items(name, **{field: bad}), 400)


@pytest.mark.parametrize("lang", LANGS)
class TestFilter:
    def test_get_conformance(self, json: Json, lang: str) -> None:
        assert f"{CONF}filter" in json("/conformance")["conformsTo"]

    def test_filter_param(self, json: Json, get: Get, collections: list[dict[str, Any]], lang: str) -> None:
        for one in collections:
            every = json(items(one["id"]))["features"]
            for field in [*json(f"/collections/{one['id']}/queryables")["properties"]][:6]:
                expected = {
                    f["id"] for f in every if f["properties"].get(field) is None and field != "geometry"
                }
                if field == "geometry":
                    expected = {f["id"] for f in every if f["geometry"] is None}
                asked = IS_NULL[lang].format(name=field)
                assert found(json, one["id"], lang, filter=asked) == expected, (one["id"], field)
            [fault] = get(items(one["id"], lang, filter=NO_FILTER[lang]), 400).json["errors"]
            assert fault["parameter"] == "filter"

    def test_filter_lang_default(
        self, json: Json, get: Get, collections: list[dict[str, Any]], lang: str
    ) -> None:
        asked = IS_NULL["cql2-text"].format(name="XZQMC")
        assert found(json, "xzq_county", filter=asked) == found(json, "xzq_county", "cql2-text", filter=asked)
        get(items("xzq_county", filter=NO_FILTER["cql2-text"]), 400)
        get(items("xzq_county", "no-such-language", filter=asked), 400)

    def test_expression_construction(
        self, json: Json, get: Get, collections: list[dict[str, Any]], lang: str
    ) -> None:
        for one in collections:
            asked = IS_NULL[lang].format(name="this_is_not_a_queryable")
            [fault] = get(items(one["id"], lang, filter=asked), 400).json["errors"]
            assert fault["parameter"] == "filter"

    def test_filter_crs_wgs84(self, json: Json, get: Get, placed: list[dict[str, Any]], lang: str) -> None:
        for one in placed:
            everywhere = {f["id"] for f in json(items(one["id"]))["features"] if f["geometry"]}
            asked = IN_BOX[lang].format(*edges(one))
            assert found(json, one["id"], lang, filter=asked) == everywhere
            nowhere = IN_BOX[lang].format(1000000, 1000000, 2000000, 2000000)
            get(items(one["id"], lang, filter=nowhere), 400)

    def test_filter_crs_param(self, json: Json, get: Get, placed: list[dict[str, Any]], lang: str) -> None:
        """In every CRS that is offered; those that turn axes are in test_crs.py, vertex by vertex."""
        for one in placed[:6]:
            west, south, east, north = edges(one)
            everywhere = {f["id"] for f in json(items(one["id"]))["features"] if f["geometry"]}
            lonlat, latlon = IN_BOX[lang].format(*edges(one)), IN_BOX[lang].format(south, west, north, east)
            epsg4326 = "http://www.opengis.net/def/crs/EPSG/0/4326"
            assert found(json, one["id"], lang, filter=lonlat, **{"filter-crs": CRS84}) == everywhere
            assert found(json, one["id"], lang, filter=latlon, **{"filter-crs": epsg4326}) == everywhere
            unknown = "http://www.opengis.net/def/crs/OGC/0/does_not_exist"
            [fault] = get(items(one["id"], lang, filter=lonlat, **{"filter-crs": unknown}), 400).json[
                "errors"
            ]
            assert fault["parameter"] == "filter-crs"

    def test_get_functions(self, json: Json, get: Get, lang: str) -> None:
        answer = get("/functions", Accept="application/json")
        assert answer.content_type == "application/json"
        text = {"type": "string"}
        argument = {
            "type": "object",
            "required": ["type"],
            "properties": {"type": {"type": "array", "items": text}},
        }
        function = {
            "type": "object",
            "required": ["name", "returns"],
            "properties": {
                "name": text,
                "description": text,
                "returns": {"type": "array", "items": text},
                "arguments": {"type": "array", "items": argument},
            },
        }
        Draft202012Validator(
            {
                "type": "object",
                "required": ["functions"],
                "properties": {"functions": {"type": "array", "items": function}},
            }
        ).validate(answer.json)


@pytest.mark.parametrize("lang", LANGS)
class TestFeaturesFilter:
    def test_get_conformance(self, json: Json, lang: str) -> None:
        assert f"{CONF}features-filter" in json("/conformance")["conformsTo"]

    def test_get_collection(self, collections: list[dict[str, Any]], linked: Linked, lang: str) -> None:
        for one in collections:
            [link] = linked(one, f"{OGC}queryables", "application/schema+json")
            assert link["href"] == f"http://localhost/collections/{one['id']}/queryables"

    def test_filter_on_items(self, get: Get, collections: list[dict[str, Any]], lang: str) -> None:
        """TestFilter asks features; here that they come in their media type."""
        for one in collections:
            field = one["defaultSortOrder"][0]
            answer = get(items(one["id"], lang, filter=IS_NULL[lang].format(name=field)), Accept=GEOJSON)
            assert answer.content_type == GEOJSON and answer.json["features"] == []

    def test_mixing_expression(self, json: Json, placed: list[dict[str, Any]], lang: str) -> None:
        for one in placed:
            features = json(items(one["id"]))["features"]
            everywhere = {f["id"] for f in features if f["geometry"]}
            asked = IN_BOX[lang].format(*edges(one))
            here = ",".join(map(str, edges(one)))
            assert found(json, one["id"], lang, filter=asked, bbox=here) == everywhere
            assert found(json, one["id"], lang, filter=asked, bbox="0,0,1,1") == set()

    def test_mixing_expression_is_an_and(self, json: Json, lang: str) -> None:
        asked = IN_BOX[lang].format(106, 29, 107, 30)
        both = found(json, "xzq_county", lang, filter=asked, bbox="106.5,29.5,108,31", JB="county")
        features = json(items("xzq_county"))["features"]
        frames = (box(106, 29, 107, 30), box(106.5, 29.5, 108, 31))
        expected = {
            f["id"]
            for f in features
            if f["geometry"] and all(frame.intersects(shape(f["geometry"])) for frame in frames)
        }
        assert both == expected != set()
