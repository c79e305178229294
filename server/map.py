"""The map page, and what it needs to know as one document: layers by group, fields, codes and where records are."""

from __future__ import annotations

from typing import Any

from flask import Response

from config.models import Text
from releases.manifest import PublishedLayer
from server.answer import answer
from server.ask import Ask, Route, current
from server.landing import notices
from server.naming import title_field
from server.nature import NATURES
from server.problems import BadRequest, Fault


def map_page() -> Response:
    """The map of a release; `layer` names one layer to show alone."""
    ask = current()
    found = setting(ask)
    return answer(ask, found, "map.html", {"setting": found})


def setting(ask: Ask) -> dict[str, Any]:
    """What the map's script starts from. Style, tiles and records are pinned: a map never mixes two releases."""
    service, pinned = ask.manifest.service, ask.links.pinned
    only = _only(ask)
    return {
        "lang": ask.lang,
        "release": ask.release.id,
        "title": ask.text(service.title),
        "centre": list(service.region.centre),
        "zoom": service.region.zoom,
        "bounds": list(service.region.bbox),
        "style": pinned.style("blueprint", f="mapbox", lang=ask.lang),
        "legend": pinned.legend("blueprint", f="json", lang=ask.lang),
        "only": only.id if only else None,
        "extent": only.extent if only else None,
        "synthetic": any(layer.nature == "synthetic" for layer in ask.manifest.layers),
        "natures": {
            name: {"title": ask.text(words.title), "meaning": ask.text(words.meaning)}
            for name, words in NATURES.items()
        },
        "notices": notices(ask),
        "groups": [
            {
                "id": group.id,
                "title": ask.text(group.title),
                "layers": [
                    _layer(ask, layer) for layer in ask.manifest.layers if layer.layer.group == group.id
                ],
            }
            for group in service.groups
        ],
        "codelists": {
            name: {code.value: ask.text(code.title) for code in codelist.codes}
            for name, codelist in service.codelists.items()
        },
    }


def _only(ask: Ask) -> PublishedLayer | None:
    """The one layer that is to be shown; BadRequest when there is none of that name."""
    name = ask.args.get("layer")
    layers = {layer.id: layer for layer in ask.manifest.layers}
    if name is None or name in layers:
        return layers.get(name or "")
    known = ", ".join(layers)
    message = Text(zh=f"没有图层 {name[:40]!r}", en=f"no layer {name[:40]!r}")
    raise BadRequest(Fault("layer", message, Text(zh=known, en=known)))


def _layer(ask: Ask, layer: PublishedLayer) -> dict[str, Any]:
    said = layer.layer
    title = title_field(said, ask.lang)
    return {
        "id": layer.id,
        "title": ask.text(said.title),
        "description": ask.text(said.description),
        "nature": layer.nature,
        "count": layer.count,
        "mapped": layer.count - layer.null_geometries,
        "zoom": [said.zoom.min, said.zoom.max],
        "collection": ask.links.collection(layer.id),
        "items": ask.links.pinned.items(layer.id),
        "idField": said.id_field.name,
        "titleField": title.name if title else None,
        "fields": [
            {
                "name": field.name,
                "title": ask.text(field.title),
                "type": field.type,
                "unit": field.unit,
                "codelist": field.codelist,
            }
            for field in said.fields
        ],
    }


ROUTES = (Route("/map", map_page, parameters=("layer",)),)
