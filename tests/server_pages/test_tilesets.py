"""TileJSON and tileset metadata: pinned, complete, and true about the tiles there are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mapbox_vector_tile

from releases.release import Release
from tiles import grid

Json = Callable[..., Any]
Get = Callable[..., Any]


def test_tile_templates_are_pinned_to_the_release(json: Json, release: Release) -> None:
    tree = f"http://localhost/releases/{release.id}/"
    for path in ("/tiles/WebMercatorQuad", "/collections/rivers/tiles/WebMercatorQuad"):
        assert all(address.startswith(tree) for address in json(path + "?f=tilejson")["tiles"])
        items = [link["href"] for link in json(path)["links"] if link["rel"] == "item"]
        assert items and all(address.startswith(tree) for address in items)


def test_tilejson_names_every_layer_with_its_fields_and_zooms(json: Json, release: Release) -> None:
    document = json("/tiles/WebMercatorQuad?f=tilejson")
    assert document["tilejson"] == "3.0.0" and document["scheme"] == "xyz"
    # A layer without any geometry is named too: a style that draws it would else be refused.
    assert [one["id"] for one in document["vector_layers"]] == [layer.id for layer in release.manifest.layers]
    for one, layer in zip(document["vector_layers"], release.manifest.layers):
        assert list(one["fields"]) == [field.name for field in layer.layer.fields]
        assert (one["minzoom"], one["maxzoom"]) == (layer.layer.zoom.min, layer.layer.zoom.max)
    west, south, east, north = document["bounds"]
    assert west < document["center"][0] < east and south < document["center"][1] < north


def test_what_a_tile_holds_is_what_its_tilejson_says(json: Json, get: Get) -> None:
    document = json("/tiles/WebMercatorQuad?f=tilejson")
    fields = {one["id"]: set(one["fields"]) for one in document["vector_layers"]}
    for zoom, row, col in ((5, 13, 25), (8, 105, 203), (12, 1693, 3256)):
        data = get(document["tiles"][0].format(z=zoom, y=row, x=col)).data
        for name, layer in mapbox_vector_tile.decode(data).items():
            assert all(set(feature["properties"]) <= fields[name] for feature in layer["features"])


def test_dataset_limits_hold_those_of_every_layer(json: Json, release: Release) -> None:
    limits = {one["tileMatrix"]: one for one in json("/tiles/WebMercatorQuad")["tileMatrixSetLimits"]}
    for layer in release.manifest.layers:
        for own in json(f"/collections/{layer.id}/tiles/WebMercatorQuad")["tileMatrixSetLimits"]:
            whole = limits[own["tileMatrix"]]
            assert whole["minTileRow"] <= own["minTileRow"] and own["maxTileRow"] <= whole["maxTileRow"]
            assert whole["minTileCol"] <= own["minTileCol"] and own["maxTileCol"] <= whole["maxTileCol"]


def test_a_layer_without_geometry_has_a_tileset_without_tiles(json: Json) -> None:
    document = json("/collections/rail_stations/tiles/WebMercatorQuad")
    assert document["tileMatrixSetLimits"] == [] and "boundingBox" not in document
    assert "bounds" not in json("/collections/rail_stations/tiles/WebMercatorQuad?f=tilejson")


def test_the_sets_offered_are_those_of_the_release(json: Json, get: Get, release: Release) -> None:
    offered = [one["id"] for one in json("/tileMatrixSets")["tileMatrixSets"]]
    assert offered == list(release.manifest.service.tile_matrix_sets)
    assert all(json(f"/tileMatrixSets/{name}") == grid.get(name).document for name in offered)
    get("/tiles/NoSuchSet", 404)
    get("/collections/no_such/tiles/WebMercatorQuad", 404)
