"""The API definition: valid, small, and true."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from openapi_spec_validator import validate

from releases.release import Release

Json = Callable[..., Any]
Get = Callable[..., Any]
EXAMPLES = {
    "collectionId": "xzq_county",
    "featureId": "510105",
    "tileMatrixSetId": "WebMercatorQuad",
    "tileMatrix": "6",
    "tileRow": "26",
    "tileCol": "50",
    "styleId": "blueprint",
    "fontstack": "Noto Sans SC Regular",
    "range": "0-255",
    "sprite": "blueprint.json",
}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_definition_is_valid_in_both_trees(json: Json, release: Release, lang: str) -> None:
    for tree in ("", f"/releases/{release.id}"):
        document = json(f"{tree}/api?lang={lang}")
        validate(document)
        assert document["servers"] == [{"url": f"http://localhost{tree}"}]


def test_the_definition_is_small_and_refers_to_nothing_elsewhere(get: Get) -> None:
    text = get("/api").get_data(as_text=True)
    assert len(text.encode()) < 200_000
    assert text.count('"$ref":"#/') == text.count('"$ref"')


def test_the_definition_is_had_by_its_own_media_type(get: Get, json: Json) -> None:
    [link] = [one for one in json("/")["links"] if one["rel"] == "service-desc"]
    # As a client asks that copies the type from the link, version and all, and drops the query.
    answer = get(link["href"].partition("?")[0], Accept=link["type"])
    assert answer.content_type == link["type"] and answer.json["openapi"]


def test_every_path_of_the_definition_answers(json: Json, get: Get) -> None:
    document = json("/api")
    for path, item in document["paths"].items():
        answer = get(path.format(**EXAMPLES))
        media = answer.content_type.partition("; charset")[0]
        assert media in item["get"]["responses"]["200"]["content"], (path, media)


def test_every_parameter_of_the_definition_is_taken(json: Json, get: Get) -> None:
    document = json("/api")
    given = {
        "limit": "5",
        "bbox": "104,30,105,31",
        "datetime": "2024-01-01",
        "filter": "1=1",
        "filter-lang": "cql2-text",
        "lang": "en",
    }
    for layer in ("xzq_county", "major_projects", "places"):
        operation = document["paths"][f"/collections/{layer}/items"]["get"]
        for parameter in operation["parameters"]:
            if "$ref" in parameter:
                name = parameter["$ref"].rpartition("/")[2]
                value = given.get(name)
            else:
                name, schema = parameter["name"], parameter["schema"]
                example = {"integer": "1", "number": "1.5", "boolean": "true", "string": "x"}[schema["type"]]
                value = "2024-01-01" if "format" in schema else schema.get("enum", [example])[0]
            if value is not None:
                get(f"/collections/{layer}/items?{name}={value}")


def test_operations_have_names_of_their_own(json: Json) -> None:
    names = [item["get"]["operationId"] for item in json("/api")["paths"].values()]
    assert len(set(names)) == len(names)
