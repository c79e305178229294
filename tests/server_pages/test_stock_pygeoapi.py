"""A stock pygeoapi, started as a process by its own command, serves a release through our provider.

It is asked over HTTP; what it answers must be what our own server answers.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest
import shapely
import yaml

from config.models import Service

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
IN_CHONGQING = "106.5,29.5,106.6,29.6"

Ask = Callable[..., Any]


def resource(published: Service, layer: str, **more: Any) -> dict[str, Any]:
    """One collection of a pygeoapi configuration."""
    provider = {
        "type": "feature",
        "name": "releases.provider.ReleaseProvider",
        "data": str(published.published),
        "id_field": "id",
        "crs": [CRS84, EPSG + "4490", EPSG + "3857"],
        "storage_crs": CRS84,
        "options": {"layer": layer, "lang": "en"},
    }
    return {
        "type": "collection",
        "title": layer,
        "description": layer,
        "keywords": [layer],
        "links": [],
        "extents": {
            "spatial": {"bbox": [97, 26, 111, 35], "crs": CRS84},
            "temporal": {"begin": None, "end": None},
        },
        "providers": [provider | more],
    }


def configuration(published: Service, port: int) -> dict[str, Any]:
    """What pygeoapi demands of a configuration, and six collections."""
    address = f"http://127.0.0.1:{port}"
    layers = ("xzq_county", "places", "major_projects", "rail_stations")
    nobody = {"name": "nobody", "url": address}
    return {
        "server": {
            "bind": {"host": "127.0.0.1", "port": port},
            "url": address,
            "mimetype": "application/json; charset=UTF-8",
            "encoding": "utf-8",
            "languages": ["en-US", "zh-CN"],
            "limits": {"default_items": 10, "max_items": 10_000},
            "map": {"url": address, "attribution": ""},
        },
        "logging": {"level": "ERROR"},
        "metadata": {
            "identification": {
                "title": "stock",
                "description": "stock",
                "keywords": ["stock"],
                "keywords_type": "theme",
                "terms_of_service": address,
                "url": address,
            },
            "license": nobody,
            "provider": nobody,
            "contact": nobody,
        },
        "resources": {
            **{layer: resource(published, layer) for layer in layers},
            "stored_in_4490": resource(published, "xzq_county", storage_crs=EPSG + "4490"),
            "four_fields": resource(
                published, "xzq_county", properties=["XZQDM", "XZQMC", "JB", "MJ"], title_field="XZQMC"
            ),
        },
    }


@pytest.fixture(scope="module")
def stock(
    published: Service,
    root: Path,
    free_port: Callable[[], int],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[str]:
    """The address of a stock pygeoapi that serves the demo's release."""
    folder, port = tmp_path_factory.mktemp("stock"), free_port()
    (folder / "config.yml").write_text(yaml.safe_dump(configuration(published, port)))
    environment = {
        **os.environ,
        # The provider is found by its dotted name, as any plugin of pygeoapi.
        "PYTHONPATH": str(root),
        "PYGEOAPI_CONFIG": str(folder / "config.yml"),
        "PYGEOAPI_OPENAPI": str(folder / "openapi.yml"),
    }
    program = str(Path(sys.executable).with_name("pygeoapi"))
    generate = [program, "openapi", "generate", "config.yml", "--output-file", "openapi.yml"]
    subprocess.run(generate, cwd=folder, env=environment, check=True, capture_output=True)
    log = folder / "stock.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-c", f"from pygeoapi.flask_app import APP; APP.run(port={port})"],
            cwd=folder,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            wait(f"http://127.0.0.1:{port}/", process, log)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(20)


