"""The metadata of a tileset (OGC 17-083r4, TMS 2.0, clause 8): what is in its tiles, where, and how true it is.

Members that the standard does not have: `release`, `tiles` (extent, buffer, budget), `tileMatrixSetId`, and of each layer
`nature` and `fidelity`. docs/tiles.md says what they mean.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from config.models import Access, Box
from releases import crs
from releases.manifest import PublishedLayer
from server import fidelity
from server.ask import Ask
from server.links import HTML, JSON, MVT, OGC, SCHEMA, link
from server.origin import Origin
from server.schema import properties
from server.tile_plan import limits
from tiles.grid import TileMatrixLimits, TileMatrixSet

#: Dimension of each geometry kind as TMS 2.0 writes it; a layer of mixed kinds states none.
DIMENSIONS: Final = {"Point": 0, "MultiPoint": 0, "MultiLineString": 1, "MultiPolygon": 2}
#: The standard's words for who may have the data (table 17), from the freest to the strictest.
CONSTRAINTS: Final[dict[Access, str]] = {
    "public": "unclassified",
    "internal": "restricted",
    "restricted": "confidential",
}
#: The datum of CGCS2000, whose coordinates are those of the year 2000 by definition.
_DATUM, _EPOCH = "China 2000", 2000.0


def summary(ask: Ask, origin: Origin, tms: TileMatrixSet) -> dict[str, Any]:
    """What the list of tilesets says of each."""
    return {
        "title": f"{origin.title(ask)} ({tms.id})",
        "dataType": "vector",
        "crs": tms.document["crs"],
        # A set that no register has is found here: validators want a URI of every tileset.
        "tileMatrixSetURI": tms.uri or ask.links.tile_matrix_set(tms.id),
        "tileMatrixSetId": tms.id,
        "tileMatrixSetLimits": [one.as_json() for one in merged(ask, origin.layers, tms)],
    }


def metadata(ask: Ask, origin: Origin, tms: TileMatrixSet) -> dict[str, Any]:
    """The metadata of one tileset, but for the links."""
    service, tiles = ask.manifest.service, ask.manifest.service.tiles
    found: dict[str, Any] = {
        **summary(ask, origin, tms),
        "description": origin.description(ask),
        "keywords": origin.keywords(ask),
        "version": ask.release.id,
        "attribution": origin.attribution(ask),
        "license": origin.licence(ask),
        "accessConstraints": max(
            (CONSTRAINTS[layer.layer.access] for layer in origin.layers), key=list(CONSTRAINTS.values()).index
        ),
        "mediaTypes": [MVT],
        "created": ask.release.published_at,
        "release": ask.release.id,
        "tiles": {"extent": tiles.extent, "buffer": tiles.buffer, "budget": tiles.budget_kb * 1000},
        "layers": [_layer(ask, one, tms) for one in origin.layers],
    }
    if contact := service.contact.email or service.contact.url:
        found["pointOfContact"] = contact
    if tms.projection.datum is not None and tms.projection.datum.name == _DATUM:
        found["epoch"] = _EPOCH
    if extent := origin.extent:
        found["boundingBox"] = _lonlat(extent)
        found["centerPoint"] = _centre(ask, origin, extent, tms)
    return found


def merged(ask: Ask, layers: Iterable[PublishedLayer], tms: TileMatrixSet) -> tuple[TileMatrixLimits, ...]:
    """The limits of several layers together: of each matrix the box round theirs."""
    by_place: dict[int, list[TileMatrixLimits]] = {}
    for layer in layers:
        for one in limits(ask.manifest, layer, tms):
            by_place.setdefault(one.zoom, []).append(one)
    return tuple(
        TileMatrixLimits(
            place,
            found[0].matrix,
            min(one.min_row for one in found),
            max(one.max_row for one in found),
            min(one.min_col for one in found),
            max(one.max_col for one in found),
        )
        for place, found in sorted(by_place.items())
    )


def centre(ask: Ask, origin: Origin, extent: Box) -> tuple[float, float, int]:
    """Where to look first: longitude, latitude, zoom. Of the dataset the map's first view, if data are there."""
    region = ask.manifest.service.region
    lowest = min(layer.layer.zoom.min for layer in origin.layers)
    west, south, east, north = extent
    lon, lat = region.centre
    if origin.layer is None and west <= lon <= east and south <= lat <= north:
        highest = max(layer.layer.zoom.max for layer in origin.layers)
        return lon, lat, min(max(round(region.zoom), lowest), highest)
    return round((west + east) / 2, 7), round((south + north) / 2, 7), lowest


