"""One feature."""

from __future__ import annotations

from typing import Final

import orjson
from flask import Response

from server.answer import answer, whole
from server.ask import current
from server.links import GEOJSON, HTML, JSON, link

FORMS: Final = {"geojson": GEOJSON, "json": GEOJSON, "html": HTML}


def item(layer_id: str, feature_id: str) -> Response:
    """The feature of an id."""
    ask = current()
    layer = ask.manifest.layer(layer_id)
    found = ask.release.store.item(layer_id, feature_id)
    here = {name: ask.links.item(layer_id, feature_id, f=name) for name in ("geojson", "html")}
    links = [
        link(
            "self" if ask.media == GEOJSON else "alternate",
            here["geojson"],
            GEOJSON,
            ask.say("本要素", "This feature"),
        ),
        link("self" if ask.media == HTML else "alternate", here["html"], HTML, ask.say("网页", "As a page")),
        link("collection", ask.links.collection(layer_id), JSON, ask.text(layer.layer.title)),
        link(
            "memento",
            ask.links.pinned.item(layer_id, feature_id),
            GEOJSON,
            ask.say("此版次中的本要素", "In this release for ever"),
        ),
    ]
    if ask.media == HTML:
        feature = orjson.loads(found.json) | {"links": links}
        return answer(ask, feature, "item.html", {"layer": layer})
    body = found.json[:-1] + b',"links":' + orjson.dumps(links) + b"}"
    return whole(ask, body, GEOJSON, links)