def wait(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(600):
        assert process.poll() is None, log.read_text()
        try:
            urlopen(address, timeout=5).close()
            return
        except (URLError, OSError):
            time.sleep(0.1)
    raise AssertionError(log.read_text())


@pytest.fixture
def theirs(stock: str) -> Ask:
    """Ask the stock pygeoapi: the parsed answer, of another status than 200 only when it is expected."""

    def ask(path: str, status: int = 200, **query: Any) -> Any:
        address = f"{stock}/collections/{path}?{urlencode({'f': 'json', **query})}"
        try:
            with urlopen(address, timeout=60) as answer:
                assert status == 200, address
                return json.load(answer)
        except HTTPError as error:
            text = error.read().decode()
            assert error.code == status, (address, error.code, text[:500])
            return json.loads(text)

    return ask


@pytest.fixture
def ours(json: Ask) -> Ask:
    """Ask our own server the same."""
    return lambda path, **query: json(f"/collections/{path}?{urlencode(query)}")


def plain(feature: dict[str, Any]) -> dict[str, Any]:
    """What a feature is, without links and the like."""
    return {name: feature[name] for name in ("type", "id", "geometry", "properties")}


@pytest.mark.parametrize(
    ("layer", "query"),
    [
        ("xzq_county", {}),
        ("xzq_county", {"limit": 7, "SJDM": "510100"}),
        ("xzq_county", {"bbox": IN_CHONGQING}),
        ("xzq_county", {"bbox": IN_CHONGQING, "XZQDM": "500103"}),
        ("xzq_county", {"limit": 221}),
        ("places", {"GID": 1279965}),
        ("major_projects", {"datetime": "2026-01-01/.."}),
        ("major_projects", {"datetime": "../2026-01-01", "limit": 3}),
        ("rail_stations", {"limit": 1000}),
        ("xzq_county", {"filter": "MJ > 5000000000 AND JB = 'county'"}),
        ("xzq_county", {"filter": "S_INTERSECTS(geometry, POINT(106.55 29.55))"}),
        ("xzq_county", {"filter": "XZQMC LIKE '%江%'", "limit": 100}),
        ("xzq_county", {"filter": "casei(XZQMC_EN) LIKE casei('CHENG%') OR area(geometry) > 2e10"}),
        ("xzq_county", {"q": "江", "limit": 100}),
        ("places", {"q": "cheng,chong", "sortby": "-GID", "limit": 100}),
        ("xzq_county", {"sortby": "SJDM,-MJ", "limit": 221}),
    ],
)
def test_stock_pygeoapi_answers_what_our_own_server_answers(
    theirs: Ask, ours: Ask, layer: str, query: dict[str, Any]
) -> None:
    found, expected = theirs(f"{layer}/items", **query), ours(f"{layer}/items", **{"limit": 10, **query})
    assert found["numberMatched"] == expected["numberMatched"] > 0
    assert found["numberReturned"] == expected["numberReturned"]
    assert list(map(plain, found["features"])) == list(map(plain, expected["features"]))


def test_one_feature_is_the_same(theirs: Ask, ours: Ask) -> None:
    assert plain(theirs("xzq_county/items/510105")) == plain(ours("xzq_county/items/510105"))
    assert theirs("xzq_county/items/nowhere", status=404)["description"] == "no feature 'nowhere'"


def test_offsets_walk_through_every_feature_once(theirs: Ask, stock: str) -> None:
    walked, address = [], f"{stock}/collections/xzq_county/items?f=json&limit=50&skipGeometry=true"
    while address:
        with urlopen(address) as answer:
            page = json.load(answer)
        walked += [feature["id"] for feature in page["features"]]
        address = next((link["href"] for link in page["links"] if link["rel"] == "next"), "")
    assert len(walked) == len(set(walked)) == 221
    beyond = theirs("xzq_county/items", offset=10**30)
    assert beyond["features"] == [] and beyond["numberMatched"] == 221


@pytest.mark.parametrize("sortby", ["MJ", "-MJ", "SJDM,-MJ", "-SJMC,XZQMC"])
def test_features_come_sorted(theirs: Ask, ours: Ask, sortby: str) -> None:
    whole = [feature["properties"] for feature in ours("xzq_county/items", limit=1000)["features"]]
    expected = whole
    for key in reversed(sortby.split(",")):
        expected = sorted(expected, key=lambda one: one[key.lstrip("-")], reverse=key.startswith("-"))
    found = theirs("xzq_county/items", sortby=sortby, limit=221, skipGeometry="true")["features"]
    assert [one["id"] for one in found] == [one["XZQDM"] for one in expected]


def test_chosen_properties_come_without_the_geometry(theirs: Ask) -> None:
    [one] = theirs("xzq_county/items", limit=1, properties="XZQMC,MJ", skipGeometry="true")["features"]
    assert list(one["properties"]) == ["XZQMC", "MJ"] and one["geometry"] is None
    [one] = theirs("four_fields/items", limit=1)["features"]
    assert list(one["properties"]) == ["XZQDM", "XZQMC", "JB", "MJ"]
    assert list(theirs("four_fields/items/510105")["properties"]) == ["XZQDM", "XZQMC", "JB", "MJ"]


def test_hits_are_counted_without_features(theirs: Ask) -> None:
    found = theirs("xzq_county/items", resulttype="hits", filter="JB = 'county'")
    assert found["features"] == [] and found["numberMatched"] > 50


@pytest.mark.parametrize("collection", ["xzq_county", "stored_in_4490"])
def test_axes_are_in_the_order_of_the_authority_whatever_the_storage_crs_is_said_to_be(
    theirs: Ask, collection: str
) -> None:
    truth = theirs("xzq_county/items", bbox=IN_CHONGQING, limit=100)["features"]
    degrees = shapely.from_geojson([json.dumps(one["geometry"]) for one in truth])
    assert 106 < degrees[0].bounds[0] < 108

    def found(**query: str) -> Any:
        features = theirs(f"{collection}/items", limit=100, **query)["features"]
        assert [one["id"] for one in features] == [one["id"] for one in truth], query
        return shapely.from_geojson([json.dumps(one["geometry"]) for one in features])

    turned = shapely.transform(degrees, lambda xy: xy[:, ::-1])
    # Boxes that share an edge with nothing: a transformation may move an edge by a rounding error.
    for bbox in ({"bbox": IN_CHONGQING}, {"bbox": "29.5,106.5,29.6,106.6", "bbox-crs": EPSG + "4490"}):
        assert shapely.equals_exact(found(**bbox), degrees, tolerance=1e-9).all()
        assert shapely.equals_exact(found(**bbox, crs=EPSG + "4490"), turned, tolerance=1e-9).all()
    west, south, east, north = found(bbox=IN_CHONGQING, crs=EPSG + "3857")[0].bounds
    assert 11_800_000 < west < east < 12_100_000 and 3_300_000 < south < north < 3_600_000


@pytest.mark.parametrize("collection", ["xzq_county", "stored_in_4490"])
def test_geometries_of_a_filter_are_read_in_filter_crs(theirs: Ask, collection: str) -> None:
    queries = (
        {"filter": "S_INTERSECTS(geometry, POINT(106.55 29.55))"},
        {"filter": "S_INTERSECTS(geometry, POINT(29.55 106.55))", "filter-crs": EPSG + "4490"},
        {"filter": "S_INTERSECTS(geometry, SRID=3857;POINT(11861093 3447105))"},
    )
    for query in queries:
        assert [one["id"] for one in theirs(f"{collection}/items", **query)["features"]] == ["500103"], query


def test_queryables_and_schema_tell_types_roles_and_codes(theirs: Ask) -> None:
    queryables = theirs("xzq_county/queryables")["properties"]
    assert queryables["MJ"]["type"] == "number" and queryables["XZQDM"]["x-ogc-role"] == "id"
    domain = theirs("xzq_county/queryables", profile="actual-domain")["properties"]
    assert "county" in domain["JB"]["enum"]
    schema = theirs("xzq_county/schema")["properties"]
    assert {code["const"] for code in schema["JB"]["oneOf"]} >= set(domain["JB"]["enum"])
    assert set(theirs("four_fields/schema")["properties"]) == {"geometry", "XZQDM", "XZQMC", "JB", "MJ"}


def test_pages_for_people_are_drawn(stock: str) -> None:
    for path in ("items", "items/510105", "queryables", "schema"):
        with urlopen(f"{stock}/collections/four_fields/{path}?f=html") as answer:
            assert "text/html" in answer.headers["Content-Type"] and answer.read()


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ({"filter": "MJJ > 3"}, "MJ, the nearest name"),
        ({"filter": "MJ > 'x'"}, "a number"),
        ({"filter": "S_INTERSECTS(geometry, BBOX(1,2,3,4))"}, "not supported through pygeoapi: BBOX"),
        ({"filter": "RELATE(geometry, POINT(1 2), 'T*****FF*')"}, "not supported through pygeoapi: Relate"),
        ({"MJ": "large"}, "MJ: 'large' is no value of type number"),
        ({"MJ": "nan"}, "MJ: 'nan' is no value of type number"),
        ({"bbox": "nan,1,2,3"}, "finite"),
        ({"q": "江,,"}, "nothing to search for"),
    ],
)
def test_what_is_wrong_is_a_400_that_says_so(theirs: Ask, query: dict[str, Any], told: str) -> None:
    assert told in theirs("xzq_county/items", status=400, **query)["description"]
