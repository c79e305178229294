"""Features: a page of them and one of them (OGC 17-069r4, 7.14 to 7.16).

The text of a feature was written when the release was made; here it is only joined. `timeStamp` is left out:
it would be the time of the answer, which would make two equal answers differ, and the release's id says more.
"""

from __future__ import annotations

from typing import Any

import orjson
from flask import Response

from releases.manifest import PublishedLayer
from server import params
from server.answer import answer, whole
from server.ask import Ask, Route, current
from server.links import GEOJSON, HTML, JSON, link

FORMS = {"geojson": GEOJSON, "json": GEOJSON, "html": HTML}


def page(layer_id: str) -> Response:
    """A page of features."""
    ask = current()
    layer = ask.manifest.layer(layer_id)
    query = params.items(ask, layer.layer)
    found = ask.release.store.page(layer_id, query)
    following = None
    if found.next_after is not None:
        following = params.cursor(ask.release.id, layer_id, query, found.next_after)
    links = _page_links(ask, layer, following)
    if ask.media == HTML:
        document: dict[str, Any] = {
            "links": links,
            "numberMatched": found.matched,
            "numberReturned": len(found.features),
            "features": [orjson.loads(feature) for feature in found.features],
        }
        return answer(ask, document, "items.html", {"layer": layer})
    head = orjson.dumps(
        {
            "type": "FeatureCollection",
            "numberMatched": found.matched,
            "numberReturned": len(found.features),
            "links": links,
        }
    )
    body = b"".join((head[:-1], b',"features":[', b",\n".join(found.features), b"]}"))
    return whole(ask, body, GEOJSON, links)


def item(layer_id: str, feature_id: str) -> Response:
    """One feature."""
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


def _page_links(ask: Ask, layer: PublishedLayer, following: str | None) -> list[dict[str, Any]]:
    asked = {name: value for name, value in ask.args.items() if name not in ("f", "next")}
    here = {name: value for name, value in ask.args.items() if name != "f"}
    forms = (("geojson", GEOJSON, ask.say("本页", "This page")), ("html", HTML, ask.say("网页", "As a page")))
    links = [
        link(
            "self" if ask.media == media else "alternate",
            ask.links.items(layer.id, **here, f=name),
            media,
            title,
        )
        for name, media, title in forms
    ]
    if following is not None:
        # Pinned: a walk ends on the release it began on, whatever is published meanwhile.
        form = "html" if ask.media == HTML else "geojson"
        target = ask.links.pinned.items(layer.id, **asked, next=following, f=form)
        links.append(link("next", target, ask.media, ask.say("下一页", "Next page")))
    links.append(link("collection", ask.links.collection(layer.id), JSON, ask.text(layer.layer.title)))
    links.append(
        link(
            "memento",
            ask.links.pinned.items(layer.id, **here),
            GEOJSON,
            ask.say("此版次中的本页", "In this release for ever"),
        )
    )
    return links


ROUTES = (
    Route("/collections/<layer_id>/items", page, FORMS, parameters=None),
    Route("/collections/<layer_id>/items/<path:feature_id>", item, FORMS),
)
