"""From a document to an answer: JSON or a page, with tag, links, language and coding."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from flask import Response, request

from server import freshness, templates
from server.ask import Ask
from server.links import HTML, link


def answer(
    ask: Ask, document: Mapping[str, Any], template: str, context: Mapping[str, Any] | None = None
) -> Response:
    """A document as the client asked for it: its JSON, or the page that `template` makes of it.

    `context` is what the page needs beyond the document.
    """
    links = document.get("links", ())
    if ask.media == HTML:
        page = templates.render(template, ask, document=document, **(context or {}))
        return whole(ask, page.encode(), "text/html; charset=utf-8", links)
    return whole(ask, orjson.dumps(document), ask.media, links)


def whole(ask: Ask, body: bytes, media: str, links: Sequence[Mapping[str, Any]] = ()) -> Response:
    """An answer of bytes that belongs to the request's release."""
    response = Response(body, content_type=media)
    response.headers["Content-Language"] = "en" if ask.lang == "en" else "zh-CN"
    response.headers["Blueprint-Release"] = ask.release.id
    for one in links:
        if "href" in one and one["rel"] in HEADER_RELS:
            response.headers.add("Link", _header(one))
    memento = link("memento", ask.links.pinned.base + ask.links.pinned.tree + _below(ask))
    response.headers.add("Link", _header(memento))
    return response


#: Relations that are repeated as Link headers; the rest are in the document.
HEADER_RELS = frozenset({"self", "alternate", "next", "collection", "service-desc", "conformance", "data"})


def finish(ask: Ask | None, response: Response) -> Response:
    """Add what every answer has, and code the body for a client that takes it."""
    headers = response.headers
    headers["Access-Control-Allow-Origin"] = "*"
    headers["Access-Control-Expose-Headers"] = "Link, ETag, Content-Crs, Blueprint-Release"
    headers["X-Content-Type-Options"] = "nosniff"
    if response.status_code != 200 or response.is_streamed or response.direct_passthrough:
        return response
    if ask is not None:
        opaque = identity(ask)
        headers.setdefault("Cache-Control", freshness.IMMUTABLE if ask.in_release else freshness.REVALIDATE)
        headers.add("Vary", "Accept, Accept-Language, Accept-Encoding")
    else:
        opaque = freshness.tag(response.get_data().hex())
        headers.setdefault("Cache-Control", freshness.REVALIDATE)
        headers.add("Vary", "Accept-Encoding")
    body = response.get_data()
    coding = len(body) >= freshness.WORTH_CODING and not headers["Content-Type"].startswith(("image/", "font/"))
    if coding and freshness.accepts_gzip(request.headers.get("Accept-Encoding")):
        response.set_data(freshness.compressed(body))
        headers["Content-Encoding"] = "gzip"
        opaque += "-gzip"
    headers["ETag"] = f'"{opaque}"'
    if freshness.matched(request.headers.get("If-None-Match"), opaque.removesuffix("-gzip")):
        return unchanged(ask, headers["ETag"])
    return response


def unchanged(ask: Ask | None, tag: str) -> Response:
    """304: the client's copy is right."""
    response = Response(status=304)
    response.headers["ETag"] = tag
    response.headers["Access-Control-Allow-Origin"] = "*"
    pinned = ask is not None and ask.in_release
    response.headers["Cache-Control"] = freshness.IMMUTABLE if pinned else freshness.REVALIDATE
    response.headers["Vary"] = "Accept, Accept-Language, Accept-Encoding"
    return response


def identity(ask: Ask) -> str:
    """The tag of an answer, known before it is made: all it depends on is in the request and the release."""
    asked = sorted((name, value) for name, value in ask.args.items() if name not in ("f", "lang"))
    return freshness.tag(ask.release.id, ask.links.base, ask.path, repr(asked), ask.lang, ask.form)


def _below(ask: Ask) -> str:
    path = ask.path.removeprefix(ask.links.tree)
    query = request.query_string.decode("latin-1")
    return ("" if path == "/" else path) + (f"?{query}" if query else "")


def _header(one: Mapping[str, Any]) -> str:
    text = f'<{one["href"]}>; rel="{one["rel"]}"'
    return text + (f'; type="{one["type"]}"' if "type" in one else "")
