"""The API definition: valid, small, and true."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV30SpecValidator, OpenAPIV31SpecValidator
from werkzeug.test import Client

from releases.release import Release

Json = Callable[..., Any]
Get = Callable[..., Any]
#: Forms of whole layers: not every layer has each.
WHOLE = ("flatgeobuf", "geoparquet", "gpkg")
#: The demo of all tests is not signed; a signed release is asked in tests/server/test_proof.py.
UNSIGNED = "/manifest.sig"
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
    "sprite": "blueprint",
    "codelistId": "unit_level",
}


#: Bytes of the definition with the demo's 18 collections, which QGIS reads whole before it does anything.
LARGEST = 140_000
Parameters = dict[str, dict[str, Any]]


def declared(document: dict[str, Any], operation: dict[str, Any], place: str = "query") -> Parameters:
    """The parameters of an operation by name, references followed."""
    shared = document["components"]["parameters"]
    given = [
        shared[one["$ref"].rpartition("/")[2]] if "$ref" in one else one for one in operation["parameters"]
    ]
    return {one["name"]: one for one in given if one["in"] == place}


def example(document: dict[str, Any], path: str, **more: str) -> str:
    """An address of a path, with what its operation cannot do without."""
    queries = declared(document, document["paths"][path]["get"])
    needed = {name: one["example"] for name, one in queries.items() if one.get("required")}
    return f"{path.format(**EXAMPLES)}?{urlencode(needed | more)}"


def contents(document: dict[str, Any], operation: dict[str, Any]) -> set[str]:
    """The media types of an operation's success, references followed."""
    answer = operation["responses"]["200"]
    if "$ref" in answer:
        answer = document["components"]["responses"][answer["$ref"].rpartition("/")[2]]
    return set(answer["content"])


def expected(answer: Any, parameter: str) -> set[str]:
    """What a 400 says is expected instead of a parameter or its value."""
    [fault] = [one for one in answer.json["errors"] if one["parameter"] == parameter]
    return set(fault["expected"].split(", "))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_definition_is_valid_in_both_trees(json: Json, release: Release, lang: str) -> None:
    for tree in ("", f"/releases/{release.id}"):
        document = json(f"{tree}/api?lang={lang}")
        assert document["openapi"].startswith("3.0.")
        OpenAPIV30SpecValidator(document).validate()
        assert document["servers"] == [{"url": f"http://localhost{tree}"}]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_definition_is_to_be_had_in_openapi_3_1(get: Get, json: Json, lang: str) -> None:
    answer = get(f"/api?lang={lang}", Accept="application/vnd.oai.openapi+json;version=3.1")
    assert answer.content_type == "application/vnd.oai.openapi+json;version=3.1"
    document = answer.json
    assert document == json(f"/api?f=oas31&lang={lang}")
    assert document["openapi"].startswith("3.1.")
    OpenAPIV31SpecValidator(document).validate()
    for schema in document["components"]["schemas"].values():
        assert "nullable" not in str(schema)
        Draft202012Validator.check_schema(schema)
    older = json(f"/api?lang={lang}")
    assert document["paths"] == older["paths"] and document["components"].keys() == older["components"].keys()


def test_null_is_a_geometry_in_both_versions(json: Json) -> None:
    said = {form: json(f"/api?f={form}")["components"]["schemas"]["feature"] for form in ("json", "oas31")}
    geometry = {form: schema["properties"]["geometry"] for form, schema in said.items()}
    assert geometry == {
        "json": {"type": "object", "nullable": True},
        "oas31": {"type": ["object", "null"]},
    }


@pytest.mark.parametrize("form", ["json", "oas31"])
def test_the_definition_is_small_and_refers_to_nothing_elsewhere(get: Get, form: str) -> None:
    text = get(f"/api?f={form}").get_data(as_text=True)
    assert len(text.encode()) < LARGEST
    assert text.count('"$ref":"#/') == text.count('"$ref"')


def test_nothing_is_shared_that_is_not_used(get: Get, json: Json) -> None:
    text = get("/api").get_data(as_text=True)
    for kind, parts in json("/api")["components"].items():
        assert [name for name in parts if f'"#/components/{kind}/{name}"' not in text] == []


