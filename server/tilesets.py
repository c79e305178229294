"""Tile matrix sets, and what tilesets there are of the whole dataset and of each collection.

OGC 20-057 (Tiles 1), 17-083r4 (TMS 2.0) and TileJSON 3.0. Tiles themselves are made in `tile_road`; a template that leads
to them is always pinned, so that a map never mixes two releases.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from flask import Response

from releases import crs
from releases.manifest import PublishedLayer
from server.alternates import alternates
from server.answer import answer
from server.ask import JSON_HTML, Ask, Route, current
from server.links import JSON, MVT, OGC, link
from server.problems import Missing
from server.schema import properties
from server.tile_road import limits
from server.tilejson import attribution, box, tilejson
from tiles import grid
from tiles.grid import TileMatrixLimits, TileMatrixSet

FORMS = {**JSON_HTML, "tilejson": JSON}
#: Dimension of each geometry kind as TMS 2.0 writes it; a layer of mixed kinds states none.
DIMENSIONS: Final = {"Point": 0, "MultiPoint": 0, "MultiLineString": 1, "MultiPolygon": 2}


def tile_matrix_sets() -> Response:
    """The tile matrix sets that tiles are offered in."""
    ask = current()
    sets = [grid.get(name) for name in ask.manifest.service.tile_matrix_sets]
    document = {
        "links": alternates(ask, ask.links.tile_matrix_sets, ask.say("瓦片矩阵集", "Tile matrix sets")),
        "tileMatrixSets": [
            {
                "id": tms.id,
                "title": tms.document.get("title", tms.id),
                "uri": tms.document["uri"],
                "crs": tms.crs,
                "links": [link("self", ask.links.tile_matrix_set(tms.id), JSON, tms.id)],
            }
            for tms in sets
        ],
    }
    return answer(ask, document, "tile_matrix_sets.html")


def tile_matrix_set(tms_id: str) -> Response:
    """One tile matrix set (TMS 2.0, 7.1)."""
    ask = current()
    return answer(ask, dict(_set(ask, tms_id).document), "tile_matrix_set.html")


def tilesets(layer_id: str | None = None) -> Response:
    """The tilesets of a collection, or of all of them together."""
    ask = current()
    layer = ask.manifest.layer(layer_id) if layer_id else None
    title = _title(ask, layer)
    here = alternates(ask, lambda **query: ask.links.tilesets(layer_id, **query), title)
    document = {
        "title": title,
        "links": [*here, *_about(ask, layer_id)],
        "tilesets": [
            {**_kind(ask, layer, grid.get(name)), "links": _listed(ask, layer_id, name)}
            for name in ask.manifest.service.tile_matrix_sets
        ],
    }
    return answer(ask, document, "tilesets.html", {"layer": layer})


def tileset(tms_id: str, layer_id: str | None = None) -> Response:
    """One tileset: its metadata, or with f=tilejson its TileJSON."""
    ask = current()
    layer = ask.manifest.layer(layer_id) if layer_id else None
    tms = _set(ask, tms_id)
    layers = (layer,) if layer else ask.manifest.layers
    document = (
        tilejson(ask, layer, tms, layers) if ask.form == "tilejson" else _tileset(ask, layer, tms, layers)
    )
    return answer(ask, document, "tileset.html", {"layer": layer, "tms": tms})


def _set(ask: Ask, tms_id: str) -> TileMatrixSet:
    if tms_id not in ask.manifest.service.tile_matrix_sets:
        raise Missing("tile matrix set", tms_id)
    return grid.get(tms_id)


def _title(ask: Ask, layer: PublishedLayer | None) -> str:
    return ask.text(layer.layer.title if layer else ask.manifest.service.title)


def _kind(ask: Ask, layer: PublishedLayer | None, tms: TileMatrixSet) -> dict[str, Any]:
    return {
        "title": f"{_title(ask, layer)} ({tms.id})",
        "dataType": "vector",
        "crs": tms.crs,
        "tileMatrixSetURI": tms.document["uri"],
    }


def _listed(ask: Ask, layer_id: str | None, tms_id: str) -> list[dict[str, Any]]:
    own = link("self", ask.links.tileset(layer_id, tms_id), JSON, ask.say("瓦片集说明", "The tileset"))
    return [own, *_way(ask, layer_id, tms_id)]


def _way(ask: Ask, layer_id: str | None, tms_id: str) -> list[dict[str, Any]]:
    """Links to tiles, their TileJSON and their tile matrix set. GDAL wants the type of tiles letter for letter."""
    return [
        link(
            "item",
            ask.links.pinned.tile_template(layer_id, tms_id),
            MVT,
            ask.say("瓦片", "Tiles"),
            templated=True,
        ),
        link("describedby", ask.links.tileset(layer_id, tms_id, f="tilejson"), JSON, "TileJSON"),
        link(f"{OGC}tiling-scheme", ask.links.tile_matrix_set(tms_id), JSON, tms_id),
    ]


def _about(ask: Ask, layer_id: str | None) -> list[dict[str, Any]]:
    if layer_id is None:
        return [link(f"{OGC}dataset", ask.links.landing(), JSON, ask.say("数据集", "The dataset"))]
    return [link(f"{OGC}geodata", ask.links.collection(layer_id), JSON, ask.say("图层", "The collection"))]


def _tileset(
    ask: Ask, layer: PublishedLayer | None, tms: TileMatrixSet, layers: tuple[PublishedLayer, ...]
) -> dict[str, Any]:
    """Tileset metadata (TMS 2.0, clause 8)."""
    layer_id = layer.id if layer else None
    here = alternates(
        ask, lambda **query: ask.links.tileset(layer_id, tms.id, **query), _title(ask, layer), JSON_HTML
    )
    found: dict[str, Any] = {
        **_kind(ask, layer, tms),
        "description": ask.text(layer.layer.description if layer else ask.manifest.service.description),
        "version": ask.release.id,
        "attribution": attribution(ask, layers),
        "mediaTypes": [MVT],
        "tileMatrixSetLimits": [one.as_json() for one in _merged(ask, layers, tms)],
        "layers": [_layer(ask, one) for one in layers],
        "links": [*here, *_way(ask, layer_id, tms.id), *_about(ask, layer_id)],
    }
    if extent := box(layers):
        west, south, east, north = extent
        lonlat = crs.uri("OGC:CRS84")
        found["boundingBox"] = {"lowerLeft": [west, south], "upperRight": [east, north], "crs": lonlat}
        found["centerPoint"] = {
            "coordinates": [round((west + east) / 2, 7), round((south + north) / 2, 7)],
            "crs": lonlat,
            "tileMatrix": str(min(one.layer.zoom.min for one in layers)),
        }
    return found


def _layer(ask: Ask, layer: PublishedLayer) -> dict[str, Any]:
    said = layer.layer
    schema = properties(ask, layer, geometry=False)
    found: dict[str, Any] = {
        "id": layer.id,
        "title": ask.text(said.title),
        "description": ask.text(said.description),
        "dataType": "vector",
        "minTileMatrix": str(said.zoom.min),
        "maxTileMatrix": str(said.zoom.max),
        "attribution": ask.text(layer.attribution),
        "propertiesSchema": {"type": "object", "properties": schema},
        "links": [link(f"{OGC}geodata", ask.links.collection(layer.id), JSON, ask.text(said.title))],
    }
    if said.geometry in DIMENSIONS:
        found["geometryDimension"] = DIMENSIONS[said.geometry]
    return found


def _merged(ask: Ask, layers: Iterable[PublishedLayer], tms: TileMatrixSet) -> tuple[TileMatrixLimits, ...]:
    """The limits of several layers together: at each zoom the box round theirs."""
    by_zoom: dict[int, list[TileMatrixLimits]] = {}
    for layer in layers:
        for one in limits(ask.manifest, layer, tms):
            by_zoom.setdefault(one.zoom, []).append(one)
    return tuple(
        TileMatrixLimits(
            zoom,
            min(one.min_row for one in found),
            max(one.max_row for one in found),
            min(one.min_col for one in found),
            max(one.max_col for one in found),
        )
        for zoom, found in sorted(by_zoom.items())
    )


ROUTES = (
    Route("/tileMatrixSets", tile_matrix_sets),
    Route("/tileMatrixSets/<tms_id>", tile_matrix_set),
    Route("/tiles", tilesets),
    Route("/tiles/<tms_id>", tileset, FORMS),
    Route("/collections/<layer_id>/tiles", tilesets),
    Route("/collections/<layer_id>/tiles/<tms_id>", tileset, FORMS),
)
