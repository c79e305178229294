"""The requirements of OGC 24-019 (Features Part 6, draft), which has no abstract tests yet: `test_response_b` in
`TestProperties` is /req/properties/response B. Features of every collection are asked for, alone and in pages.
"""

from __future__ import annotations

import json as text
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest

Json = Callable[..., Any]
Get = Callable[..., Any]


@pytest.fixture(scope="module")
def schemas(json: Json) -> dict[str, dict[str, Any]]:
    """Collection -> the properties of its schema of returnables."""
    names = [one["id"] for one in json("/collections")["collections"]]
    return {name: json(f"/collections/{name}/schema?f=json")["properties"] for name in names}


def spatial(schema: dict[str, Any]) -> str:
    [name] = [name for name, one in schema.items() if one.get("x-ogc-role") == "primary-geometry"]
    return name


def defined(json: Json, path: str) -> dict[str, Any]:
    """The parameter `properties` of an operation in the API definition."""
    document = json("/api")
    for one in document["paths"][path]["get"]["parameters"]:
        if "$ref" in one:
            one = document["components"]["parameters"][one["$ref"].rpartition("/")[2]]
        if one["name"] == "properties":
            return dict(one)
    raise AssertionError(f"no properties at {path}")


class TestProperties:
    @pytest.mark.parametrize(
        "path", ["/collections/xzq_county/items", "/collections/{collectionId}/items/{featureId}"]
    )
    def test_parameter(self, json: Json, path: str) -> None:
        found = defined(json, path)
        assert (found["in"], found["required"], found["style"], found["explode"]) == (
            "query",
            False,
            "form",
            False,
        )
        assert found["schema"] == {"type": "array", "items": {"type": "string"}}

    def test_response_a(self, json: Json, schemas: Any) -> None:
        for name, schema in schemas.items():
            for feature in json(f"/collections/{name}/items?limit=3")["features"]:
                assert [*feature["properties"], spatial(schema)] == list(schema)

    def test_response_b(self, json: Json, schemas: Any) -> None:
        for name, schema in schemas.items():
            fields = [one for one in schema if one != spatial(schema)]
            whole = json(f"/collections/{name}/items?limit=20")
            for chosen in (fields[:1], fields[-2:], [*fields[1:3], spatial(schema)], [spatial(schema)]):
                page = json(f"/collections/{name}/items?limit=20&properties={','.join(chosen)}")
                assert page["numberMatched"] == whole["numberMatched"]
                for feature, before in zip(page["features"], whole["features"], strict=True):
                    assert feature["id"] == before["id"]
                    assert feature["properties"] == {
                        one: value for one, value in before["properties"].items() if one in chosen
                    }
                    assert feature["geometry"] == (before["geometry"] if spatial(schema) in chosen else None)

    def test_permission_unknown_properties(self, get: Get, schemas: Any) -> None:
        for name, schema in schemas.items():
            first = next(iter(schema))
            for wrong in ("nobody", f"{first},nobody", "", f"{first},,"):
                told = get(f"/collections/{name}/items?properties={wrong}", 400, Accept_Language="en").json
                [fault] = told["errors"]
                assert fault["parameter"] == "properties" and first in fault["expected"]


class TestPropertiesFeatures:
    def test_request(self, get: Get, json: Json, schemas: Any) -> None:
        for name, schema in schemas.items():
            first = next(iter(schema))
            [feature] = json(f"/collections/{name}/items?limit=1&properties={first}")["features"]
            path = f"/collections/{name}/items/{quote(str(feature['id']), safe='')}"
            one = get(f"{path}?properties={first}").json
            assert {key: value for key, value in one.items() if key != "links"} == feature
            assert list(one["properties"]) == [first] and one["geometry"] is None

    @pytest.mark.parametrize("form", ["geojson", "jsonfg", "geojsonseq", "csv", "flatgeobuf", "geoparquet"])
    def test_every_form_takes_it(self, get: Get, form: str) -> None:
        path = f"/collections/xzq_county/items?limit=5&f={form}"
        named = get(f"{path}&properties=XZQDM,geometry").get_data()
        assert b"XZQDM" in named and b"XZQMC" in get(path).get_data()
        assert b"XZQMC" not in named

    def test_a_page_for_people_has_these_columns_and_the_one_that_leads_on(
        self, get: Get, json: Json
    ) -> None:
        path = "/collections/xzq_county/items?f=html&lang=en&limit=2"
        names = json("/collections/xzq_county/schema")["properties"]
        chosen = get(f"{path}&properties=XZQMC").get_data(as_text=True)
        assert all(
            (f'title="{name}"' in chosen) == (name in ("XZQMC", "XZQDM"))
            for name in names
            if name != "geometry"
        )
        [feature] = json("/collections/xzq_county/items?limit=1")["features"]
        alone = get(f"/collections/xzq_county/items/{feature['id']}?f=html&properties=XZQDM").get_data(
            as_text=True
        )
        assert 'title="XZQDM"' in alone and 'title="XZQMC"' not in alone


class TestOwnParameters:
    """What is ours beside the draft: `exclude-properties` and `skipGeometry`."""

    def test_what_is_excluded_is_the_rest_of_what_is_selected(self, json: Json, schemas: Any) -> None:
        for name, schema in schemas.items():
            fields = list(schema)
            without = json(f"/collections/{name}/items?limit=5&exclude-properties={','.join(fields[1:])}")
            selected = json(f"/collections/{name}/items?limit=5&properties={fields[0]}")
            assert without["features"] == selected["features"]

    def test_a_skipped_geometry_is_null_and_all_else_as_before(self, json: Json, schemas: Any) -> None:
        for name in schemas:
            plain, bare = (
                json(f"/collections/{name}/items?limit=5&skipGeometry={said}")["features"]
                for said in ("false", "true")
            )
            assert [{**one, "geometry": None} for one in plain] == bare

    def test_an_answer_without_coordinates_names_no_crs(self, get: Get) -> None:
        assert "Content-Crs" not in get("/collections/xzq_county/items?skipGeometry=true").headers

    def test_a_walk_goes_on_as_it_began_and_its_cursor_does_not_fit_another(
        self, get: Get, json: Json
    ) -> None:
        page = json("/collections/xzq_county/items?limit=100&properties=XZQDM")
        seen = len(page["features"])
        while links := [link for link in page["links"] if link["rel"] == "next"]:
            address = links[0]["href"]
            page = json(address)
            assert all(list(one["properties"]) == ["XZQDM"] for one in page["features"])
            seen += len(page["features"])
        assert seen == 221
        told = get(address.replace("properties=XZQDM", "properties=XZQMC"), 400).json
        assert "next" in text.dumps(told)
