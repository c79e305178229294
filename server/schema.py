"""What a collection's features hold, and what they can be filtered by, as JSON Schema (OGC 23-058r2, 10 and 11)."""

from __future__ import annotations

from typing import Any, Final

from flask import Response

from releases.fieldschema import field_schema, geometry_schema, role
from releases.manifest import PublishedLayer
from server.answer import answer
from server.ask import Ask, Route, current
from server.links import HTML, SCHEMA

DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"
FORMS = {"json": SCHEMA, "html": HTML}


def schema(layer_id: str) -> Response:
    """The schema of a feature."""
    ask = current()
    layer = ask.manifest.layer(layer_id)
    document = {
        "$schema": DRAFT,
        "$id": ask.links.schema(layer_id),
        "title": ask.text(layer.layer.title),
        "description": ask.text(layer.layer.description),
        "type": "object",
        "properties": properties(ask, layer),
        "required": [field.name for field in layer.layer.fields if field.mandatory],
        "additionalProperties": False,
    }
    return answer(ask, document, "schema.html", {"layer": layer, "kind": "schema"})


def queryables(layer_id: str) -> Response:
    """What items of a collection can be filtered by: every field by its name, the geometry by bbox."""
    ask = current()
    layer = ask.manifest.layer(layer_id)
    document = {
        "$schema": DRAFT,
        "$id": ask.links.queryables(layer_id),
        "title": ask.text(layer.layer.title),
        "type": "object",
        "properties": properties(ask, layer),
        # An unknown name is a 400, as 23-058r2 /req/queryables/response C demands with this.
        "additionalProperties": False,
    }
    return answer(ask, document, "schema.html", {"layer": layer, "kind": "queryables"})


def properties(ask: Ask, layer: PublishedLayer, geometry: bool = True) -> dict[str, Any]:
    """The fields in their order, with roles and places, the geometry last."""
    said = layer.layer
    found: dict[str, Any] = {}
    for place, field in enumerate(said.fields, 1):
        found[field.name] = field_schema(field, ask.manifest.service.codelists, ask.lang)
        found[field.name]["x-ogc-propertySeq"] = place
        if part := role(said, field):
            found[field.name]["x-ogc-role"] = part
    if geometry:
        found["geometry"] = geometry_schema(said, ask.lang) | {"x-ogc-propertySeq": len(said.fields) + 1}
    return found


ROUTES = (
    Route("/collections/<layer_id>/schema", schema, FORMS),
    Route("/collections/<layer_id>/queryables", queryables, FORMS),
)
