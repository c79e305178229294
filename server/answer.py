"""From a document to an answer: JSON or a page, with tag, links, language and coding."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, Final

import orjson
from flask import Response

from server import codings, freshness, linkformat, memento, templates
from server.ask import Ask
from server.links import GEOPARQUET, HTML, PROOF, QUERYABLES

#: Relations that are repeated as Link headers; the rest are in the document.
HEADER_RELS: Final = frozenset(
    {
        "self",
        "alternate",
        "next",
        "profile",
        "collection",
        "service-desc",
        "conformance",
        "data",
        QUERYABLES,
        PROOF,
    }
)
#: Bytes from which an answer is sent while it is made.
STREAMED: Final = 2**21
VARY: Final = "Accept, Accept-Language, Accept-Encoding"
#: Of resources that lead to their states in time (RFC 7089 2.1.2).
_VARY_IN_TIME: Final = f"{VARY}, {memento.ACCEPT}"


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


def streamed(
    ask: Ask, pieces: Iterator[bytes], media: str, links: Sequence[Mapping[str, Any]] = ()
) -> Response:
    """An answer of pieces that are made while they are sent; one of few bytes is made whole at once."""
    body = next(pieces, b"")
    while len(body) < STREAMED:
        piece = next(pieces, None)
        if piece is None:
            return whole(ask, body, media, links)
        body += piece
    return whole(ask, chain((body,), pieces), media, links)


def whole(
    ask: Ask, body: bytes | Iterable[bytes], media: str, links: Sequence[Mapping[str, Any]] = ()
) -> Response:
    """An answer of bytes, or of pieces, that belongs to the request's release, and says so (RFC 7089)."""
    response = Response(body, content_type=media)
    response.headers["Content-Language"] = "en" if ask.lang == "en" else "zh-CN"
    response.headers["Blueprint-Release"] = ask.release.id
    told = [
        # Without its title: that would have to be encoded (RFC 8187), and is in the body.
        linkformat.value(one["href"], one["rel"], type=one.get("type"))
        for one in links
        if one["rel"] in HEADER_RELS and "href" in one and "method" not in one
    ]
    told += memento.links(ask)
    if ask.in_release and not ask.release.draft:
        response.headers["Memento-Datetime"] = linkformat.date(ask.release.published_at)
    if told:
        response.headers["Link"] = ", ".join(told)
    return response


def finish(ask: Ask, response: Response) -> Response:
    """Add what every answer of a release has, and code the body for a client that takes it."""
    if response.status_code != 200 or "ETag" in response.headers:
        # What has a tag of its own is a file, and is sent as it is.
        return response
    headers = response.headers
    headers["Vary"] = vary(ask)
    opaque, taken = ask.tag, codings.accepted(ask.incoming.header("ACCEPT_ENCODING"))
    # What was asked for by this very tag was answered before the view ran; here "*" is left.
    if ask.incoming.method != "POST" and freshness.matched(
        ask.incoming.header("IF_NONE_MATCH"), opaque, taken, exists=True
    ):
        return unchanged(ask, f'"{opaque}"')
    coding = taken[0]
    if coding != "identity" and not _packed(headers["Content-Type"]) and _code(response, coding):
        headers["Content-Encoding"] = coding
        opaque += f"-{coding}"
    if ask.incoming.method == "POST":
        # A cache keeps answers by their addresses, and this one is of a body.
        headers["Cache-Control"] = "no-store"
    else:
        headers.setdefault("Cache-Control", lifetime(ask))
        headers["ETag"] = f'"{opaque}"'
    return response


def _code(response: Response, coding: codings.Coding) -> bool:
    """Code the body of an answer; False when it is not worth it."""
    if response.is_streamed:
        response.response = codings.stream(response.iter_encoded(), coding)
        return True
    body = response.get_data()
    if len(body) < codings.WORTH_CODING:
        return False
    response.set_data(codings.coded(body, coding))
    return True


def known(ask: Ask) -> Response | None:
    """The 304 for a client that has the answer already, told by its tag before anything is looked up."""
    if ask.incoming.method == "POST":
        return None
    taken = codings.accepted(ask.incoming.header("ACCEPT_ENCODING"))
    theirs = freshness.matched(ask.incoming.header("IF_NONE_MATCH"), ask.tag, taken)
    return unchanged(ask, theirs) if theirs else None


def unchanged(ask: Ask, tag: str) -> Response:
    """304: the client's copy is right (RFC 9110 15.4.5)."""
    response = Response(status=304)
    del response.headers["Content-Type"]
    response.headers.update({"ETag": tag, "Cache-Control": lifetime(ask), "Vary": vary(ask)})
    return response


def lifetime(ask: Ask) -> str:
    """How long an answer may be kept, as Cache-Control says it. What is said of a draft changes when it is promoted."""
    return freshness.IMMUTABLE if ask.in_release and not ask.release.draft else freshness.REVALIDATE


def vary(ask: Ask) -> str:
    """The headers of a request on which an answer depends (RFC 9110 12.5.5)."""
    return VARY if ask.in_release or not ask.route.pinned else _VARY_IN_TIME


def _packed(media: str) -> bool:
    """Whether coding would only cost time: images are compressed already, and so is Parquet."""
    return media == GEOPARQUET or (media.startswith("image/") and not media.startswith("image/svg"))
