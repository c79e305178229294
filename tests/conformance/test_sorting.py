"""Sortables of OGC 23-058r2 (Common Part 3), clause 12, and the draft OGC 24-030 (Features Part 8), clauses 6 to 8: a class of
tests for each conformance class, a test for each requirement.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from jsonschema import Draft202012Validator

from config.models import Layer
from releases.release import Release

OGC = "http://www.opengis.net/def/rel/ogc/1.0/"
DRAFT = "https://json-schema.org/draft/2020-12/schema"
SCHEMA = "application/schema+json"
Json = Callable[..., Any]
Get = Callable[..., Any]
Linked = Callable[..., list[dict[str, Any]]]


@pytest.fixture(scope="module")
def sortables(json: Json, linked: Linked) -> dict[str, dict[str, Any]]:
    """The sortables of every collection, by the links of the collections."""
    return {
        collection["id"]: json(linked(collection, f"{OGC}sortables", SCHEMA)[0]["href"], Accept=SCHEMA)
        for collection in json("/collections")["collections"]
    }


def walk(json: Json, linked: Linked, address: str) -> list[dict[str, Any]]:
    """All features from a page on, along the next links."""
    found: list[dict[str, Any]] = []
    while True:
        page = json(address)
        found += page["features"]
        following = linked(page, "next", "application/geo+json")
        if not following:
            assert page["numberMatched"] == len(found)
            return found
        address = following[0]["href"]


def expected(features: list[dict[str, Any]], order: list[str]) -> list[Any]:
    """Ids in an order: Python's sorted, field by field from the last, nulls behind."""
    found = list(features)
    for key in reversed(order):
        name, down = key.lstrip("+-"), key.startswith("-")
        some = [one for one in found if one["properties"][name] is not None]
        none = [one for one in found if one["properties"][name] is None]
        found = sorted(some, key=lambda one: one["properties"][name], reverse=down) + none
    return [one["id"] for one in found]


class TestSortables:
    """ogcapi-common-3/1.0/conf/sortables and ogcapi-features-8/1.0/conf/sortables."""

    def test_link(self, json: Json, linked: Linked) -> None:
        for listed in json("/collections")["collections"]:
            alone = json(f"/collections/{listed['id']}")
            for collection in (listed, alone):
                [link] = linked(collection, f"{OGC}sortables", SCHEMA)
                assert link["href"].endswith(f"/collections/{collection['id']}/sortables")

    def test_operation(self, get: Get, json: Json) -> None:
        for collection in json("/collections")["collections"]:
            path = f"/collections/{collection['id']}/sortables"
            assert get(path, Accept=SCHEMA).content_type == SCHEMA
            assert get(path).status_code == 200
        get("/collections/nowhere/sortables", 404)

    def test_response(self, sortables: dict[str, Any], release: Release) -> None:
        for name, document in sortables.items():
            Draft202012Validator.check_schema(document)
            assert document["$schema"] == DRAFT and document["$id"].endswith(f"/collections/{name}/sortables")
            assert document["type"] == "object" and document["additionalProperties"] is False
            layer: Layer = release.manifest.layer(name).layer
            assert list(document["properties"]) == [f.name for f in layer.fields if f.type != "array"]
            for one in document["properties"].values():
                assert one["type"] in ("string", "integer", "number", "boolean") and one["title"]

    def test_every_sortable_is_accepted_and_nothing_else(
        self, sortables: dict[str, Any], get: Get, release: Release
    ) -> None:
        for name, document in sortables.items():
            get(f"/collections/{name}/items?limit=1&sortby={','.join(document['properties'])}")
            for other in ("geometry", "no_such_name", "id"):
                if other not in document["properties"]:
                    get(f"/collections/{name}/items?sortby={other}", 400)

    def test_default_sort_order(self, json: Json, sortables: dict[str, Any], linked: Linked) -> None:
        for collection in json("/collections")["collections"]:
            order = collection["defaultSortOrder"]
            assert order and {one.lstrip("+-") for one in order} <= set(
                sortables[collection["id"]]["properties"]
            )
            path = f"/collections/{collection['id']}/items?limit=1000"
            assert json(path)["features"] == json(f"{path}&sortby={','.join(order)}")["features"]

    def test_both_languages_say_what_an_order_is(self, json: Json) -> None:
        path = "/collections/xzq_county/sortables?lang="
        assert (
            "码位" in json(path + "zh")["description"] and "code points" in json(path + "en")["description"]
        )


