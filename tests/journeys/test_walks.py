"""Walks while others publish: each ends on the release that it began on, with every feature once."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from typing import Any

import pytest
from werkzeug.test import Client

import config
from config.models import Service
from releases.publication import publish
from server.application import create_application

PUBLISHES = 20
LAKES = 60
ITEMS = "/collections/lakes/items"
Linked = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def service(region: Any) -> Service:
    """A land of many lakes, its first edition published."""
    path = region.folder / "data" / "norland" / "lakes.geojson"
    document = json.loads(path.read_text("utf-8"))
    first = document["features"][0]
    for number in range(100, 100 + LAKES):
        shape = {"type": "Point", "coordinates": [1.2 + number / 100, -1.0]}
        document["features"].append(
            {**first, "geometry": shape, "properties": {**first["properties"], "number": number}}
        )
    path.write_text(json.dumps(document), "utf-8")
    return edition(region, 0)


def edition(region: Any, number: int) -> Service:
    """Publish an edition, whose number every feature's name carries."""
    region.edit(number)
    service = config.load(region.folder / "service.yml", region.variables)
    outcome = publish(service)
    assert outcome.status == "published", [str(finding) for finding in outcome.findings]
    return service


def test_walks_with_twenty_publishes_under_way_meet_every_feature_of_their_release_once(
    service: Service, region: Any, linked: Linked
) -> None:
    client = Client(create_application(service))
    asked = ["", "&sortby=-number", "&filter=name LIKE '%25@%25'", "&bbox=-10,-10,10,10"]
    walks: dict[str, list[dict[str, Any]]] = {}
    following = {query: f"{ITEMS}?limit=3{query}" for query in asked}
    published = 0
    while following:
        for query, address in list(following.items()):
            page = client.get(address.removeprefix("http://localhost"))
            assert page.status_code == 200, page.get_data(as_text=True)
            walks.setdefault(query, []).append(page.json)
            link = next(iter(linked(page.json, "next")), None)
            if link is None:
                del following[query]
            else:
                following[query] = link["href"]
        if published < PUBLISHES:
            published += 1
            edition(region, published)
    assert published == PUBLISHES
    for query, pages in walks.items():
        features = [feature for page in pages for feature in page["features"]]
        numbers = [feature["properties"]["number"] for feature in features]
        assert len(numbers) == pages[0]["numberMatched"] >= LAKES, query
        assert sorted(set(numbers)) == sorted(numbers), query
        assert {feature["properties"]["name"].rpartition(" @")[2] for feature in features} == {"0"}, query
    assert client.get(ITEMS).json["features"][0]["properties"]["name"].endswith(f"@{PUBLISHES}")


def test_a_cursor_is_no_good_elsewhere_and_told_to_be_gone_when_its_release_is_pruned(
    service: Service, region: Any, linked: Linked
) -> None:
    client = Client(create_application(service))
    following = linked(client.get(f"{ITEMS}?limit=3").json, "next")[0]["href"].removeprefix(
        "http://localhost"
    )
    edition(region, 1)
    current = following.partition(ITEMS)[2]
    assert client.get(following).status_code == 200
    elsewhere = client.get(ITEMS + current)
    assert elsewhere.status_code == 400
    assert [fault["parameter"] for fault in elsewhere.json["errors"]] == ["next"]
    shutil.rmtree(service.published / "releases" / following.split("/")[2])
    fresh = Client(create_application(service))
    pruned = fresh.get(following)
    assert pruned.status_code == 410
    assert fresh.get("/").json["release"]["id"] in pruned.json["detail"]
    assert fresh.get(following.replace(following.split("/")[2], "0123456789abcdef")).status_code == 404
