"""The abstract tests of OGC 17-069r4 (Features Part 1), annex A: a class of tests for each conformance class, a test for each.

`test_fc_bbox_response` in `TestCore` is /conf/core/fc-bbox-response. What Common tests just so (/conf/core/root-op, http and
the like) is in test_common.py and not again here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV30SpecValidator
from shapely.geometry import box, shape
from werkzeug.test import Client

Json = Callable[..., Any]
Get = Callable[..., Any]
Linked = Callable[..., list[dict[str, Any]]]
SECOND = timedelta(seconds=1)
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
GEOJSON = "application/geo+json"
COUNTIES = "/collections/xzq_county/items"
#: A layer with a time, one with features that have no geometry, one whose ids are numbers.
LAYERS = ("xzq_county", "townships", "places")


@pytest.fixture(scope="module")
def ids(json: Json) -> list[str]:
    return [one["id"] for one in json("/collections")["collections"]]


def everything(json: Json, query: str, layer: str = "xzq_county") -> list[dict[str, Any]]:
    """All features of a query, page by page, along the next links."""
    page = json(f"/collections/{layer}/items?limit=10000&{query}")
    found = page["features"]
    assert page["numberMatched"] == len(found)
    return list(found)


def parameter(json: Json, path: str, name: str) -> dict[str, Any]:
    """A parameter of an operation, references followed."""
    document = json("/api")
    shared = document["components"]["parameters"]
    [found] = [
        one
        for given in document["paths"][path]["get"]["parameters"]
        if (one := shared[given["$ref"].rpartition("/")[2]] if "$ref" in given else given)["name"] == name
    ]
    return dict(found)


class TestCore:
    def test_conformance_success(self, json: Json) -> None:
        assert (
            "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core"
            in json("/conformance")["conformsTo"]
        )

    def test_root_success(self, json: Json, linked: Linked) -> None:
        for rel in ("self", "alternate", "service-desc", "service-doc", "conformance", "data"):
            assert linked(json("/"), rel), rel

    def test_crs84(self, json: Json, get: Get, ids: list[str]) -> None:
        for name in ids:
            answer = get(f"/collections/{name}/items?limit=50")
            assert answer.headers.get("Content-Crs", f"<{CRS84}>") == f"<{CRS84}>"
            shapes = [shape(one["geometry"]) for one in answer.json["features"] if one["geometry"]]
            assert all(box(97, 26, 111, 35).contains(box(*found.bounds)) for found in shapes), name

    @pytest.mark.parametrize("status", [404])
    def test_fc_md_op(self, get: Get, status: int) -> None:
        get("/collections")
        get("/collections/no_such_collection", status)

    def test_fc_md_success(self, json: Json) -> None:
        document = json("/collections")
        assert all({"href", "rel"} <= link.keys() for link in document["links"])
        for one in document["collections"]:
            assert one["id"] and one["itemType"] == "feature"
            assert one["crs"] == ["#/crs"] and document["crs"][0] == CRS84
            assert all({"href", "rel"} <= link.keys() for link in one["links"])

    def test_fc_md_links(self, json: Json, linked: Linked) -> None:
        document = json("/collections")
        assert [link["type"] for link in linked(document, "self")] == ["application/json"]
        assert [link["type"] for link in linked(document, "alternate")] == ["text/html"]

    def test_fc_md_items(self, ids: list[str], release: Any) -> None:
        assert ids == [layer.id for layer in release.manifest.layers]

    def test_fc_md_items_links(self, json: Json, linked: Linked, get: Get) -> None:
        """One link of rel items for each encoding of features, with a type that it keeps."""
        for one in json("/collections")["collections"]:
            types = [link["type"] for link in linked(one, "items")]
            assert {GEOJSON, "text/html"} <= set(types)
            for link in linked(one, "items"):
                if link["type"] in (GEOJSON, "text/html"):
                    assert get(link["href"]).content_type.partition("; charset")[0] == link["type"]

    @pytest.mark.parametrize("layer", LAYERS)
    def test_fc_md_extent(self, json: Json, layer: str) -> None:
        extent = json(f"/collections/{layer}")["extent"]
        [bounds] = extent["spatial"]["bbox"]
        assert extent["spatial"]["crs"] == CRS84
        frame = box(*bounds).buffer(1e-9)
        for feature in everything(json, "", layer):
            if feature["geometry"]:
                assert frame.contains(box(*shape(feature["geometry"]).bounds))

    def test_fc_md_extent_of_time(self, json: Json) -> None:
        [[start, end]] = json("/collections/xzq_county")["extent"]["temporal"]["interval"]
        for feature in everything(json, ""):
            first, last = (feature["properties"][name] for name in ("VALID_FROM", "VALID_TO"))
            if first is None and last is None:
                continue
            since, until = day(first, 0), day(last, 1)
            assert start is None or (since is not None and datetime.fromisoformat(start) <= since)
            assert end is None or (until is not None and until - SECOND <= datetime.fromisoformat(end))

    def test_fc_md_extent_multi(self, json: Json) -> None:
        for one in json("/collections")["collections"]:
            assert len(one.get("extent", {}).get("spatial", {}).get("bbox", [0])) == 1

    def test_sfc_md_op(self, get: Get, ids: list[str]) -> None:
        for name in ids:
            get(f"/collections/{name}")

    def test_sfc_md_success(self, json: Json) -> None:
        for one in json("/collections")["collections"]:
            alone = json(f"/collections/{one['id']}")
            for name in ("id", "title", "description", "extent", "itemType"):
                assert alone.get(name) == one.get(name), name
            told = {(link["rel"], link["href"]) for link in alone["links"]}
            assert {(link["rel"], link["href"]) for link in one["links"]} <= told

    def test_fc_op(self, json: Json, get: Get, ids: list[str]) -> None:
        for name in ids:
            assert get(f"/collections/{name}/items").content_type == GEOJSON
        get("/collections/no_such_collection/items", 404)

    def test_fc_response(self, json: Json, ids: list[str]) -> None:
        for name in ids:
            document = json(f"/collections/{name}/items?limit=5")
            assert document["type"] == "FeatureCollection"
            assert all(feature["type"] == "Feature" for feature in document["features"])

    def test_fc_links(self, json: Json, linked: Linked) -> None:
        for query in ("limit=5", "limit=5&bbox=106,29,107,30&datetime=2024-01-01"):
            document = json(f"{COUNTIES}?{query}")
            assert [link["type"] for link in linked(document, "self")] == [GEOJSON]
            assert "text/html" in [link["type"] for link in linked(document, "alternate")]
            for rel in ("self", "alternate", "next", "prev"):
                assert all("type" in link for link in linked(document, rel)), rel
            assert json(linked(document, "self")[0]["href"])["features"] == document["features"]

    def test_fc_links_next_leads_through_all(self, json: Json, linked: Linked) -> None:
        walked, address = [], f"{COUNTIES}?limit=60"
        while address:
            page = json(address)
            walked += page["features"]
            address = next((link["href"] for link in linked(page, "next")), "")
        assert walked == everything(json, "")

    def test_fc_numberMatched(self, json: Json) -> None:
        for query in ("", "bbox=106,29,107,30", "datetime=2024-01-01", "JB=county", "XZQMC=青羊区"):
            assert json(f"{COUNTIES}?limit=2&{query}")["numberMatched"] == len(everything(json, query))

    def test_fc_numberReturned(self, json: Json) -> None:
        for query in ("", "limit=1", "limit=3&bbox=106,29,107,30", "datetime=1900-01-01"):
            document = json(f"{COUNTIES}?{query}")
            assert document["numberReturned"] == len(document["features"])

    def test_fc_timeStamp(self, json: Json) -> None:
        """ "If a property timeStamp is included": it is not, so that equal questions have equal answers."""
        assert "timeStamp" not in json(f"{COUNTIES}?limit=1")

    def test_fc_bbox_definition(self, json: Json, ids: list[str]) -> None:
        for name in ids:
            bbox = parameter(json, f"/collections/{name}/items", "bbox")
            assert (bbox["in"], bbox["required"]) == ("query", False)
            assert (bbox["style"], bbox["explode"]) == ("form", False)
            schema = bbox["schema"]
            assert (schema["type"], schema["minItems"], schema["maxItems"]) == ("array", 4, 6)
            assert schema["items"] == {"type": "number"}

    @pytest.mark.parametrize("layer", LAYERS)
    @pytest.mark.parametrize(
        "bbox",
        ["106.5,29.5,106.6,29.6", "104,30,105.5,31", "0,0,1,1", "106,29,0,107,30,9000", "170,29,107,30"],
    )
    def test_fc_bbox_response(self, json: Json, layer: str, bbox: str) -> None:
        numbers = [float(number) for number in bbox.split(",")]
        west, south, east, north = numbers[0], numbers[1], *numbers[-len(numbers) // 2 :][:2]
        frames = [(west, east)] if west <= east else [(west, 180.0), (-180.0, east)]
        expected = {
            feature["id"]
            for feature in everything(json, "", layer)
            if feature["geometry"] is None
            or any(box(a, south, b, north).intersects(shape(feature["geometry"])) for a, b in frames)
        }
        assert {feature["id"] for feature in everything(json, f"bbox={bbox}", layer)} == expected

    def test_fc_limit_definition(self, json: Json, ids: list[str]) -> None:
        for name in ids:
            limit = parameter(json, f"/collections/{name}/items", "limit")
            assert (limit["in"], limit["required"]) == ("query", False)
            assert (limit["style"], limit["explode"]) == ("form", False)
            schema = limit["schema"]
            assert schema["type"] == "integer"
            assert 1 == schema["minimum"] <= schema["default"] <= schema["maximum"]

    def test_fc_limit_response(self, json: Json) -> None:
        schema = parameter(json, COUNTIES, "limit")["schema"]
        matched = json(COUNTIES)["numberMatched"]
        assert json(COUNTIES)["numberReturned"] == min(schema["default"], matched)
        for limit in (1, 7, schema["maximum"], schema["maximum"] + 1, 10**30):
            expected = min(limit, schema["maximum"], matched)
            assert json(f"{COUNTIES}?limit={limit}")["numberReturned"] == expected

    def test_fc_time_definition(self, json: Json, ids: list[str]) -> None:
        for name in ids:
            time = parameter(json, f"/collections/{name}/items", "datetime")
            assert (time["in"], time["required"]) == ("query", False)
            assert (time["style"], time["explode"], time["schema"]["type"]) == ("form", False, "string")

    @pytest.mark.parametrize(
        "asked",
        [
            "2015-06-01T00:00:00Z",
            "2015-06-01",
            "2013-01-01T00:00:00Z/2016-12-31T23:59:59Z",
            "../2015-06-01T12:00:00Z",
            "/2015-06-01T12:00:00Z",
            "2015-06-01T12:00:00Z/..",
            "2015-06-01T12:00:00Z/",
            "2015-06-01T08:00:00%2B08:00",
        ],
    )
    def test_fc_time_response(self, json: Json, asked: str) -> None:
        """A county is valid from the first moment of one day to the last of another; no day is an open end."""
        first, _, last = asked.replace("%2B", "+").partition("/")
        start, end = moment(first), moment(last if "/" in asked else first, last=True)
        expected = {
            feature["id"]
            for feature in everything(json, "")
            if (until := day(feature["properties"]["VALID_TO"], 1)) is None or start is None or until > start
            if (since := day(feature["properties"]["VALID_FROM"], 0)) is None or end is None or since <= end
        }
        assert {feature["id"] for feature in everything(json, f"datetime={asked}")} == expected

    def test_fc_time_response_without_a_time(self, json: Json) -> None:
        assert everything(json, "datetime=1900-01-01", "rivers") == everything(json, "", "rivers")

    def test_f_op(self, json: Json, get: Get, ids: list[str]) -> None:
        for name in ids:
            for feature in json(f"/collections/{name}/items?limit=3")["features"]:
                get(f"/collections/{name}/items/{feature['id']}")
        get(f"{COUNTIES}/no-such-feature", 404)

    @pytest.mark.parametrize("layer", LAYERS)
    def test_f_success(self, json: Json, layer: str) -> None:
        for feature in json(f"/collections/{layer}/items?limit=20")["features"]:
            alone = json(f"/collections/{layer}/items/{feature['id']}")
            assert {name: alone[name] for name in feature} == feature

    def test_f_links(self, json: Json, linked: Linked, get: Get) -> None:
        document = json(f"{COUNTIES}/510105")
        assert [link["type"] for link in linked(document, "self")] == [GEOJSON]
        assert "text/html" in [link["type"] for link in linked(document, "alternate")]
        [collection] = linked(document, "collection")
        assert get(collection["href"], Accept=collection["type"]).json["id"] == "xzq_county"

    def test_query_param_unknown(self, get: Get, ids: list[str]) -> None:
        for name in ids:
            get(f"/collections/{name}/items?no_such_parameter=1", 400)
        get(f"{COUNTIES}/510105?no_such_parameter=1", 400)

    @pytest.mark.parametrize(
        "query",
        [
            *(f"limit={wrong}" for wrong in ("0", "-1", "x", "1.5")),
            *(f"bbox={wrong}" for wrong in ("1,2,3", "1,2,3,x", "106,30,107,29")),
            *(f"datetime={wrong}" for wrong in ("yesterday", "2024-02-30", "2024-01-01/2023-01-01", "../..")),
        ],
    )
    def test_query_param_invalid(self, get: Get, query: str) -> None:
        [fault] = get(f"{COUNTIES}?{query}", 400).json["errors"]
        assert fault["parameter"] == query.partition("=")[0]


def moment(text: str, last: bool = False) -> datetime | None:
    """An end of an interval; of a day its first moment, or the last."""
    if text in ("", ".."):
        return None
    if len(text) == 10:
        start = datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC)
        return start + timedelta(days=1, microseconds=-1) if last else start
    return datetime.fromisoformat(text)


def day(text: str | None, later: int) -> datetime | None:
    """The first moment of a day, or of the next."""
    if text is None:
        return None
    return datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC) + timedelta(days=later)


class TestGeojson:
    def test_definition(self, get: Get) -> None:
        for path in (f"{COUNTIES}?limit=3", f"{COUNTIES}/510105"):
            for accept in (GEOJSON, "application/json", "*/*"):
                assert get(path, Accept=accept).content_type == GEOJSON
        for path in ("/", "/conformance", "/collections", "/collections/xzq_county"):
            assert get(path, Accept="application/json").content_type == "application/json"

    @pytest.mark.parametrize("layer", LAYERS)
    def test_content(self, json: Json, layer: str) -> None:
        document = json(f"/collections/{layer}/items?limit=100")
        assert document["type"] == "FeatureCollection" and "links" in document
        for feature in document["features"]:
            assert feature["type"] == "Feature" and {"geometry", "properties", "id"} <= feature.keys()
            if feature["geometry"] is not None:
                found = shape(feature["geometry"])
                # RFC 7946 3.1.6: exterior rings are counter-clockwise.
                polygons = [one for one in getattr(found, "geoms", [found]) if one.geom_type == "Polygon"]
                assert all(polygon.exterior.is_ccw for polygon in polygons)
        alone = json(f"/collections/{layer}/items/{document['features'][0]['id']}")
        assert alone["type"] == "Feature" and "links" in alone
        assert str(alone["id"]) == str(document["features"][0]["id"])


class TestHtml:
    @pytest.mark.parametrize("path", [f"{COUNTIES}?limit=3", f"{COUNTIES}/510105"])
    def test_definition(self, get: Get, path: str) -> None:
        assert get(path, Accept="text/html").content_type == "text/html; charset=utf-8"

    def test_content(self, json: Json, get: Get) -> None:
        for path in (f"{COUNTIES}?limit=3", f"{COUNTIES}/510105"):
            page = get(path, Accept="text/html").get_data(as_text=True)
            assert page.startswith("<!doctype html>")
            document = json(path)
            for feature in document.get("features", [document]):
                assert feature["properties"]["XZQMC"] in page
            leads = set(re.findall(r'<a href="([^"]*)"', page))
            told = get(path, Accept="text/html").headers["Link"]
            follow = re.findall(r'<([^>]*)>; rel="(?:next|collection|alternate)"', told)
            assert {link.replace("&", "&amp;") for link in follow} <= leads


class TestOas30:
    def test_completeness(self, json: Json, ids: list[str]) -> None:
        document = json("/api")
        shared = document["components"]["responses"]
        paths = {f"/collections/{name}/items" for name in ids} | {
            "/collections/{collectionId}/items/{featureId}"
        }
        for path in paths:
            for operation in document["paths"][path].values():
                assert {"200", "400", "404", "406", "414", "500", "503"} <= operation["responses"].keys()
                name = operation["responses"]["200"].get("$ref", "").rpartition("/")[2]
                content = (shared[name] if name else operation["responses"]["200"])["content"]
                assert "$ref" in content[GEOJSON]["schema"] and "text/html" in content

    def test_exceptions_codes(self, json: Json, client: Client) -> None:
        answers = {
            f"{COUNTIES}?x=1": 400,
            "/collections/xzq_county/items?limit=1&bbox=" + "1" * 8000: 414,
            "/collections/xzq_county/items?f=no-such": 400,
        }
        told = json("/api")["paths"][COUNTIES]["get"]["responses"]
        for path, status in answers.items():
            assert client.get(path).status_code == status
            assert str(status) in told
        assert client.get(COUNTIES, headers={"Accept": "image/tiff"}).status_code == 406
        tag = client.get(COUNTIES).headers["ETag"]
        assert client.get(COUNTIES, headers={"If-None-Match": tag}).status_code == 304
        assert {"304", "406"} <= told.keys()

    def test_oas_definition_1(self, json: Json, linked: Linked) -> None:
        assert "application/vnd.oai.openapi+json;version=3.0" in [
            link["type"] for link in linked(json("/"), "service-desc")
        ]
        assert linked(json("/"), "service-doc")[0]["type"] == "text/html"

    def test_oas_definition_2(self, json: Json) -> None:
        OpenAPIV30SpecValidator(json("/api")).validate()

    def test_oas_impl(self, json: Json, get: Get, ids: list[str]) -> None:
        """tests/server_pages/test_openapi.py tries every path, form and parameter of the definition."""
        for name in ids:
            for media in (GEOJSON, "text/html"):
                answer = get(f"/collections/{name}/items?limit=1", Accept=media)
                assert answer.content_type.partition("; charset")[0] == media

    def test_security(self, json: Json, get: Get) -> None:
        assert "security" not in json("/api")
        get(COUNTIES)
