"""The API definition, OpenAPI 3.0 and 3.1: small enough for QGIS, which reads all of it, and with nothing to fetch elsewhere.

Each collection has an `items` path of its own, because QGIS and GDAL learn there what they may filter by; everything else
stands once, with a parameter for the collection, and parameters, schemas and answers by reference.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from flask import Response

from server import freshness
from server.answer import answer
from server.ask import Ask, Route, current
from server.links import HTML, OPENAPI, OPENAPI31
from server.openapi.parameters import parameters
from server.openapi.paths import paths
from server.openapi.responses import responses
from server.openapi.schemas import schemas
from server.openapi.tags import TAGS
from server.openapi.version31 import raised

FORMS: Final = {"json": OPENAPI, "oas31": OPENAPI31, "html": HTML}
_PARTS: Final = "#/components/"


def api() -> Response:
    """The definition, and as a page a list of its operations."""
    ask = current()
    found = definition(ask)
    return answer(ask, raised(found) if ask.form == "oas31" else found, "api.html")


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
    found = paths(ask)
    components = {"parameters": parameters(ask), "schemas": schemas(ask), "responses": responses(ask)}
    return {
        "openapi": "3.0.3",
        "info": info,
        "servers": [{"url": f"{ask.links.base}{ask.links.tree}"}],
        "tags": [{"name": tag, "description": ask.text(title)} for tag, title in TAGS.items()],
        "paths": found,
        "components": _referred(found, components),
    }


def _referred(found: dict[str, Any], components: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Those of the shared parts that paths refer to, themselves or by way of another part."""
    wanted, waiting = set[str](), set(_references(found))
    while waiting:
        wanted |= waiting
        parts = (components[kind][name] for kind, name in (one.split("/") for one in waiting))
        waiting = {one for part in parts for one in _references(part)} - wanted
    return {
        kind: {name: part for name, part in parts.items() if f"{kind}/{name}" in wanted}
        for kind, parts in components.items()
    }


def _references(part: Any) -> Iterator[str]:
    """What a part of the definition refers to, as kind/name."""
    if isinstance(part, list):
        for one in part:
            yield from _references(one)
    elif isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"].removeprefix(_PARTS)
        for one in part.values():
            yield from _references(one)


ROUTES = (Route("/api", api, FORMS),)
