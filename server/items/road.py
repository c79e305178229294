"""The road of features: plain WSGI beside Flask, whose routing, contexts and signals cost as much as a page of ten.

    request -> kept, or: asked -> tag (304 here, no data touched) -> view -> coded -> send

Views are as they are for any other resource. An error is raised, and told by `application.Server`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, NamedTuple

from flask import Response

from config.models import Service
from releases.memory import Memory
from releases.release import Catalogue, Release
from server.answer import finish, known
from server.ask import Route, asking, make
from server.incoming import Incoming
from server.items.forms import MEDIA
from server.items.item import FORMS, item
from server.items.page import page

ADDRESS: Final = re.compile(
    r"(?:/releases/(?P<release>[^/]+))?/collections/(?P<layer_id>[^/]+)/items"
    # What lies below a feature is no feature: Flask's.
    r"(?:/(?P<feature_id>(?!.*/(?:versions|proof)/?$).*[^/]))?/?"
)
PAGE: Final = Route("/collections/<layer_id>/items", page, MEDIA, parameters=None)
ITEM: Final = Route("/collections/<layer_id>/items/<path:feature_id>", item, FORMS, parameters=None)
#: Bytes of finished answers that a worker keeps: what maps and desktops ask for again and again is small.
KEPT_BYTES: Final = 32 * 2**20
#: Bytes of one of them at most.
SMALL: Final = 2**18
#: What an answer depends on beside the release; a request with anything conditional in it is read as a whole.
_NAMED: Final = (
    *("PATH_INFO", "QUERY_STRING", "HTTP_ACCEPT", "HTTP_ACCEPT_LANGUAGE", "HTTP_ACCEPT_ENCODING"),
    *("wsgi.url_scheme", "HTTP_HOST", "SERVER_NAME", "SERVER_PORT", "SCRIPT_NAME"),
)
_CONDITIONS: Final = ("HTTP_IF_NONE_MATCH", "HTTP_RANGE")


class Sent(NamedTuple):
    """A finished answer."""

    status: str
    headers: list[tuple[str, str]]
    body: bytes


class ItemsRoad:
    """Answers requests whose decoded path matches ADDRESS."""

    def __init__(self, service: Service, catalogue: Catalogue) -> None:
        self._service = service
        self._catalogue = catalogue
        self._kept: Memory[Sent] = Memory(KEPT_BYTES, lambda sent: len(sent.body) + 2000)

    def answer(
        self, found: re.Match[str], environ: dict[str, Any], start: Callable[..., Any]
    ) -> Iterable[bytes]:
        """Send a page of features or one of them."""
        # Looked up once, so that an answer is never kept under the name of another release.
        release = self._catalogue.named(found["release"])
        # An act on releases may change what stands beside this one in time.
        name = _name(release, len(self._catalogue.seen().releases), environ)
        sent = self._kept.kept(name) if name else None
        if sent is None:
            response = self._made(found, release, environ)
            if name is None or response.status_code != 200 or response.is_streamed:
                pieces: Iterable[bytes] = response(environ, start)
                return pieces
            headers = response.get_wsgi_headers(environ).to_wsgi_list()
            sent = Sent(response.status, headers, response.get_data())
            if len(sent.body) <= SMALL:
                self._kept.keep(name, sent)
        start(sent.status, sent.headers)
        return [sent.body]

    def _made(self, found: re.Match[str], release: Release, environ: Mapping[str, Any]) -> Response:
        names = {name: text for name, text in found.groupdict().items() if text is not None}
        pinned = names.pop("release", None) is not None
        route = ITEM if "feature_id" in names else PAGE
        ask = make(self._service, self._catalogue, route, release, pinned, Incoming(environ))
        asking(ask)
        return finish(ask, known(ask) or route.view(**names))


def _name(release: Release, acts: int, environ: Mapping[str, Any]) -> tuple[Any, ...] | None:
    """The name of an answer; None for a request whose answer is not to be kept."""
    if environ["REQUEST_METHOD"] != "GET" or any(header in environ for header in _CONDITIONS):
        return None
    return (release.id, acts, *map(environ.get, _NAMED))
