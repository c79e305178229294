"""What an archive says of itself; both formats take it from here, so that they say the same.

Nothing in it carries a time or a host: the same release gives the same file.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from config.models import Box, FieldType
from releases.manifest import Manifest, PublishedLayer
from server.tile_tour import Tileset

#: The types that MBTiles 1.3 has for attributes; what is no number and no truth is text there.
_TYPES: Final[dict[FieldType, str]] = {"integer": "Number", "number": "Number", "boolean": "Boolean"}


class About(NamedTuple):
    """The whole archive; `box` is west, south, east, north in degrees, `centre` lon, lat and a zoom."""

    name: str
    description: str
    attribution: str
    release: str
    low: int
    high: int
    box: Box
    centre: tuple[float, float, int]
    layers: tuple[dict[str, Any], ...]


def about(manifest: Manifest, tileset: Tileset, zooms: list[int]) -> About:
    """Describe the tiles of a tileset at some zooms, in the service's own language."""
    lang = manifest.service.language
    chosen = [
        layer
        for layer in manifest.layers
        if tileset.layer in (None, layer.id) and (tileset.only is None or layer.id in tileset.only)
        # One without any geometry is listed too: MapLibre rejects a style that draws an unlisted layer.
        if layer.layer.zoom.min <= zooms[-1] and layer.layer.zoom.max >= zooms[0]
    ]
    one = chosen[0].layer if len(chosen) == 1 else manifest.service
    boxes = [layer.extent for layer in chosen if layer.extent]
    west, south, east, north = zip(*boxes)
    box = (min(west), min(south), max(east), max(north))
    middle = (round((box[0] + box[2]) / 2, 7), round((box[1] + box[3]) / 2, 7), zooms[0])
    return About(
        one.title.of(lang),
        one.description.of(lang),
        "; ".join(dict.fromkeys(layer.attribution.of(lang) for layer in chosen)),
        manifest.id,
        zooms[0],
        zooms[-1],
        box,
        middle,
        tuple(_vector_layer(layer, lang, zooms) for layer in chosen),
    )


def _vector_layer(layer: PublishedLayer, lang: str, zooms: list[int]) -> dict[str, Any]:
    """One of `vector_layers` (MBTiles 1.3, "Vector tileset metadata"), with what its tiles really carry."""
    levels = [level for level in layer.levels if level.zoom_min <= zooms[-1] and level.zoom_max >= zooms[0]]
    carried = {name for level in levels for name in level.fields}
    return {
        "id": layer.id,
        "description": layer.layer.title.of(lang),
        "minzoom": max(layer.layer.zoom.min, zooms[0]),
        "maxzoom": min(layer.layer.zoom.max, zooms[-1]),
        "fields": {
            field.name: _TYPES.get(field.type, "String")
            for field in layer.layer.fields
            if field.name in carried
        },
    }
