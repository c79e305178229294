"""TileJSON 3.0: what MapLibre, OpenLayers and QGIS read of a tileset."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from config.models import Box
from releases.manifest import PublishedLayer
from server.ask import Ask
from tiles.grid import TileMatrixSet


def tilejson(
    ask: Ask, layer: PublishedLayer | None, tms: TileMatrixSet, layers: tuple[PublishedLayer, ...]
) -> dict[str, Any]:
    """TileJSON 3.0.0. A layer without any geometry is listed too: MapLibre rejects a style that draws an unlisted one."""
    found: dict[str, Any] = {
        "tilejson": "3.0.0",
        "name": ask.text(layer.layer.title if layer else ask.manifest.service.title),
        "description": ask.text(layer.layer.description if layer else ask.manifest.service.description),
        "version": "1.0.0",
        "attribution": attribution(ask, layers),
        "scheme": "xyz",
        "tiles": [ask.links.pinned.tile_zyx(layer.id if layer else None, tms.id)],
        "vector_layers": [
            {
                "id": one.id,
                "description": ask.text(one.layer.title),
                "minzoom": one.layer.zoom.min,
                "maxzoom": one.layer.zoom.max,
                "fields": {field.name: ask.text(field.title) for field in one.layer.fields},
            }
            for one in layers
        ],
    }
    if extent := box(layers):
        west, south, east, north = extent
        lowest = min(one.layer.zoom.min for one in layers)
        found["minzoom"], found["maxzoom"] = lowest, max(one.layer.zoom.max for one in layers)
        found["bounds"] = [west, south, east, north]
        found["center"] = [round((west + east) / 2, 7), round((south + north) / 2, 7), lowest]
    return found


def attribution(ask: Ask, layers: Iterable[PublishedLayer]) -> str:
    """Whom to name for some layers, each once."""
    return "; ".join(dict.fromkeys(ask.text(layer.attribution) for layer in layers))


def box(layers: Iterable[PublishedLayer]) -> Box | None:
    """West, south, east, north round some layers; None when none of their features has a geometry."""
    boxes = [layer.extent for layer in layers if layer.extent]
    if not boxes:
        return None
    west, south, east, north = zip(*boxes)
    return min(west), min(south), max(east), max(north)
