"""The server put together: the tile road in front of Flask, each resource once in the current tree and once pinned."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException

from config.models import Service
from releases.release import Catalogue
from server import assets, health, items, languages, pages, problems
from server.answer import finish, identity, unchanged
from server.ask import JSON_HTML, Ask, Route, make
from server.freshness import matched
from server.health import Readiness
from server.tile_road import Application, TileRoad

LONGEST_ADDRESS = 8000
PINNED = "/releases/<release_id>"


class Server:
    """The WSGI callable, and whether it is ready."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.catalogue = Catalogue(service.published)
        self.readiness = Readiness(self.catalogue)
        self._flask = _flask(self)
        self._road = TileRoad(service, self.catalogue, self._flask.wsgi_app)

    def __call__(self, environ: Any, start_response: Any) -> Any:
        """Answer a request (PEP 3333)."""
        return self._road(environ, start_response)


def create_application(service: Service) -> Application:
    """The whole server for a service, as a WSGI callable."""
    return Server(service)


def _flask(server: Server) -> Flask:
    flask = Flask("blueprint", static_folder=None)
    flask.url_map.strict_slashes = False
    flask.url_map.merge_slashes = False
    routes: dict[str, Route] = {}
    for route in (*items.ROUTES, *pages.ROUTES):
        for prefix in ("", PINNED) if route.pinned else ("",):
            rule = (prefix + route.rule).rstrip("/") or "/"
            endpoint = f"{rule}"
            routes[endpoint] = route
            flask.add_url_rule(rule, endpoint, route.view, methods=["GET"], provide_automatic_options=False)
    flask.add_url_rule("/healthz", "healthz", health.healthz)
    flask.add_url_rule("/readyz", "readyz", lambda: health.readyz(server.readiness))
    flask.add_url_rule("/assets/<path:name>", "assets", assets.asset)

    @flask.before_request
    def read_request() -> Response | None:
        g.ask = None
        if request.method == "OPTIONS":
            return _preflight()
        if len(request.full_path) > LONGEST_ADDRESS:
            raise _TooLong
        route = routes.get(request.endpoint or "")
        if route is None:
            return None
        release_id = (request.view_args or {}).pop("release_id", None)
        g.ask = make(server.service, server.catalogue, route, release_id)
        known = matched(request.headers.get("If-None-Match"), identity(g.ask))
        return unchanged(g.ask, known) if known else None

    @flask.after_request
    def finish_response(response: Response) -> Response:
        ask: Ask | None = g.get("ask")
        if response.status_code == 304 or request.endpoint in ("healthz", "readyz", "assets"):
            response.headers["Access-Control-Allow-Origin"] = "*"
            return response
        return finish(ask, response)

    @flask.errorhandler(Exception)
    def tell(error: Exception) -> Response:
        lang = request.args.get("lang")
        known = lang if lang in languages.LANGS else None
        header = request.headers.get("Accept-Language")
        answered = problems.answer(error, known or languages.negotiated(header, server.service.language), request.path)
        return Response(answered.body, answered.status, answered.headers)

    return flask


class _TooLongError(HTTPException):
    code = 414
    description = "the address is too long"


_TooLong = _TooLongError()


def _preflight() -> Response:
    """What a browser asks before a request from another site (Fetch, 4.8)."""
    response = Response(status=204)
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Allow-Methods"] = "GET, HEAD, OPTIONS"
    response.headers["Access-Control-Allow-Headers"] = request.headers.get("Access-Control-Request-Headers", "*")
    response.headers["Access-Control-Max-Age"] = "86400"
    response.headers["Allow"] = "GET, HEAD, OPTIONS"
    return response


__all__ = ["JSON_HTML", "Server", "create_application"]