def _centre(ask: Ask, origin: Origin, extent: Box, tms: TileMatrixSet) -> dict[str, Any]:
    lon, lat, zoom = centre(ask, origin, extent)
    found: dict[str, Any] = {"coordinates": [lon, lat], "crs": crs.uri("OGC:CRS84")}
    offered = [one.zoom for one in merged(ask, origin.layers, tms)]
    place = next((one for one in offered if tms.detail(one) >= zoom), offered[-1] if offered else None)
    if place is None:
        return found
    matrix = tms.document["tileMatrices"][place]
    told = {name: matrix[name] for name in ("scaleDenominator", "cellSize")}
    return {**found, "tileMatrix": tms.matrix_id(place), **told}


def _layer(ask: Ask, layer: PublishedLayer, tms: TileMatrixSet) -> dict[str, Any]:
    """One layer of a tileset (TMS 2.0, table 14)."""
    said = layer.layer
    carried = fidelity.fields(layer, tms)
    schema = properties(ask, layer, geometry=False)
    found: dict[str, Any] = {
        "id": layer.id,
        "title": ask.text(said.title),
        "description": ask.text(said.description),
        "dataType": "vector",
        "theme": next(ask.text(one.title) for one in ask.manifest.service.groups if one.id == said.group),
        "nature": layer.nature,
        "attribution": ask.text(layer.attribution),
        "license": layer.licence.id or ask.text(layer.licence.title),
        "publisher": ask.text(ask.manifest.service.provider.name),
        "created": ask.release.published_at,
        **_scales(layer, tms),
        "propertiesSchema": {
            "type": "object",
            "properties": {name: _attribute(schema[name]) for name in carried},
        },
        fidelity.MEMBER: [
            {
                "minTileMatrix": tms.matrix_id(span.first),
                "maxTileMatrix": tms.matrix_id(span.last),
                **fidelity.statement(ask, layer, tms, span),
            }
            for span in fidelity.spans(layer, tms)
        ],
        "links": [
            link(f"{OGC}geodata", ask.links.collection(layer.id), JSON, ask.text(said.title)),
            link("describedby", ask.links.schema(layer.id), SCHEMA, ask.say("要素结构", "Schema")),
        ],
    }
    if said.keywords:
        # An array in the text of the standard, one string in its schema; validators go by the schema.
        found["keywords"] = ", ".join(ask.text(word) for word in said.keywords)
    if said.geometry in DIMENSIONS:
        found["geometryDimension"] = DIMENSIONS[said.geometry]
    if layer.extent:
        lower, upper = crs.corners(layer.extent, ask.manifest.service.crs, tms.projection)
        # A layer's box is in the CRS of its tileset (table 14, footnote), which need not be x before y.
        axes = tms.document.get("orderedAxes") or crs.axes(tms.projection)
        found["boundingBox"] = {
            "lowerLeft": list(lower),
            "upperRight": list(upper),
            "crs": tms.document["crs"],
            "orderedAxes": list(axes),
        }
    if layer.licence.url:
        found["links"].append(link("license", layer.licence.url, HTML, ask.text(layer.licence.title)))
    return found


def _attribute(schema: dict[str, Any]) -> dict[str, Any]:
    """A property's schema in the words of TMS 2.0, table 15: accepted values as `enum`, the unit as `uom`."""
    kept = ("title", "description", "type", "format", "pattern", "maxLength")
    found = {name: schema[name] for name in kept if name in schema}
    if "oneOf" in schema:
        found["enum"] = [one["const"] for one in schema["oneOf"]]
    if "x-ogc-unit" in schema:
        found["uom"] = schema["x-ogc-unit"]
    return found


def _scales(layer: PublishedLayer, tms: TileMatrixSet) -> dict[str, Any]:
    """From which to which matrix a layer is in tiles; nothing for a set that has none of its zooms."""
    found = tms.places(layer.layer.zoom.min, layer.layer.zoom.max)
    if not found:
        return {}
    coarse, fine = (tms.document["tileMatrices"][place] for place in (found[0], found[-1]))
    return {
        "minTileMatrix": coarse["id"],
        "maxTileMatrix": fine["id"],
        "maxScaleDenominator": coarse["scaleDenominator"],
        "minScaleDenominator": fine["scaleDenominator"],
        "maxCellSize": coarse["cellSize"],
        "minCellSize": fine["cellSize"],
    }


def _lonlat(extent: Box) -> dict[str, Any]:
    west, south, east, north = extent
    return {
        "lowerLeft": [west, south],
        "upperRight": [east, north],
        "crs": crs.uri("OGC:CRS84"),
        "orderedAxes": ["Lon", "Lat"],
    }
