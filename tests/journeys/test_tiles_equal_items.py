"""A tile holds the same features, ids and attributes as the items inside the same box: every layer at three zooms.

Where points are thinned it holds some of them; where polygons are dissolved, the classes that the items have.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mapbox_vector_tile
import pytest
from shapely.geometry import shape
from werkzeug.test import Client

import config
from config.models import Service
from releases.manifest import PublishedLevel
from releases.release import Catalogue
from tiles import grid
from tiles.featureid import tile_id

SET = grid.get("WebMercatorQuad")
LAYERS = [layer.id for layer in config.load(Path(__file__).parents[2] / "config" / "service.yml").layers]
UNIT = 1 / 4096
BUFFER = 64 / 4096


def items(client: Client, layer: str, box: tuple[float, ...]) -> dict[Any, dict[str, Any]]:
    """All features that lie in a box, walked page by page; those that lie nowhere are in no tile."""
    target = f"/collections/{layer}/items?limit=1000&bbox=" + ",".join(f"{edge:.9f}" for edge in box)
    found: dict[Any, dict[str, Any]] = {}
    while target:
        page = client.get(target).get_json(force=True)
        found |= {feature["id"]: feature for feature in page["features"] if feature["geometry"]}
        target = next((link["href"] for link in page["links"] if link["rel"] == "next"), "")
    return found


def as_in_tile(properties: dict[str, Any]) -> dict[str, Any]:
    """Attributes as the vector tile format can hold them: no nulls, arrays as JSON text."""
    return {
        name: json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        if isinstance(value, list)
        else value
        for name, value in properties.items()
        if value is not None
    }


def compare_features(
    level: PublishedLevel, features: list[Any], certain: dict[Any, Any], possible: dict[Any, Any]
) -> None:
    """Hold a tile of single features against those that lie in it and those that may."""
    drawn = {feature["id"]: feature["properties"] for feature in features}
    assert set(drawn) <= {tile_id(name) for name in possible}
    if level.reduction == "none":
        assert {tile_id(name) for name in certain} <= set(drawn)
    else:
        assert level.reduction == "thinned" and len(drawn) <= len(possible)
    expected = {tile_id(name): as_in_tile(feature["properties"]) for name, feature in possible.items()}
    assert all(drawn[number] == expected[number] for number in drawn)


def compare_classes(level: PublishedLevel, features: list[Any], certain: dict[Any, Any]) -> None:
    """Hold a tile of dissolved features against the items in it: every class of theirs, and no item's number."""

    def kind(properties: dict[str, Any]) -> str:
        return json.dumps({name: properties.get(name) for name in level.fields}, sort_keys=True)

    assert all(set(feature["properties"]) <= set(level.fields) for feature in features)
    assert {kind(item["properties"]) for item in certain.values()} <= {
        kind(feature["properties"]) for feature in features
    }
    assert not {feature["id"] for feature in features} & {tile_id(name) for name in certain}


def some_places(client: Client, layer: str) -> list[tuple[float, float]]:
    features = client.get(f"/collections/{layer}/items?limit=10000").get_json(force=True)["features"]
    shapes = [shape(feature["geometry"]) for feature in features if feature["geometry"]]
    chosen = shapes[:: max(1, len(shapes) // 3)][:3]
    points = [g.representative_point() for g in chosen]
    return [(point.x, point.y) for point in points]


@pytest.fixture(scope="module")
def client(application: Callable[..., Any]) -> Client:
    return Client(application)


@pytest.mark.parametrize("layer", LAYERS)
def test_a_tile_holds_what_items_hold(layer: str, client: Client, published: Service) -> None:
    manifest = Catalogue(published.published).current().manifest
    zooms = manifest.layer(layer).layer.zoom
    compared = 0
    for zoom in (zooms.min, (zooms.min + zooms.max) // 2, zooms.max):
        level = manifest.layer(layer).level(zoom)
        assert level is not None
        slack = UNIT * 2 + level.tolerance / 360 * 2**zoom
        for lon, lat in some_places(client, layer):
            [limits] = SET.limits((lon, lat, lon, lat), zoom, zoom)
            row, col = limits.min_row, limits.min_col
            answer = client.get(f"/collections/{layer}/tiles/WebMercatorQuad/{zoom}/{row}/{col}")
            assert answer.status_code == 200
            features = mapbox_vector_tile.decode(answer.data)[layer]["features"]
            certain = items(client, layer, SET.lonlat_box(zoom, row, col, margin=BUFFER - slack))
            possible = items(client, layer, SET.lonlat_box(zoom, row, col, margin=BUFFER + slack))
            if level.reduction == "dissolved":
                compare_classes(level, features, certain)
            else:
                compare_features(level, features, certain, possible)
            compared += len(features)
    assert compared or layer == "rail_stations", "nothing was compared"
