"""The tile matrix sets that tiles are offered in, and the definition of each (OGC 17-083r4, TMS 2.0, clauses 6 and 7)."""

from __future__ import annotations

from typing import Any

from flask import Response

from server.alternates import alternates
from server.answer import answer
from server.ask import Ask, Route, current
from server.links import JSON, link
from server.problems import Missing
from tiles.grid import TileMatrixSet


def tile_matrix_sets() -> Response:
    """The tile matrix sets that tiles are offered in."""
    ask = current()
    title = ask.say("瓦片矩阵集", "Tile matrix sets")
    document = {
        "title": title,
        "links": alternates(ask, ask.links.tile_matrix_sets, title),
        "tileMatrixSets": [_listed(ask, tms) for tms in ask.manifest.sets],
    }
    return answer(ask, document, "tile_matrix_sets.html")


def tile_matrix_set(tms_id: str) -> Response:
    """One tile matrix set: the definition as its authority wrote it, and nothing else."""
    ask = current()
    tms = found(ask, tms_id)
    return answer(ask, dict(tms.document), "tile_matrix_set.html", {"tms": tms})


def found(ask: Ask, tms_id: str) -> TileMatrixSet:
    """The set of that id; Missing when tiles are not offered in it."""
    try:
        return ask.manifest.sets.get(tms_id)
    except KeyError:
        raise Missing("tile matrix set", tms_id) from None


def _listed(ask: Ask, tms: TileMatrixSet) -> dict[str, Any]:
    listed = {
        "id": tms.id,
        "title": tms.document.get("title", tms.id),
        "uri": tms.uri,
        "crs": tms.document["crs"],
        "links": [link("self", ask.links.tile_matrix_set(tms.id), JSON, tms.id)],
    }
    return {name: value for name, value in listed.items() if value is not None}


ROUTES = (
    Route("/tileMatrixSets", tile_matrix_sets),
    Route("/tileMatrixSets/<tms_id>", tile_matrix_set),
)