class TestSorting:
    """ogcapi-features-8/1.0/conf/sorting."""

    def test_sortby_definition(self, json: Json) -> None:
        document = json("/api")
        assert document["components"]["parameters"]["sortby"] | {"description": ""} == {
            "name": "sortby",
            "in": "query",
            "required": False,
            "description": "",
            "schema": {"type": "array", "minItems": 1, "items": {"type": "string", "pattern": "^[+-]?[A-Za-z_].*$"}},
            "explode": False,
            "style": "form",
        }  # fmt: skip

    @pytest.mark.parametrize("written", ["XZQMC", "%2BXZQMC", "+XZQMC", "%20XZQMC"])
    def test_ascending_is_the_default(self, json: Json, written: str) -> None:
        found = json(f"/collections/xzq_county/items?limit=1000&sortby={written}")["features"]
        names = [one["properties"]["XZQMC"] for one in found]
        assert names == sorted(names) and len(names) > 200

    @pytest.mark.parametrize("written", ["-MJ", "%2DMJ", "-MJ,+XZQDM"])
    def test_descending(self, json: Json, written: str) -> None:
        found = json(f"/collections/xzq_county/items?limit=1000&sortby={written}")["features"]
        areas = [one["properties"]["MJ"] for one in found]
        assert areas == sorted(areas, reverse=True)


class TestFeaturesSorting:
    """ogcapi-features-8/1.0/conf/features-sorting."""

    def test_sortables_operation_and_link(self, json: Json, linked: Linked, get: Get) -> None:
        for collection in json("/collections")["collections"]:
            for link in linked(collection, f"{OGC}sortables"):
                get(link["href"])

    def test_sortby_parameter(self, json: Json) -> None:
        document = json("/api")
        for collection in json("/collections")["collections"]:
            taken = document["paths"][f"/collections/{collection['id']}/items"]["get"]["parameters"]
            assert {"$ref": "#/components/parameters/sortby"} in taken

    @pytest.mark.parametrize("name", ["xzq_county", "places", "yjjbnt", "major_projects"])
    def test_response(self, json: Json, linked: Linked, sortables: dict[str, Any], name: str) -> None:
        chance = random.Random(name)
        every = walk(json, linked, f"/collections/{name}/items?limit=10000")
        for _ in range(4):
            fields = chance.sample(list(sortables[name]["properties"]), chance.randint(1, 3))
            order = [chance.choice(["", "-", "+"]) + field for field in fields]
            address = f"/collections/{name}/items?limit=997&sortby={quote(','.join(order))}"
            assert [one["id"] for one in walk(json, linked, address)] == expected(every, order), order

    def test_response_of_a_filter(self, json: Json, linked: Linked) -> None:
        path = f"/collections/xzq_county/items?limit=7&bbox=105,29,107,31&filter={quote("XZQMC LIKE '%区'")}"
        some = walk(json, linked, path)
        found = [one["id"] for one in walk(json, linked, f"{path}&sortby=-SJDM,MJ")]
        assert found == expected(some, ["-SJDM", "MJ"]) and len(found) > 14

    def test_nulls_come_last_both_ways(self, json: Json) -> None:
        for sign in ("", "-"):
            found = json(f"/collections/places/items?limit=10000&sortby={sign}RK")["features"]
            given = [one["properties"]["RK"] is None for one in found]
            assert given == sorted(given)
