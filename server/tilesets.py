"""What tilesets there are of the whole dataset and of each collection, and how one gets from each to its tiles.

OGC 20-057 (Tiles 1), clauses 8 to 12. Tiles themselves are made in `tile_road`; a template that leads to them is always
pinned, so that a map never mixes two releases.
"""

from __future__ import annotations

from typing import Any

from flask import Response

from server import origin, tile_matrix_sets
from server.alternates import alternates
from server.answer import answer
from server.ask import JSON_HTML, Ask, Route, current, no_form
from server.links import HTML, JSON, MVT, OGC, link
from server.origin import Origin
from server.problems import BadRequest
from server.tilejson import SET, tilejson
from server.tileset_metadata import metadata, summary
from tiles.grid import TileMatrixSet

FORMS = {**JSON_HTML, "tilejson": JSON}


def tilesets(layer_id: str | None = None) -> Response:
    """The tilesets of a collection, or of all of them together."""
    ask = current()
    of = origin.of(ask, layer_id)
    here = alternates(ask, lambda **query: ask.links.tilesets(layer_id, **query), of.title(ask))
    document = {
        "title": of.title(ask),
        "links": [*here, *_about(ask, of)],
        "tilesets": [
            {**summary(ask, of, tms), "links": [_own(ask, of, tms), *_way(ask, of, tms)]}
            for tms in ask.manifest.sets
        ],
    }
    return answer(ask, document, "tilesets.html", {"layer": of.layer})


def tileset(tms_id: str, layer_id: str | None = None) -> Response:
    """One tileset: its metadata, or with f=tilejson its TileJSON."""
    ask = current()
    of, tms = origin.of(ask, layer_id), tile_matrix_sets.found(ask, tms_id)
    if ask.form != "tilejson":
        document = {**metadata(ask, of, tms), "links": _links(ask, of, tms)}
    elif tms.id == SET:
        document = tilejson(ask, of, tms)
    else:
        raise BadRequest(no_form("tilejson", tuple(JSON_HTML)))
    response = answer(ask, document, "tileset.html", {"origin": of, "tms": tms})
    # The recommendation /rec/tileset/header-linktemplates, as RFC 9652 has it since.
    template = ask.links.pinned.tile_template(of.id, tms.id, collections=of.collections)
    response.headers["Link-Template"] = f'"{template}"; rel="item"; type="{MVT}"'
    return response


def _links(ask: Ask, of: Origin, tms: TileMatrixSet) -> list[dict[str, Any]]:
    def address(**query: Any) -> str:
        return ask.links.tileset(of.id, tms.id, **query, collections=of.collections)

    here = alternates(ask, address, of.title(ask), JSON_HTML)
    declared = link(
        f"{OGC}conformance", ask.links.conformance(f="json"), JSON, ask.say("符合性声明", "Conformance")
    )
    found = [*here, *_way(ask, of, tms), *_about(ask, of), declared]
    if tms.id == SET:
        found.append(link("alternate", address(f="tilejson"), JSON, "TileJSON"))
    if of.layer and of.layer.licence.url:
        found.append(link("license", of.layer.licence.url, HTML, ask.text(of.layer.licence.title)))
    return found


def _own(ask: Ask, of: Origin, tms: TileMatrixSet) -> dict[str, Any]:
    return link("self", ask.links.tileset(of.id, tms.id), JSON, ask.say("瓦片集说明", "The tileset"))


def _way(ask: Ask, of: Origin, tms: TileMatrixSet) -> list[dict[str, Any]]:
    """Links to tiles, their TileJSON and their tile matrix set. GDAL wants the type of tiles letter for letter."""
    template = ask.links.pinned.tile_template(of.id, tms.id, collections=of.collections)
    found = [
        link("item", template, MVT, ask.say("瓦片", "Tiles"), templated=True),
        link(f"{OGC}tiling-scheme", ask.links.tile_matrix_set(tms.id), JSON, tms.id),
    ]
    if tms.id == SET:
        of_it = ask.links.tileset(of.id, tms.id, f="tilejson", collections=of.collections)
        found.insert(1, link("describedby", of_it, JSON, "TileJSON"))
    return found


def _about(ask: Ask, of: Origin) -> list[dict[str, Any]]:
    if of.id is None:
        return [link(f"{OGC}dataset", ask.links.landing(), JSON, ask.say("数据集", "The dataset"))]
    return [link(f"{OGC}geodata", ask.links.collection(of.id), JSON, ask.say("图层", "The collection"))]


ROUTES = (
    Route("/tiles", tilesets),
    Route("/tiles/<tms_id>", tileset, FORMS, ("collections",)),
    Route("/collections/<layer_id>/tiles", tilesets),
    Route("/collections/<layer_id>/tiles/<tms_id>", tileset, FORMS),
)
