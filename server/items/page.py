"""A page of features.

`timeStamp` is left out: it would be the time of the answer, which would make two equal answers differ, and the
release's id says more.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson
from flask import Response

from releases.query import Page
from server.answer import answer, streamed
from server.ask import current
from server.items.asked import asked
from server.items.links import Way, page_links
from server.links import GEOJSON, HTML


def page(layer_id: str) -> Response:
    """A page of features."""
    ask = current()
    layer = ask.manifest.layer(layer_id)
    what = asked(ask, layer)
    found = ask.release.store.page(layer_id, what.query)
    links = page_links(ask, layer, Way(what.query, what.binding, found.matched))
    if ask.media == HTML:
        document: dict[str, Any] = {
            "links": links,
            "numberMatched": found.matched,
            "numberReturned": len(found.keys),
            "features": [orjson.loads(feature) for feature in found.features()],
        }
        return answer(ask, document, "items.html", {"layer": layer, "start": what.query.start})
    return streamed(ask, joined(found, links), GEOJSON, links)


def joined(found: Page, links: list[dict[str, Any]]) -> Iterator[bytes]:
    """The features as they were published, one behind the other."""
    head = orjson.dumps(
        {
            "type": "FeatureCollection",
            "numberMatched": found.matched,
            "numberReturned": len(found.keys),
            "links": links,
        }
    )
    before = head[:-1] + b',"features":['
    for texts in found.texts:
        yield before + b",\n".join(texts)
        before = b",\n"
    yield b"]}" if len(found.keys) else before + b"]}"
