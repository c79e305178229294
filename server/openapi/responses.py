"""Answers of the API definition, and the few schemas that they refer to."""

from __future__ import annotations

from typing import Any

from server.ask import Ask
from server.openapi.tile_schemas import tiles
from server.problems import MEDIA

_TEXT = {"type": "string"}


def responses(ask: Ask) -> dict[str, Any]:
    """The answers that every operation may have beside its own."""
    say = ask.say
    return {
        "NotModified": {"description": say("客户端的副本仍然有效", "The client's copy is still right")},
        "Invalid": _problem(say("参数有误，逐条列出", "Parameters are wrong; every fault is listed")),
        "NotFound": _problem(say("没有这个资源", "There is no such resource")),
        "NotAcceptable": _problem(say("没有可接受的格式", "No acceptable form")),
        "ServerError": _problem(say("服务器出错", "Something went wrong in the server")),
    }


def schemas(ask: Ask) -> dict[str, Any]:
    """Schemas by name: what clients really read, no more."""
    links = {"type": "array", "items": {"$ref": "#/components/schemas/link"}}
    collection = {
        "type": "object",
        "required": ["id", "links"],
        "properties": {
            "id": _TEXT,
            "title": _TEXT,
            "description": _TEXT,
            "extent": {"type": "object"},
            "itemType": {"type": "string", "default": "feature"},
            "crs": {"type": "array", "items": _TEXT},
            "links": links,
        },
    }
    feature = {
        "type": "object",
        "required": ["type", "id", "geometry", "properties"],
        "properties": {
            "type": {"type": "string", "enum": ["Feature"]},
            "id": {"oneOf": [_TEXT, {"type": "integer"}]},
            "geometry": {"type": "object", "nullable": True},
            "properties": {"type": "object"},
            "links": links,
        },
    }
    return {
        "link": {
            "type": "object",
            "required": ["href", "rel"],
            "properties": dict.fromkeys(("href", "rel", "type", "title", "hreflang"), _TEXT)
            | {"templated": {"type": "boolean"}},
        },
        "document": {"type": "object", "properties": {"title": _TEXT, "links": links}},
        "conformance": {
            "type": "object",
            "required": ["conformsTo"],
            "properties": {"conformsTo": {"type": "array", "items": _TEXT}},
        },
        "collection": collection,
        "collections": {
            "type": "object",
            "required": ["links", "collections"],
            "properties": {
                "links": links,
                "collections": {"type": "array", "items": {"$ref": "#/components/schemas/collection"}},
            },
        },
        "feature": feature,
        **tiles(links),
        "features": {
            "type": "object",
            "required": ["type", "features"],
            "properties": {
                "type": {"type": "string", "enum": ["FeatureCollection"]},
                "features": {"type": "array", "items": {"$ref": "#/components/schemas/feature"}},
                "numberMatched": {"type": "integer", "minimum": 0},
                "numberReturned": {"type": "integer", "minimum": 0},
                "links": links,
            },
        },
        "problem": {
            "type": "object",
            "description": ask.say(
                "RFC 9457 问题说明，中英文并列", "A problem as in RFC 9457, in both languages"
            ),
            "properties": {
                "type": _TEXT,
                "title": _TEXT,
                "status": {"type": "integer"},
                "detail": _TEXT,
                "instance": _TEXT,
                "errors": {"type": "array", "items": {"type": "object"}},
                "i18n": {"type": "object"},
            },
        },
    }


def _problem(description: str) -> dict[str, Any]:
    return {
        "description": description,
        "content": {MEDIA: {"schema": {"$ref": "#/components/schemas/problem"}}},
    }
