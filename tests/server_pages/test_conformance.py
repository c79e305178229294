"""One test for each conformance class that the server declares, by the abstract tests of its standard."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from releases.release import Release

OGC = "http://www.opengis.net/def/rel/ogc/1.0/"
OPENAPI = "application/vnd.oai.openapi+json;version=3.0"
Json = Callable[..., Any]
Get = Callable[..., Any]
Linked = Callable[..., list[dict[str, Any]]]


# OGC 23-058r2, Common Part 3 = Features Part 5


def schemas(json: Json, kind: str) -> dict[str, Any]:
    names = [one["id"] for one in json("/collections")["collections"]]
    return {name: json(f"/collections/{name}/{kind}") for name in names}


@pytest.mark.parametrize("kind", ["schema", "queryables"])
def test_schemas(json: Json, get: Get, kind: str) -> None:
    for name, schema in schemas(json, kind).items():
        Draft202012Validator.check_schema(schema)
        assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
        assert "?" not in schema["$id"]
        assert get(schema["$id"], Accept="application/schema+json").json["$id"] == schema["$id"]
        assert schema["type"] == "object"
        assert schema["additionalProperties"] is False
        for title, one in schema["properties"].items():
            spatial = str(one.get("format", "")).startswith("geometry-")
            assert spatial != ("type" in one), (name, title)
        places = [one["x-ogc-propertySeq"] for one in schema["properties"].values()]
        assert len(set(places)) == len(places)
        extra = {key for one in schema["properties"].values() for key in one if key.startswith("x-")}
        assert all(key.startswith("x-ogc-") for key in extra)


def roles(schema: dict[str, Any]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, one in schema["properties"].items():
        if "x-ogc-role" in one:
            found.setdefault(one["x-ogc-role"], []).append(name)
    return found


def test_advanced_property_roles(json: Json, release: Release) -> None:
    for name, schema in schemas(json, "schema").items():
        found = roles(schema)
        assert all(len(names) == 1 for names in found.values()), name
        assert found["id"] == [release.manifest.layer(name).layer.id_field.name]
        assert found["primary-geometry"] == ["geometry"]
        assert ("primary-interval-start" in found) == ("primary-interval-end" in found)
        for role in ("primary-instant", "primary-interval-start", "primary-interval-end"):
            for field in found.get(role, []):
                assert schema["properties"][field]["format"] == "date"
        for field in found.get("type", []):
            assert schema["properties"][field]["type"] == "string"
    county = roles(json("/collections/xzq_county/schema"))
    assert county["primary-interval-start"] == ["VALID_FROM"] and county["type"] == ["JB"]


def test_returnables_and_receivables(json: Json, linked: Linked, get: Get) -> None:
    for collection in json("/collections")["collections"]:
        [link] = linked(collection, f"{OGC}schema", "application/schema+json")
        schema = get(link["href"]).json
        features = json(f"/collections/{collection['id']}/items?limit=1000")["features"]
        validator = Draft202012Validator({**schema, "properties": without_geometry(schema)})
        for feature in features:
            assert set(feature["properties"]) == set(schema["properties"]) - {"geometry"}
            given = {name: value for name, value in feature["properties"].items() if value is not None}
            assert not list(validator.iter_errors(given)), feature["id"]


def without_geometry(schema: dict[str, Any]) -> dict[str, Any]:
    return {name: one for name, one in schema["properties"].items() if name != "geometry"}


def test_queryables(json: Json, linked: Linked, get: Get) -> None:
    for collection in json("/collections")["collections"]:
        [link] = linked(collection, f"{OGC}queryables", "application/schema+json")
        answer = get(link["href"], Accept="application/schema+json")
        assert answer.content_type == "application/schema+json"
        get(f"/collections/{collection['id']}/items?no_such_property=1", 400)


def test_profile_codelists(json: Json, release: Release) -> None:
    for name, schema in schemas(json, "schema").items():
        for field in release.manifest.layer(name).layer.fields:
            one = schema["properties"][field.name]
            member = one.get("items", one)
            assert ("oneOf" in member) == bool(field.codelist)
            assert "enum" not in member
            assert all({"const", "title"} <= set(code) for code in member.get("oneOf", []))


# OGC 17-069r4, Features Part 1


def test_features_core(json: Json, linked: Linked, get: Get) -> None:
    for collection in json("/collections")["collections"]:
        name = collection["id"]
        assert json(f"/collections/{name}")["id"] == name
        assert collection["itemType"] == "feature"
        assert linked(collection, "items", "application/geo+json")
        whole = json(f"/collections/{name}/items?limit=10000")
        assert whole["numberReturned"] == whole["numberMatched"] == len(whole["features"])
        first = whole["features"][0]
        assert json(f"/collections/{name}/items/{first['id']}")["properties"] == first["properties"]
    get("/collections/no_such", 404)
    get("/collections/xzq_county/items/no-such", 404)
    for wrong in ("limit=0", "bbox=1,2,3", "datetime=yesterday", "unknown=1"):
        get(f"/collections/xzq_county/items?{wrong}", 400)
    walked, address = [], "/collections/xzq_county/items?limit=60"
    while address:
        page = json(address)
        walked += [feature["id"] for feature in page["features"]]
        address = next((link["href"] for link in linked(page, "next")), "")
    assert walked == [one["id"] for one in json("/collections/xzq_county/items?limit=1000")["features"]]
    inside = json("/collections/xzq_county/items?bbox=106.5,29.5,106.6,29.6&limit=1000")
    assert 0 < inside["numberMatched"] < 221
    early = json("/collections/xzq_county/items?datetime=../2020-01-01&limit=1000")
    assert 0 < early["numberMatched"] <= 221


def test_features_oas30(json: Json) -> None:
    document = json("/api")
    for collection in json("/collections")["collections"]:
        names = parameters(document, f"/collections/{collection['id']}/items")
        assert {"limit", "bbox", "datetime"} <= set(names)
    limit = document["components"]["parameters"]["limit"]["schema"]
    assert limit["minimum"] == 1 and limit["default"] <= limit["maximum"]


def parameters(document: dict[str, Any], path: str) -> dict[str, Any]:
    found = {}
    for one in document["paths"][path]["get"]["parameters"]:
        if "$ref" in one:
            one = document["components"]["parameters"][one["$ref"].rpartition("/")[2]]
        found[one["name"]] = one
    return found


def test_features_html(get: Get) -> None:
    for path in ("/collections/xzq_county/items?limit=3", "/collections/xzq_county/items/510105"):
        page = get(path, Accept="text/html").get_data(as_text=True)
        assert page.startswith("<!doctype html>")
    assert "青羊区" in page


def test_features_geojson(get: Get) -> None:
    for path in ("/collections/xzq_county/items?limit=3", "/collections/xzq_county/items/510105"):
        answer = get(path, Accept="application/geo+json")
        assert answer.content_type == "application/geo+json"
        assert answer.json["type"] in ("FeatureCollection", "Feature")
        assert "links" in answer.json


# OGC 19-079r2, Features Part 3


def test_queryables_query_parameters(json: Json) -> None:
    document = json("/api")
    for name, schema in schemas(json, "queryables").items():
        declared = parameters(document, f"/collections/{name}/items")
        assert set(schema["properties"]) - {"geometry"} <= set(declared)
    found = json("/collections/xzq_county/items?SJDM=510100&limit=1000")
    assert found["numberMatched"] == len(found["features"]) > 0
    assert {feature["properties"]["SJDM"] for feature in found["features"]} == {"510100"}
