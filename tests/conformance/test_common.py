"""The abstract tests of OGC 19-072 (Common Part 1) and of the draft 20-024 (Common Part 2), annex A of each.

A class of tests for each conformance class, a test for each abstract test: `test_root_op` in `TestLandingPage` is
/conf/landing-page/root-op. Those of Part 2 have "Geospatial" in their names.
"""

from __future__ import annotations

import html.parser
import json as text
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV30SpecValidator
from shapely.geometry import box, shape
from werkzeug.test import Client

Json = Callable[..., Any]
Get = Callable[..., Any]
Linked = Callable[..., list[dict[str, Any]]]
OGC = "http://www.opengis.net/def/rel/ogc/1.0/"
#: The resources that Part 1 speaks of, and those of Part 2.
ROOT = ("/", "/conformance")
GEOSPATIAL = ("/collections", "/collections/rivers")
STRING = {"type": "string"}
LINK = {
    "type": "object",
    "required": ["href", "rel"],
    "properties": dict.fromkeys(("href", "rel", "type", "hreflang", "title"), STRING),
}
LINKS = {"type": "array", "items": LINK}
#: By path: what the OpenAPI schemas of the standards (landingPage.yaml, confClasses.yaml, collections.yaml) demand.
SCHEMAS = {
    "/": {
        "type": "object",
        "required": ["links"],
        "properties": {"title": STRING, "description": STRING, "attribution": STRING, "links": LINKS},
    },
    "/conformance": {
        "type": "object",
        "required": ["conformsTo"],
        "properties": {"conformsTo": {"type": "array", "items": STRING}},
    },
    "/collections/rivers": {
        "type": "object",
        "required": ["id", "links"],
        "properties": {
            **dict.fromkeys(("id", "title", "description", "attribution", "itemType"), STRING),
            "links": LINKS,
            "crs": {"type": "array", "items": STRING},
            "extent": {
                "type": "object",
                "properties": {
                    "spatial": {
                        "type": "object",
                        "required": ["bbox"],
                        "properties": {
                            "bbox": {
                                "type": "array",
                                "minItems": 1,
                                "items": {
                                    "type": "array",
                                    "minItems": 4,
                                    "maxItems": 6,
                                    "items": {"type": "number"},
                                },
                            },
                        },
                    },
                    "temporal": {
                        "type": "object",
                        "properties": {
                            "interval": {
                                "type": "array",
                                "minItems": 1,
                                "items": {
                                    "type": "array",
                                    "minItems": 2,
                                    "maxItems": 2,
                                    "items": {"type": ["string", "null"]},
                                },
                            },
                        },
                    },
                },
            },
        },
    },
}
SCHEMAS["/collections"] = {
    "type": "object",
    "required": ["links", "collections"],
    "properties": {
        "links": LINKS,
        "collections": {"type": "array", "items": SCHEMAS["/collections/rivers"]},
    },
}


