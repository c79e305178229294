"""TileJSON and tileset metadata: pinned, complete, and true about the tiles there are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import mapbox_vector_tile

from releases.release import Release
from server import tile_query

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
    assert offered == list(release.manifest.sets.names)
    assert all(
        json(f"/tileMatrixSets/{name}") == release.manifest.sets.get(name).document for name in offered
    )
    get("/tiles/NoSuchSet", 404)
    get("/collections/no_such/tiles/WebMercatorQuad", 404)


def test_every_level_of_a_layer_is_told_where_it_serves(json: Json, release: Release) -> None:
    for tms in release.manifest.sets:
        for described in json(f"/tiles/{tms.id}")["layers"]:
            layer = release.manifest.layer(described["id"])
            told = {
                place: one
                for one in described["fidelity"]
                for place in range(tms.zoom_of(one["minTileMatrix"]), tms.zoom_of(one["maxTileMatrix"]) + 1)
            }
            for place in range(tms.min_zoom, tms.max_zoom + 1):
                level = layer.level(tms.detail(place))
                if level is None:
                    assert place not in told
                    continue
                one = told[place]
                assert (one["generalised"], one["rule"], one["reduction"]) == (
                    level.generalised,
                    level.rule,
                    level.reduction,
                )
                assert one["fields"] == list(level.fields) and one["features"] == level.rows
                assert one["tolerance"]["degrees"] == level.tolerance
                # Half a unit of a tile at the finest matrix, and never more than that.
                assert one["tolerance"]["ground"] <= one["tolerance"]["metres"] <= one["unit"]["metres"] * 0.7
                assert one["meaning"] and one["filter"]


def test_tilejson_says_the_same_of_levels_as_the_tileset(json: Json) -> None:
    tilejson = json("/tiles/WebMercatorQuad?f=tilejson")["vector_layers"]
    for one, other in zip(tilejson, json("/tiles/WebMercatorQuad")["layers"]):
        assert [level["maxzoom"] for level in one["fidelity"]] == [
            int(level["maxTileMatrix"]) for level in other["fidelity"]
        ]
        bare = ("minzoom", "maxzoom", "minTileMatrix", "maxTileMatrix")
        for level, same in zip(one["fidelity"], other["fidelity"]):
            assert {key: value for key, value in level.items() if key not in bare} == {
                key: value for key, value in same.items() if key not in bare
            }
        assert list(one["fields"]) == list(other["propertiesSchema"]["properties"])


def test_the_header_of_a_tile_says_what_the_metadata_say(json: Json, get: Get) -> None:
    document = json("/tiles/WebMercatorQuad?f=tilejson")
    for zoom, row, col in ((4, 6, 12), (6, 26, 50), (9, 211, 407)):
        header = get(document["tiles"][0].format(z=zoom, y=row, x=col)).headers["Blueprint-Tile"]
        for layer in document["vector_layers"]:
            for level in layer["fidelity"]:
                if level["minzoom"] <= zoom <= level["maxzoom"] and f"{layer['id']};tolerance=" in header:
                    assert f"{layer['id']};tolerance={level['tolerance']['metres']}" in header


def test_tilejson_is_offered_where_its_zooms_mean_what_clients_take_them_for(
    json: Json, get: Get, release: Release
) -> None:
    for name in release.manifest.sets.names:
        offered = [link for link in json(f"/tiles/{name}")["links"] if "f=tilejson" in link["href"]]
        assert bool(offered) == (name == "WebMercatorQuad")
        get(f"/tiles/{name}?f=tilejson", 200 if offered else 400)


def test_a_choice_of_collections_is_a_tileset_of_them_in_that_order(json: Json, get: Get) -> None:
    chosen = json("/tiles/CGCS2000Quad?collections=rivers,xzq_county")
    assert [layer["id"] for layer in chosen["layers"]] == ["rivers", "xzq_county"]
    whole = {one["tileMatrix"]: one for one in json("/tiles/CGCS2000Quad")["tileMatrixSetLimits"]}
    assert {one["tileMatrix"] for one in chosen["tileMatrixSetLimits"]} < set(whole)
    [item] = [link["href"] for link in chosen["links"] if link["rel"] == "item"]
    assert item.endswith("{tileCol}?collections=rivers,xzq_county")
    assert json("/tiles/WebMercatorQuad?f=tilejson&collections=rivers")["tiles"][0].endswith(
        "{x}?collections=rivers"
    )
    for wrong in ("", "rivers,", "no_such", "rivers,,xzq_county", "rivers,no_such"):
        assert (
            get(f"/tiles/CGCS2000Quad?collections={wrong}", 400).json["errors"][0]["parameter"]
            == "collections"
        )
    get("/collections/rivers/tiles/CGCS2000Quad?collections=rivers", 400)
    get("/tiles?collections=rivers", 400)


def test_the_documentation_names_every_member_of_ours_and_every_parameter(json: Json, root: Path) -> None:
    text = (root / "docs" / "tiles.md").read_text()
    document = json("/tiles/WebMercatorQuad")
    ours = {"release", "tileMatrixSetId", "tiles", *document["tiles"], "nature", "fidelity", "overBudget"}
    ours |= {name for layer in document["layers"] for level in layer["fidelity"] for name in level}
    ours |= {
        name for layer in document["layers"] for level in layer["fidelity"] for name in level["tolerance"]
    }
    asked = {*tile_query.TILE, tile_query.COLLECTIONS} - {"f"}
    missing = [name for name in sorted(ours | asked) if f"`{name}`" not in text]
    assert not missing
    for uri in json("/conformance")["conformsTo"]:
        if "ogcapi-tiles" in uri or "/tms/" in uri:
            assert uri.rpartition("/")[2] in text
