"""A page of features.

`timeStamp` is left out: it would be the time of the answer, which would make two equal answers differ, and the
release's id says more.
"""

from __future__ import annotations

from typing import Any

import orjson
from flask import Response

from releases.formats import geojson, jsonfg
from releases.formats.subject import Subject
from releases.manifest import PublishedLayer
from releases.query import Page
from server import downloads
from server.answer import answer, streamed
from server.ask import Ask, current
from server.items import profile, reference, selection
from server.items.asked import Asked, asked
from server.items.forms import FORMS, own_name
from server.items.links import Way, page_links
from server.items.sheet import sheet
from server.links import HTML, link


def page(layer_id: str) -> Response:
    """A page of features, or the file of them all."""
    ask = current()
    layer = ask.manifest.layer(layer_id)
    if downloads.asked(ask, layer):
        return downloads.file(ask, layer)
    what = asked(ask, layer)
    found = ask.release.store.page(layer_id, what.query)
    links = page_links(ask, layer, Way(what.query, what.binding, found.matched))
    if ask.media == HTML:
        shown = selection.for_people(what.rendition)
        document: dict[str, Any] = {
            "links": links,
            "numberMatched": found.matched,
            "numberReturned": len(found.keys),
            "features": [orjson.loads(text) for text in geojson.features(found.features(), shown)],
        }
        return reference.told(
            answer(ask, document, "items.html", sheet(ask, layer, what.query, shown)), shown
        )
    return _written(ask, layer, what, found, links)


def _written(
    ask: Ask, layer: PublishedLayer, what: Asked, found: Page, links: list[dict[str, Any]]
) -> Response:
    """The page as its form is written, piece by piece."""
    name = own_name(ask.form)
    form = FORMS[name]
    if name in ("geojson", "jsonfg"):
        links = [*links, link("profile", profile.uri(what.profile))]
    subject = Subject(
        layer,
        ask.release.id,
        ask.lang,
        what.rendition,
        matched=found.matched,
        returned=len(found.keys),
        links=tuple(links),
        schema=ask.links.schema(layer.id),
        profile=what.profile,
        bom=what.bom,
        whole=ask.release.store.file(layer.id, "geoparquet")
        if name in ("flatgeobuf", "geoparquet")
        else None,
        scratch=ask.service.cache,
    )
    write = jsonfg.write if name == "geojson" and what.profile != "rfc7946" else form.write
    assert write is not None, f"{name} is made of a template"
    media = form.media + ("; charset=utf-8" if form.media.startswith("text/") else "")
    response = reference.told(streamed(ask, write(found.texts, subject), media, links), what.rendition)
    if form.ending:
        # What a page says about itself, where the form has no place for it; named as 17-069r4 does for GML.
        response.headers["OGC-NumberMatched"] = str(found.matched)
        response.headers["OGC-NumberReturned"] = str(len(found.keys))
        response.headers["Content-Disposition"] = f'attachment; filename="{layer.id}.{form.ending}"'
    return response
