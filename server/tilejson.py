"""TileJSON 3.0: what MapLibre, OpenLayers and QGIS read of a tileset.

It is written for spherical Mercator: its `scheme` "xyz" presumes that profile, its zooms are those of the quad tree,
and clients that are handed another set draw it in the wrong place without a word. So only WebMercatorQuad has one;
other sets have tileset metadata, which says where its matrices lie.

Members beyond the specification, which asks readers to hand on what they do not know: `release`, and of each vector
layer `nature` and `fidelity`. docs/tiles.md says what they mean.
"""

from __future__ import annotations

from typing import Any, Final

from releases.manifest import PublishedLayer
from server import fidelity
from server.ask import Ask
from server.origin import Origin
from server.tileset_metadata import centre
from tiles.grid import TileMatrixSet

SET: Final = "WebMercatorQuad"


def tilejson(ask: Ask, origin: Origin, tms: TileMatrixSet) -> dict[str, Any]:
    """TileJSON 3.0.0. A layer without any geometry is listed too: MapLibre rejects a style that draws an unlisted one."""
    found: dict[str, Any] = {
        "tilejson": "3.0.0",
        "name": origin.title(ask),
        "description": origin.description(ask),
        "version": "1.0.0",
        "attribution": origin.attribution(ask),
        "scheme": "xyz",
        "tiles": [ask.links.pinned.tile_zyx(origin.id, tms.id, collections=origin.collections)],
        "release": ask.release.id,
        "vector_layers": [_layer(ask, one, tms) for one in origin.layers],
    }
    if extent := origin.extent:
        zooms = [one.layer.zoom for one in origin.layers]
        found["minzoom"], found["maxzoom"] = min(one.min for one in zooms), max(one.max for one in zooms)
        found["bounds"] = list(extent)
        found["center"] = list(centre(ask, origin, extent))
    return found


def _layer(ask: Ask, layer: PublishedLayer, tms: TileMatrixSet) -> dict[str, Any]:
    titles = {field.name: ask.text(field.title) for field in layer.layer.fields}
    return {
        "id": layer.id,
        "description": ask.text(layer.layer.title),
        "minzoom": layer.layer.zoom.min,
        "maxzoom": layer.layer.zoom.max,
        "fields": {name: titles[name] for name in fidelity.fields(layer, tms)},
        "nature": layer.nature,
        fidelity.MEMBER: [
            {"minzoom": span.first, "maxzoom": span.last, **fidelity.statement(ask, layer, tms, span)}
            for span in fidelity.spans(layer, tms)
        ],
    }
