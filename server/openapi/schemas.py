"""Schemas of the API definition: what clients really read, no more."""

from __future__ import annotations

from typing import Any, Final

from server.ask import Ask
from server.items import asked
from server.openapi import changes, proof
from server.openapi.fragments import listed, ref
from server.openapi.item_parameters import parameters
from server.openapi.tile_schemas import tiles

_TEXT: Final = {"type": "string"}
_COUNT: Final = {"type": "integer", "minimum": 0}
_LINKS: Final = listed(ref("schemas", "link"))


def schemas(ask: Ask) -> dict[str, Any]:
    """Schemas by name."""
    return {
        "link": _object(
            dict.fromkeys(("href", "rel", "type", "title", "hreflang"), _TEXT)
            | {"templated": {"type": "boolean"}},
            "href",
            "rel",
        ),
        "document": _object({"title": _TEXT, "links": _LINKS}),
        "landing": _object({"title": _TEXT, "description": _TEXT, "links": _LINKS}, "links"),
        "conformance": _object({"conformsTo": listed(_TEXT)}, "conformsTo"),
        "collection": _collection(),
        "collections": _object(
            {"links": _LINKS, "collections": listed(ref("schemas", "collection"))}, "links", "collections"
        ),
        "functions": _object({"functions": listed(_function()), "links": _LINKS}, "functions"),
        "codelist": _object(
            {
                "id": _TEXT,
                "title": _TEXT,
                "links": _LINKS,
                "codes": listed(
                    _object(dict.fromkeys(("value", "title", "description"), _TEXT), "value", "title")
                ),
            },
            "id",
            "codes",
        ),
        "schema": _object(
            dict.fromkeys(("$schema", "$id", "type"), _TEXT) | {"properties": {"type": "object"}},
            "$schema",
            "$id",
            "type",
            "properties",
        ),
        "report": _report(),
        "feature": _feature(),
        "features": _object(
            {
                "type": {"type": "string", "enum": ["FeatureCollection"]},
                "features": listed(ref("schemas", "feature")),
                "numberMatched": _COUNT,
                "numberReturned": _COUNT,
                "links": _LINKS,
            },
            "type",
            "features",
        ),
        "itemsForm": _form(ask),
        "problem": _problem(ask),
        **tiles(_LINKS),
        **changes.schemas(_LINKS),
        **proof.schemas(_LINKS),
    }


def _collection() -> dict[str, Any]:
    known = dict.fromkeys(("id", "title", "description"), _TEXT)
    more = {"itemType": {"type": "string", "default": "feature"}, "crs": listed(_TEXT), "storageCrs": _TEXT}
    return _object({**known, "extent": {"type": "object"}, **more, "links": _LINKS}, "id", "links")


def _report() -> dict[str, Any]:
    """What decides; the whole of it is told by /report.schema.json."""
    severities = ("refuse", "warn", "note")
    return _object(
        {
            "verdict": {"type": "string", "enum": ["passed", "held", "refused"]},
            "counts": _object(dict.fromkeys(severities, _COUNT), *severities),
            "findings": listed({"type": "object"}),
        },
        "verdict",
        "counts",
        "findings",
    )


def _feature() -> dict[str, Any]:
    return _object(
        {
            "type": {"type": "string", "enum": ["Feature"]},
            "id": {"oneOf": [_TEXT, {"type": "integer"}]},
            "geometry": {"type": "object", "nullable": True},
            "properties": {"type": "object", "nullable": True},
            "links": _LINKS,
        },
        "type",
        "id",
        "geometry",
        "properties",
    )


def _form(ask: Ask) -> dict[str, Any]:
    """The parameters of a page of features as a form; what else stands there is a condition on a field."""
    named = {one["name"]: one["schema"] for one in parameters(ask).values()}
    named |= dict.fromkeys(("f", "lang", "filter", "filter-lang"), _TEXT)
    return {
        "type": "object",
        "properties": {name: named[name] for name in asked.PARAMETERS},
        "additionalProperties": _TEXT,
    }


def _problem(ask: Ask) -> dict[str, Any]:
    fault = _object(
        dict.fromkeys(("parameter", "detail", "expected"), _TEXT), "parameter", "detail", "expected"
    )
    known = dict.fromkeys(("type", "title", "detail", "instance", "code", "reference"), _TEXT)
    said = ask.say("RFC 9457 问题说明，中英文并列", "A problem as in RFC 9457, in both languages")
    document = _object(
        {**known, "status": {"type": "integer"}, "errors": listed(fault), "i18n": {"type": "object"}},
        "type",
        "title",
        "status",
        "detail",
    )
    return {**document, "description": said}


def _object(properties: dict[str, Any], *required: str) -> dict[str, Any]:
    found: dict[str, Any] = {"type": "object", "properties": properties}
    return {"required": list(required), **found} if required else found


def _function() -> dict[str, Any]:
    """As 21-065r2 (/req/functions/get-functions-response-json) has it."""
    types = listed(
        {"type": "string", "enum": ["string", "number", "integer", "datetime", "geometry", "boolean"]}
    )
    argument = _object(dict.fromkeys(("title", "description"), _TEXT) | {"type": types}, "type")
    return _object(
        dict.fromkeys(("name", "description", "metadataUrl"), _TEXT)
        | {"args": listed(argument), "returns": types},
        "name",
        "returns",
    )
