"""Schemas of tilesets and tile matrix sets: what OGC 17-083r4 (TMS 2.0) demands of each, and what clients read."""

from __future__ import annotations

from typing import Any, Final

from server.openapi.fragments import ref

_TEXT: Final = {"type": "string"}
_NUMBER: Final = {"type": "number"}
_COUNT: Final = {"type": "integer", "minimum": 0}
_SIZE: Final = {"type": "integer", "minimum": 1}
_POINT: Final = {"type": "array", "items": _NUMBER, "minItems": 2, "maxItems": 2}


def tiles(links: dict[str, Any]) -> dict[str, Any]:
    """The schemas by name; `links` is the schema of a list of links."""
    matrix = _object(
        {
            "id": _TEXT,
            "pointOfOrigin": _POINT,
            "cornerOfOrigin": {"type": "string", "enum": ["topLeft", "bottomLeft"]},
        }
        | dict.fromkeys(("scaleDenominator", "cellSize"), _NUMBER)
        | dict.fromkeys(("tileWidth", "tileHeight", "matrixWidth", "matrixHeight"), _SIZE),
        but=("cornerOfOrigin",),
    )
    limits = _object(
        {"tileMatrix": _TEXT}
        | dict.fromkeys(("minTileRow", "maxTileRow", "minTileCol", "maxTileCol"), _COUNT)
    )
    box = _object(
        {"lowerLeft": _POINT, "upperRight": _POINT, "crs": _TEXT, "orderedAxes": _list(_TEXT)},
        but=("crs", "orderedAxes"),
    )
    summary = dict.fromkeys(("title", "dataType", "crs", "tileMatrixSetURI", "tileMatrixSetId"), _TEXT) | {
        "tileMatrixSetLimits": _list(limits),
        "links": links,
    }
    needed = ["dataType", "crs", "links"]
    layer = {
        "type": "object",
        "required": ["id", "dataType"],
        "properties": dict.fromkeys(("id", "title", "dataType", "minTileMatrix", "maxTileMatrix"), _TEXT)
        | {"geometryDimension": {"type": "integer", "minimum": 0, "maximum": 3}, "boundingBox": box}
        | {"propertiesSchema": {"type": "object"}, "fidelity": _list({"type": "object"}), "links": links},
    }
    tileset = {
        "type": "object",
        "required": needed,
        "properties": {
            **summary,
            "boundingBox": box,
            "centerPoint": _object(
                {"coordinates": _POINT, "crs": _TEXT, "tileMatrix": _TEXT}, but=("crs", "tileMatrix")
            ),
            "layers": _list(layer),
            "vector_layers": _list({"type": "object"}),
        },
    }
    listed = _object(
        {"id": _TEXT, "title": _TEXT, "uri": _TEXT, "crs": _TEXT, "links": links}, but=("title", "uri", "crs")
    )
    return {
        "tileMatrixSets": _object({"tileMatrixSets": _list(listed), "links": links}),
        "tileMatrixSet": _object(
            {
                "id": _TEXT,
                "title": _TEXT,
                "uri": _TEXT,
                "crs": {},
                "orderedAxes": _list(_TEXT),
                "tileMatrices": _list(matrix),
            },
            but=("id", "title", "uri", "orderedAxes"),
        ),
        "tilesets": _object(
            {
                "title": _TEXT,
                "tilesets": _list({"type": "object", "required": needed, "properties": summary}),
                "links": links,
            },
            but=("title",),
        ),
        "tileset": tileset,
        "tileJson": _object(
            {"tilejson": _TEXT, "tiles": _list(_TEXT), "vector_layers": _list({"type": "object"})}
        ),
        # Both are application/json; f says which.
        "tilesetOrTileJson": {"anyOf": [ref("schemas", "tileset"), ref("schemas", "tileJson")]},
    }


def _list(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


def _object(properties: dict[str, Any], but: tuple[str, ...] = ()) -> dict[str, Any]:
    """An object that has all of these members but perhaps those of `but`."""
    required = [name for name in properties if name not in but]
    return {"type": "object", "required": required, "properties": properties}
