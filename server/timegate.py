"""The ways from a resource to its states in time (RFC 7089): its timegate, which is the resource itself, and its timemaps.

    GET /collections, Accept-Datetime            302 to /releases/{id}/collections of that time
    GET /timegate/{address}, Accept-Datetime     the same, for clients that put the address behind that of a timegate
    GET /timemap/link/{address}, /timemap/json/  all its states

The address is that of the resource, whole or from its path on, with its query. Nobody who does not send the header
comes here, so that this costs the fast roads one look into a dictionary.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

import orjson
from flask import Response
from werkzeug.exceptions import NotFound

from config.models import Service
from releases.history import Entry
from releases.release import Catalogue
from server import freshness, linkformat, memento
from server.answer import whole
from server.ask import Ask, Route, base_address, current
from server.links import JSON, Links

#: An address in a path: whole, where proxies may have made one of two slashes.
_WHOLE = re.compile(r"https?:/{1,2}([^/]+)(/.*)?")
_PINNED = re.compile(r"/releases/[^/]+(?=/|$)")
_LEADING: Final = ("GET", "HEAD")
#: A path that names an original resource; None for any other.
Original = Callable[[str], bool]


class TimeGate:
    """Leads from resources of the current tree to their states; `original` knows which paths are such."""

    def __init__(self, service: Service, catalogue: Catalogue, original: Original) -> None:
        self._service = service
        self._catalogue = catalogue
        self._original = original
        ways = (
            ("/timegate", self.gate, {"link": linkformat.MEDIA}),
            ("/timemap/link", self.link_format, {"link": linkformat.MEDIA}),
            ("/timemap/json", self.json_format, {"json": JSON}),
        )
        # The landing page has no name behind that of the way.
        self.routes = tuple(
            Route(way + target, view, forms, None, pinned=False)
            for way, view, forms in ways
            for target in ("", "/<path:target>")
        )

    def leads(self, environ: Mapping[str, Any]) -> Response | None:
        """The way to the state that a request with Accept-Datetime asks for; None when it asks for no original.

        BadRequest when the header is no date.
        """
        path = environ["PATH_INFO"].encode("latin-1").decode()
        if environ["REQUEST_METHOD"] not in _LEADING or not self._original(path):
            return None
        entry = self._at(environ, memento.layer_of(path))
        if entry is None:
            return None
        return self._found(entry, base_address(self._service, environ), path, environ.get("QUERY_STRING", ""))

    def gate(self, target: str = "") -> Response:
        """The timegate of a resource; without Accept-Datetime it leads to the state of now."""
        ask = current()
        path = self._path(ask, target)
        entry = self._at(ask.incoming.environ, memento.layer_of(path))
        if entry is None:
            raise NotFound
        return self._found(entry, ask.links.base, path, ask.incoming.query)

    def link_format(self, target: str = "") -> Response:
        """All states of a resource as links."""
        ask = current()
        original, below, states = self._states(ask, target)
        itself = ask.links.timemap("link", below)
        return whole(ask, linkformat.timemap(original, original, itself, states), linkformat.MEDIA)

    def json_format(self, target: str = "") -> Response:
        """All states of a resource as JSON."""
        ask = current()
        original, below, states = self._states(ask, target)
        itself = ask.links.timemap("json", below)
        document = linkformat.timemap_json(original, original, itself, states)
        return whole(ask, orjson.dumps(document), JSON)

    def _states(self, ask: Ask, target: str) -> tuple[str, str, list[linkformat.Memento]]:
        path = self._path(ask, target)
        below = memento.encoded(path, ask.incoming.query)
        entries = self._catalogue.timeline().states(memento.layer_of(path))
        if not entries:
            raise NotFound
        return ask.links.base + below, below, [memento.state(ask.links.base, one, below) for one in entries]

    def _path(self, ask: Ask, target: str) -> str:
        """The path of the resource that an address behind ours names; NotFound for one of no resource of the service."""
        base = urlsplit(ask.links.base)
        whole_address = _WHOLE.fullmatch(target)
        if whole_address is None:
            path = f"/{target}"
        else:
            authority, path = whole_address[1], whole_address[2] or "/"
            if authority != base.netloc or not path.startswith(base.path):
                raise NotFound
            path = path.removeprefix(base.path) or "/"
        # Of a state, the resource that it is a state of.
        path = _PINNED.sub("", path, count=1) or "/"
        if not self._original(path):
            raise NotFound
        return path

    def _at(self, environ: Mapping[str, Any], layer: str | None) -> Entry | None:
        """The state that is asked for; None when there is none at all."""
        asked = environ.get("HTTP_ACCEPT_DATETIME")
        wanted = memento.moment(asked) if asked is not None else None
        self._catalogue.history()
        timeline = self._catalogue.timeline()
        return timeline.at(wanted, layer)

    def _found(self, entry: Entry, base: str, path: str, query: str) -> Response:
        below = memento.encoded(path, query)
        links = Links(base, "", entry.id)
        timeline = self._catalogue.timeline()
        told = [
            *memento.gate(links, below),
            *memento.neighbours(base, timeline, entry.id, memento.layer_of(path), below),
        ]
        response = Response(status=302)
        del response.headers["Content-Type"]
        response.headers.update(
            {
                "Location": memento.state(base, entry, below).href,
                "Vary": memento.ACCEPT,
                "Link": ", ".join(told),
                "Cache-Control": freshness.REVALIDATE,
            }
        )
        return response
