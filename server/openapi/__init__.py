"""The API definition, OpenAPI 3.0: small enough for QGIS, which reads all of it, and with nothing to fetch elsewhere.

Each collection has an `items` path of its own, because QGIS and GDAL learn there what they may filter by; everything else
stands once, with a parameter for the collection, and parameters, schemas and answers by reference.
"""

from __future__ import annotations

from typing import Any

from flask import Response

from server import freshness
from server.answer import answer
from server.ask import Ask, Route, current
from server.links import HTML, OPENAPI
from server.openapi.parameters import parameters
from server.openapi.paths import paths
from server.openapi.responses import responses, schemas
from server.openapi.tags import TAGS


def api() -> Response:
    """The definition, and as a page a list of its operations."""
    ask = current()
    return answer(ask, definition(ask), "api.html")


def definition(ask: Ask) -> dict[str, Any]:
    """The OpenAPI document of the tree that the client is in."""
    service = ask.manifest.service
    info: dict[str, Any] = {
        "title": ask.text(service.title),
        "description": ask.text(service.description),
        "version": freshness.VERSION,
        "license": {"name": service.licence.id or ask.text(service.licence.title)},
    }
    if service.licence.url:
        info["license"]["url"] = service.licence.url
    contact = {
        name: value
        for name, value in (("email", service.contact.email), ("url", service.contact.url))
        if value
    }
    if contact:
        info["contact"] = contact
    return {
        "openapi": "3.0.3",
        "info": info,
        "servers": [{"url": f"{ask.links.base}{ask.links.tree}"}],
        "tags": [{"name": tag, "description": ask.text(title)} for tag, title in TAGS.items()],
        "paths": paths(ask),
        "components": {"parameters": parameters(ask), "schemas": schemas(ask), "responses": responses(ask)},
    }


ROUTES = (Route("/api", api, {"json": OPENAPI, "html": HTML}),)
