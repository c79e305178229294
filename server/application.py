"""The server put together: entrance, health, the roads of tiles and of features, and behind them Flask with every
other resource.

    request ─ entrance ─┬─ OPTIONS, /healthz, /readyz
                        ├─ tile road
                        ├─ items road
                        └─ Flask: each route once in the current tree and once pinned

Flask is asked last because it costs ten times what a kept tile does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from http import HTTPStatus
from typing import Any, Final

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from config.models import Lang, Service
from releases.release import Catalogue
from releases.store import ReleaseGone, ReleaseTagged
from server import (
    assets,
    entrance,
    freshness,
    health,
    languages,
    pages,
    problem,
    problem_page,
    succession,
    tile_plan,
    tile_road,
)
from server.answer import finish, known
from server.ask import Route, asking, base_address, current, make
from server.incoming import Incoming
from server.items.road import ADDRESS, ItemsRoad
from server.timegate import TimeGate

StartResponse = Callable[..., Any]

#: On everything, errors and 304 included, so that a page of any other site may read it (Fetch 3.2).
_OPEN: Final = [
    ("Access-Control-Allow-Origin", "*"),
    (
        "Access-Control-Expose-Headers",
        "Link, ETag, Content-Crs, Content-Disposition, Content-Range, Accept-Ranges, OGC-NumberMatched,"
        " OGC-NumberReturned, Blueprint-Release, Blueprint-Tile, Blueprint-Tile-Limited, Memento-Datetime, Retry-After",
    ),
    ("X-Content-Type-Options", "nosniff"),
]
_PINNED = "/releases/<release_id>"


class Server:
    """The WSGI callable (PEP 3333) for a service."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.catalogue = Catalogue(service.published)
        self._tiles = tile_road.TileRoad(service, self.catalogue)
        self._items = ItemsRoad(service, self.catalogue)
        self._timegate = TimeGate(service, self.catalogue, self._original)
        self._routes: dict[str, Route] = {}
        self._flask = self._mounted((*pages.ROUTES, *self._timegate.routes))
        # Made now, so that no reader waits for it.
        freshness.program()

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request; whatever goes wrong, the answer is a problem document."""
        start = partial(_start, start_response)
        try:
            entrance.inspect(environ)
            path = environ["PATH_INFO"]
            if not path.isascii():
                path = path.encode("latin-1").decode()
            if environ["REQUEST_METHOD"] == "OPTIONS":
                return _preflight(environ, start)
            if path in (health.LIVE, health.READY):
                return health.answer(path, self.catalogue, start)
            if "HTTP_ACCEPT_DATETIME" in environ:
                led = self._timegate.leads(environ)
                if led is not None:
                    return led(environ, start)
            found = tile_plan.ADDRESS.fullmatch(path)
            if found is not None:
                return self._tiles.answer(found, environ, start)
            found = ADDRESS.fullmatch(path)
            if found is not None:
                return self._items.answer(found, environ, start)
            return self._flask.wsgi_app(environ, start)
        except Exception as error:
            return self._tell(error, environ, start)

    def _mounted(self, routes: Iterable[Route]) -> Flask:
        flask = Flask("server", static_folder=None)
        # A slash at the end is no other resource; an empty segment in the middle is one, and not there.
        flask.url_map.strict_slashes = False
        flask.url_map.merge_slashes = False
        for route in routes:
            for tree in ("", _PINNED) if route.pinned else ("",):
                rule = (tree + route.rule).rstrip("/") or "/"
                self._routes[rule] = route
                flask.add_url_rule(rule, rule, route.view, methods=["GET"], provide_automatic_options=False)
        flask.add_url_rule("/assets/<path:name>", "assets", assets.asset)
        flask.before_request(self._read)
        flask.after_request(self._finished)
        flask.register_error_handler(Exception, self._problem)
        return flask

    def _original(self, path: str) -> bool:
        """Whether a path, decoded, is one of the current tree, and so has a state in each release."""
        found = tile_plan.ADDRESS.fullmatch(path) or ADDRESS.fullmatch(path)
        if found is not None:
            return found["release"] is None
        try:
            endpoint, values = self._flask.url_map.bind("").match(path, "GET")
        except HTTPException:
            return False
        return endpoint in self._routes and self._routes[endpoint].pinned and "release_id" not in values

    def _read(self) -> Response | None:
        """Understand the request before its view runs; answer at once when the client has the answer already."""
        asking(None)
        route = self._routes.get(request.endpoint or "")
        if route is None:
            return None
        release_id = (request.view_args or {}).pop("release_id", None)
        release = self.catalogue.named(release_id)
        incoming = Incoming(request.environ)
        ask = make(self.service, self.catalogue, route, release, release_id is not None, incoming)
        asking(ask)
        return known(ask)

    def _finished(self, response: Response) -> Response:
        route = self._routes.get(request.endpoint or "")
        # An asset has its own tag and its own time to live.
        return response if route is None or response.status_code != 200 else finish(current(), response)

    def _problem(self, error: Exception) -> Response:
        told = self._told(error, request.environ, request.path)
        return Response(told.body, told.status, told.headers)

    def _tell(self, error: Exception, environ: Mapping[str, Any], start: StartResponse) -> list[bytes]:
        path = environ.get("PATH_INFO", "").encode("latin-1").decode("utf-8", "replace")
        told = self._told(error, environ, path)
        headers = [*told.headers.items(), ("Content-Length", str(len(told.body)))]
        start(f"{told.status} {HTTPStatus(told.status).phrase}", headers)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [told.body]

    def _told(self, error: Exception, environ: Mapping[str, Any], path: str) -> problem.Answer:
        """The document that says what went wrong, or for a reader's browser the page that says the same."""
        lang, base = self._lang(environ), base_address(self.service, environ)
        if isinstance(error, ReleaseGone):
            error = self.catalogue.explained(error)
        if isinstance(error, ReleaseTagged):
            return problem.Answer(
                307, succession.redirect(error, base, path, environ.get("QUERY_STRING", "")), b""
            )
        told = problem.answer(error, lang, path, succession.links(error, base, path))
        if problem_page.wanted(environ):
            return problem_page.page(told, environ, self.service, lang)
        return told

    def _lang(self, environ: Mapping[str, Any]) -> Lang:
        """The language of a problem: as asked, as far as that can be read."""
        return languages.of_request(environ, self.service.language)


def create_application(service: Service) -> Server:
    """The whole server for a service, as a WSGI callable."""
    return Server(service)


def _start(
    start_response: StartResponse, status: str, headers: list[tuple[str, str]], exc_info: Any = None
) -> Any:
    return start_response(status, [*headers, *_OPEN], exc_info)


def _preflight(environ: Mapping[str, Any], start: StartResponse) -> list[bytes]:
    """What a browser asks before a request from another site (Fetch 3.2.2), and anybody else about the
    methods.
    """
    methods = ", ".join(entrance.methods(environ["PATH_INFO"]))
    start(
        "204 No Content",
        [
            ("Allow", methods),
            ("Access-Control-Allow-Methods", methods),
            ("Access-Control-Allow-Headers", environ.get("HTTP_ACCESS_CONTROL_REQUEST_HEADERS", "*")),
            ("Access-Control-Max-Age", "86400"),
        ],
    )
    return []