class Page(html.parser.HTMLParser):
    """A page's words and where its links lead, all of its body."""

    VOID = frozenset(("meta", "link", "img", "br", "hr", "input", "wbr", "source"))

    def __init__(self, source: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.leads: set[str] = set()
        self.words = ""
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self.VOID:
            self.open.append(tag)
        if tag == "a" and "body" in self.open:
            self.leads.add(dict(attrs).get("href") or "")

    def handle_endtag(self, tag: str) -> None:
        # An element that HTML 5 closes by itself (p, li, dt, dd, tr, td, option) may be left open.
        while self.open and self.open[-1] != tag:
            assert self.open.pop() in ("p", "li", "dt", "dd", "tr", "td", "th", "option", "tbody", "thead")
        self.open.pop()

    def handle_data(self, data: str) -> None:
        if "body" in self.open and not {"script", "style"} & {*self.open}:
            self.words += f" {data.strip()}"


def json_is(get: Get, path: str) -> Any:
    """The JSON of a path, had by its media type, as the standard's schema demands it."""
    answer = get(path, Accept="application/json")
    assert answer.content_type == "application/json"
    document = text.loads(answer.get_data(as_text=True))
    assert not list(Draft202012Validator(SCHEMAS[path]).iter_errors(document))
    return document


def html_is(get: Get, path: str) -> None:
    """A page of a path says what its JSON says, and leads where it leads (/req/html/content)."""
    answer = get(path, Accept="text/html")
    assert answer.content_type == "text/html; charset=utf-8"
    source = answer.get_data(as_text=True)
    assert source.startswith("<!doctype html>")
    page = Page(source)
    assert page.open == [], "elements are left open"
    document = get(f"{path}?f=json").json
    assert {link["href"] for link in document["links"] if not link.get("templated")} <= page.leads
    for name in ("title", "description"):
        assert document.get(name, "") in page.words
    assert all(uri in page.words for uri in document.get("conformsTo", ()))
    assert all(one["title"] in page.words for one in document.get("collections", ()))


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Path and operation of each GET that needs nothing in its path but an example."""
    for path, item in document["paths"].items():
        yield path, item["get"]


def content(document: dict[str, Any], operation: dict[str, Any]) -> dict[str, Any]:
    """What the success of an operation may be, by media type, references followed."""
    found = operation["responses"]["200"]
    if "$ref" in found:
        found = document["components"]["responses"][found["$ref"].rpartition("/")[2]]
    return dict(found["content"])


def declared(document: dict[str, Any], operation: dict[str, Any]) -> dict[str, Any]:
    """The parameters of an operation by name, references followed."""
    shared = document["components"]["parameters"]
    given = (
        shared[one["$ref"].rpartition("/")[2]] if "$ref" in one else one for one in operation["parameters"]
    )
    return {one["name"]: one for one in given}


ITEMS = "/collections/xzq_county/items"
#: Parameter of items -> a value that is right, and one that is not.
VALUES = {
    "limit": ("3", "0"),
    "bbox": ("106,29,107,30", "106;29;107;30"),
    "datetime": ("2024-01-01", "yesterday"),
    "filter": ("SJDM='510100'", "SJDM=="),
    "filter-lang": ("cql2-text", "sql"),
    "offset": ("3", "-1"),
    "lang": ("en", "fr"),
    "f": ("geojson", "gml"),
    "JB": ("county", "galaxy"),
    "VALID_FROM": ("2024-01-01", "2024-02-30"),
}


def count(json: Json, query: str) -> int:
    return int(json(f"{ITEMS}?{query}")["numberMatched"])


class TestCore:
    def test_http(self, client: Client) -> None:
        for path in (*ROOT, *GEOSPATIAL, "/api", ITEMS):
            answer = client.get(path)
            head = client.head(path)
            assert answer.status_code == head.status_code == 200
            assert head.get_data() == b""
            assert answer.headers["ETag"] == head.headers["ETag"]
            assert client.get(path, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
        assert client.delete("/").status_code == 405

    def test_query_param_name_unknown(self, json: Json, get: Get) -> None:
        for path in (*ROOT, *GEOSPATIAL, "/api", ITEMS):
            [fault] = get(f"{path}?no_such_parameter=1", 400).json["errors"]
            assert fault["parameter"] == "no_such_parameter"

    @pytest.mark.parametrize("name", VALUES)
    def test_query_param_value_invalid(self, json: Json, get: Get, name: str) -> None:
        right, wrong = VALUES[name]
        assert name in declared(json("/api"), json("/api")["paths"][ITEMS]["get"])
        get(f"{ITEMS}?{name}={right}")
        [fault] = get(f"{ITEMS}?{name}={wrong}", 400).json["errors"]
        assert fault["parameter"] == name and fault["expected"]

    @pytest.mark.parametrize("name", VALUES)
    def test_query_param_capitalization(self, get: Get, name: str) -> None:
        get(f"{ITEMS}?{name}={VALUES[name][0]}")
        get(f"{ITEMS}?{name.swapcase()}={VALUES[name][0]}", 400)

    def test_query_param_capitalization_of_percent_encoding(self, json: Json) -> None:
        assert count(json, "XZQMC=%E9%9D%92%E7%BE%8A%E5%8C%BA") == 1
        assert count(json, "XZQMC=%e9%9d%92%e7%be%8a%e5%8c%ba") == 1

    def test_query_param_list_delimiter(self, json: Json, get: Get) -> None:
        assert 0 < count(json, "bbox=106.5,29.5,106.6,29.6") < count(json, "")
        for delimiter in (";", "|", "%20"):
            get(f"{ITEMS}?bbox={delimiter.join(('106', '29', '107', '30'))}", 400)

    def test_query_param_list_escape(self, json: Json, get: Get) -> None:
        assert count(json, "bbox=106.5%2C29.5%2C106.6%2C29.6") == count(json, "bbox=106.5,29.5,106.6,29.6")
        get(f"{ITEMS}?bbox=106.5,29.5 ,106.6,29.6".replace(" ", "%20x"), 400)

    def test_query_param_list_empty(self, json: Json, get: Get) -> None:
        # A list with nothing in it says nothing: the document is that of no list at all.
        plain = json("/collections/xzq_county/schema")
        assert json("/collections/xzq_county/schema?profile=") == plain

    def test_query_param_value_boolean(self, json: Json, get: Get) -> None:
        projects = "/collections/major_projects/items"
        whole = json(f"{projects}?limit=1000")["features"]
        for value in (True, False):
            found = json(f"{projects}?limit=1000&SFHS={text.dumps(value)}")["features"]
            assert found == [one for one in whole if one["properties"]["SFHS"] is value]
        for wrong in ("True", "FALSE", "1", "yes"):
            get(f"{projects}?SFHS={wrong}", 400)

    def test_query_param_value_integer(self, json: Json, get: Get) -> None:
        assert json(f"{ITEMS}?limit=0003")["numberReturned"] == 3
        for wrong in ("-3", "3.0", "3e0", "０３", "three"):
            get(f"{ITEMS}?limit={wrong}", 400)
        assert json("/collections/places/items?RK=-1")["numberMatched"] == 0

    def test_query_param_value_decimal(self, json: Json) -> None:
        assert count(json, "bbox=0106.50,029.500,106.6000,29.60") == count(json, "bbox=106.5,29.5,106.6,29.6")
        assert count(json, "bbox=-106.500,-29.500,106.600,29.600") == count(
            json, "bbox=-106.5,-29.5,106.6,29.6"
        )

    def test_query_param_value_double(self, json: Json) -> None:
        assert count(json, "bbox=1.065e2,2.95e1,1066e-1,29.6E0") == count(json, "bbox=106.5,29.5,106.6,29.6")


class TestLandingPage:
    def test_root_op(self, get: Get) -> None:
        get("/")

    def test_root_success(self, get: Get, linked: Linked) -> None:
        document = json_is(get, "/")
        assert linked(document, "service-desc") and linked(document, "service-doc")
        assert linked(document, f"{OGC}conformance") and linked(document, "conformance")
        html_is(get, "/")

    def test_root_success_all_links_lead_to_what_they_say(self, json: Json, get: Get) -> None:
        for link in json("/")["links"]:
            assert get(link["href"], Accept=link["type"]).content_type.startswith(link["type"]), link

    def test_api_definition_op(self, json: Json, get: Get, linked: Linked) -> None:
        for rel in ("service-desc", "service-doc"):
            for link in linked(json("/"), rel):
                get(link["href"])

    def test_api_definition_success(self, json: Json, get: Get, linked: Linked) -> None:
        links = [*linked(json("/"), "service-desc"), *linked(json("/"), "service-doc")]
        for link in links:
            answer = get(link["href"].partition("?")[0], Accept=link["type"])
            assert answer.content_type.startswith(link["type"])

    def test_conformance_op(self, json: Json, get: Get, linked: Linked) -> None:
        for link in linked(json("/"), f"{OGC}conformance"):
            assert get(link["href"]).json == json("/conformance")

    def test_conformance_success(self, get: Get) -> None:
        declared = json_is(get, "/conformance")["conformsTo"]
        assert len(set(declared)) == len(declared) > 0


class TestJson:
    @pytest.mark.parametrize("path", ROOT)
    def test_definition(self, get: Get, path: str) -> None:
        assert get(path, Accept="application/json").content_type == "application/json"
        assert get(f"{path}?f=json", Accept="text/html").content_type == "application/json"

    @pytest.mark.parametrize("path", ROOT)
    def test_content(self, get: Get, path: str) -> None:
        json_is(get, path)


class TestHtml:
    @pytest.mark.parametrize("path", ROOT)
    def test_definition(self, get: Get, path: str) -> None:
        for answer in (get(path, Accept="text/html,*/*;q=0.8"), get(f"{path}?f=html", Accept="*/*")):
            assert answer.content_type == "text/html; charset=utf-8"

    @pytest.mark.parametrize("path", ROOT)
    @pytest.mark.parametrize("lang", ["zh", "en"])
    def test_content(self, client: Client, get: Get, path: str, lang: str) -> None:
        html_is(lambda address, **headers: get(address, Accept_Language=lang, **headers), path)


class TestOas30:
    def test_completeness(self, json: Json) -> None:
        """Every operation names its answers; tests/journeys/test_any_request.py holds real answers against them."""
        document = json("/api")
        for path, operation in operations(document):
            assert {"200", "400", "500"} <= operation["responses"].keys(), path
            assert content(document, operation), path

    def test_exception_codes(self, json: Json, client: Client) -> None:
        document = json("/api")
        examples = {
            "304": ("/collections", {"If-None-Match": "*"}),
            "400": ("/collections?x=1", {}),
            "404": ("/collections/no_such", {}),
            "406": ("/collections", {"Accept": "image/tiff"}),
            "414": ("/collections?" + "x" * 9000, {}),
        }
        for status, (path, headers) in examples.items():
            assert client.get(path, headers=headers).status_code == int(status)
            named = "/collections/{collectionId}" if status == "404" else "/collections"
            assert status in document["paths"][named]["get"]["responses"]

    def test_definition_1(self, json: Json, linked: Linked) -> None:
        types = [link["type"] for link in linked(json("/"), "service-desc")]
        assert "application/vnd.oai.openapi+json;version=3.0" in types
        assert [link["type"] for link in linked(json("/"), "service-doc")] == ["text/html"]

    def test_definition_2(self, json: Json) -> None:
        OpenAPIV30SpecValidator(json("/api")).validate()

    def test_oas_impl(self, json: Json, get: Get) -> None:
        document = json("/api")
        for path, operation in operations(document):
            if "{" not in path and not path.endswith("/items"):
                for media in content(document, operation):
                    needed = {
                        name: one["example"]
                        for name, one in declared(document, operation).items()
                        if one.get("required")
                    }
                    answer = get(f"{path}?{urlencode(needed)}", Accept=media)
                    assert answer.content_type.partition("; charset")[0] == media

    def test_security(self, json: Json) -> None:
        # Nothing is access-controlled, so there is no scheme to name.
        assert "security" not in json("/api")
        assert "securitySchemes" not in json("/api")["components"]


class TestGeospatialCollections:
    def test_collections_list_op(self, json: Json, get: Get, linked: Linked) -> None:
        get("/collections")
        for rel in ("data", f"{OGC}data"):
            [link] = [one for one in linked(json("/"), rel) if one["type"] == "application/json"]
            assert get(link["href"]).json == json("/collections?f=json")

    def test_collections_list_success(self, get: Get) -> None:
        json_is(get, "/collections")
        html_is(get, "/collections")

    def test_collections_list_links(self, json: Json, get: Get, linked: Linked) -> None:
        document = json("/collections")
        assert [link["type"] for link in linked(document, "self")] == ["application/json"]
        assert [link["type"] for link in linked(document, "alternate")] == ["text/html"]
        assert all({"rel", "type"} <= link.keys() for link in document["links"])

    def test_collections_list_collections(self, json: Json, release: Any) -> None:
        listed = [one["id"] for one in json("/collections")["collections"]]
        assert listed == [layer.id for layer in release.manifest.layers]

    def test_description_op(self, json: Json, get: Get) -> None:
        for one in json("/collections")["collections"]:
            get(f"/collections/{one['id']}")

    def test_description_success(self, json: Json, get: Get) -> None:
        json_is(get, "/collections/rivers")
        html_is(get, "/collections/rivers")
        for one in json("/collections")["collections"]:
            alone = json(f"/collections/{one['id']}")
            # Features Part 2 (18-058r1 6.2) lets a list say once what CRSs all collections have: "#/crs".
            assert {**alone, "links": None, "crs": None} == {**one, "links": None, "crs": None}

    def test_description_links(self, json: Json, linked: Linked) -> None:
        for one in json("/collections")["collections"]:
            document = json(f"/collections/{one['id']}")
            assert [link["type"] for link in linked(document, "self")] == ["application/json"]
            assert [link["type"] for link in linked(document, "alternate")] == ["text/html"]
            assert all({"rel", "type"} <= link.keys() for link in document["links"])

    def test_description_extent(self, json: Json) -> None:
        for one in json("/collections")["collections"]:
            extent = one.get("extent", {})
            features = json(f"/collections/{one['id']}/items?limit=1000")["features"]
            if "spatial" in extent:
                bounds = box(*extent["spatial"]["bbox"][0])
                shapes = [shape(feature["geometry"]) for feature in features if feature["geometry"]]
                assert all(bounds.buffer(1e-9).contains(box(*found.bounds)) for found in shapes)

    def test_description_extent_multi(self, json: Json) -> None:
        for one in json("/collections")["collections"]:
            extent = one.get("extent", {})
            assert len(extent.get("spatial", {}).get("bbox", [None])) == 1
            assert len(extent.get("temporal", {}).get("interval", [None])) == 1


class TestGeospatialJson:
    @pytest.mark.parametrize("path", GEOSPATIAL)
    def test_definition(self, get: Get, path: str) -> None:
        assert get(path, Accept="application/json").content_type == "application/json"

    @pytest.mark.parametrize("path", GEOSPATIAL)
    def test_content(self, get: Get, path: str) -> None:
        json_is(get, path)


class TestGeospatialHtml:
    @pytest.mark.parametrize("path", GEOSPATIAL)
    def test_definition(self, get: Get, path: str) -> None:
        assert get(path, Accept="text/html").content_type == "text/html; charset=utf-8"

    @pytest.mark.parametrize("path", GEOSPATIAL)
    def test_content(self, get: Get, path: str) -> None:
        html_is(get, path)
