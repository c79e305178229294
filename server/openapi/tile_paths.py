"""Tiles, tilesets and tile matrix sets in the API definition.

An operation's id ends in the suffix of OGC 20-057, table 11, by which a client that reads only this definition knows
what the operation is (/req/oas30/operation-id).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from config.models import Text
from server.links import HTML, JSON, MVT
from server.openapi.operation import Operation

_SET: Final = "tileMatrixSetId"
_TILE: Final = (_SET, "tileMatrix", "tileRow", "tileCol")
_LAYER: Final = "collectionId"
_QUERY: Final = ("properties", "datetime", "subset", "filter", "filter-lang")
_ADDRESS: Final = "{tileMatrixSetId}/{tileMatrix}/{tileRow}/{tileCol}"

TILES: Final[Mapping[str, Operation]] = {
    "/tileMatrixSets": Operation(
        "tiles",
        "getTileMatrixSetsList",
        Text(zh="瓦片矩阵集", en="Tile matrix sets"),
        (),
        {JSON: "tileMatrixSets", HTML: None},
    ),
    "/tileMatrixSets/{tileMatrixSetId}": Operation(
        "tiles",
        "getTileMatrixSet",
        Text(zh="一个瓦片矩阵集", en="One tile matrix set"),
        (_SET,),
        {JSON: "tileMatrixSet", HTML: None},
    ),
    "/tiles": Operation(
        "tiles",
        "blueprint.dataset.vector.getTileSetsList",
        Text(zh="全部图层的瓦片集", en="Tilesets of all layers"),
        (),
        {JSON: "tilesets", HTML: None},
    ),
    "/tiles/{tileMatrixSetId}": Operation(
        "tiles",
        "blueprint.dataset.vector.getTileSet",
        Text(zh="瓦片集说明", en="One tileset of all layers"),
        (_SET, "collections"),
        {JSON: "tilesetOrTileJson", HTML: None},
        f="f-tileset",
    ),
    f"/tiles/{_ADDRESS}": Operation(
        "tiles",
        "blueprint.dataset.vector.getTile",
        Text(zh="全部图层的一幅瓦片", en="A tile of all layers"),
        (*_TILE, "collections", *_QUERY),
        {MVT: None},
        f="f-tile",
        lang=False,
        more=("204",),
    ),
    "/collections/{collectionId}/tiles": Operation(
        "tiles",
        "blueprint.collection.vector.getTileSetsList",
        Text(zh="一个图层的瓦片集", en="Tilesets of a collection"),
        (_LAYER,),
        {JSON: "tilesets", HTML: None},
    ),
    "/collections/{collectionId}/tiles/{tileMatrixSetId}": Operation(
        "tiles",
        "blueprint.collection.vector.getTileSet",
        Text(zh="瓦片集说明", en="One tileset of a collection"),
        (_LAYER, _SET),
        {JSON: "tilesetOrTileJson", HTML: None},
        f="f-tileset",
    ),
    f"/collections/{{collectionId}}/tiles/{_ADDRESS}": Operation(
        "tiles",
        "blueprint.collection.vector.getTile",
        Text(zh="一个图层的一幅瓦片", en="A tile of a collection"),
        (_LAYER, *_TILE, *_QUERY, "fields"),
        {MVT: None},
        f="f-tile",
        lang=False,
        more=("204",),
    ),
}