def test_the_definition_is_had_by_its_own_media_type(get: Get, json: Json) -> None:
    links = [one for one in json("/")["links"] if one["rel"] == "service-desc"]
    assert [link["type"].rpartition("=")[2] for link in links] == ["3.0", "3.1"]
    for link in links:
        # As a client asks that copies the type from the link, version and all, and drops the query.
        answer = get(link["href"].partition("?")[0], Accept=link["type"])
        assert answer.content_type == link["type"]
        assert answer.json["openapi"].startswith(link["type"].rpartition("=")[2])


def test_the_definition_names_exactly_the_parameters_that_the_server_takes(json: Json, get: Get) -> None:
    document = json("/api")
    for path, item in document["paths"].items():
        there = path.format(**EXAMPLES)
        taken = expected(get(f"{there}?no_such_parameter=1&lang=en", 400), "no_such_parameter")
        named = set(declared(document, item["get"]))
        if "fields" in named:  # any field of the collection that the path names
            named = named - {"fields"} | set(json("/collections/xzq_county/queryables")["properties"])
            named.remove("geometry")
        assert taken == named, path


def test_the_definition_names_exactly_the_forms_that_the_server_has(json: Json, get: Get) -> None:
    document = json("/api")
    for path, item in document["paths"].items():
        offered = expected(get(path.format(**EXAMPLES) + "?f=no-such-form", 400), "f")
        assert offered == set(declared(document, item["get"])["f"]["schema"]["enum"]), path
        content = contents(document, item["get"])
        answers = (get(example(document, path, f=form)) for form in offered if form not in WHOLE)
        assert {answer.content_type.partition("; charset")[0] for answer in answers} <= content


def test_a_form_takes_what_the_definition_names(json: Json, client: Client) -> None:
    document = json("/api")
    named = set(document["components"]["schemas"]["itemsForm"]["properties"])
    for path, item in document["paths"].items():
        if "post" not in item:
            continue
        answer = client.post(path, data={"no_such_parameter": "1", "lang": "en"})
        assert answer.status_code == 400
        fields = {name for name, one in declared(document, item["get"]).items() if name not in named}
        assert expected(answer, "no_such_parameter") == named | fields


def test_every_resource_of_the_server_is_in_the_definition(json: Json) -> None:
    from server import pages

    layers = "|".join(one["id"] for one in json("/collections")["collections"])
    shapes = {re.sub(rf"{{[^}}]*}}|(?<=/)({layers})(?=/)", "*", path) for path in json("/api")["paths"]}
    # Those beside Flask: features and tiles; and glyphs, whose route reads the two ends of the range.
    shapes -= {f"{tree}/tiles/*/*/*/*" for tree in ("", "/collections/*")}
    shapes -= {"/collections/*/items", "/collections/*/items/*"}
    # Nothing is signed here, and what is not there is not described.
    rules = {re.sub(r"<[^>]*>", "*", route.rule) for route in pages.ROUTES} - {UNSIGNED}
    assert {path.replace("/*-*.", "/*.") for path in rules} == shapes


def test_every_path_of_the_definition_answers(json: Json, get: Get) -> None:
    document = json("/api")
    for path, item in document["paths"].items():
        answer = get(example(document, path))
        media = answer.content_type.partition("; charset")[0]
        assert media in contents(document, item["get"]), (path, media)


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


def test_a_release_may_be_gone_with_its_whole_tree(json: Json, release: Release) -> None:
    for tree, gone in (("", False), (f"/releases/{release.id}", True)):
        paths = json(f"{tree}/api")["paths"]
        operations = [item["get"] for path, item in paths.items() if not path.endswith("/changes")]
        assert {"410" in operation["responses"] for operation in operations} == {gone}
        # And so may be the one that it is compared with.
        assert "410" in paths["/changes"]["get"]["responses"]


def test_operations_have_names_of_their_own(json: Json) -> None:
    names = [item["get"]["operationId"] for item in json("/api")["paths"].values()]
    assert len(set(names)) == len(names)
