"""What a collection's features hold, and what they can be filtered and sorted by, as JSON Schema (OGC 23-058r2,
10 to 12).

A schema is of the logical model, whatever form features come in: where a feature has nothing, GeoJSON says null.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from flask import Response

from config.models import Text
from releases.fieldschema import field_schema, geometry_schema, role
from releases.manifest import PublishedLayer
from releases.order import sortable
from server import profiles
from server.answer import answer
from server.ask import Ask, Route, current
from server.links import HTML, SCHEMA, Links

DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"
FORMS = {"json": SCHEMA, "html": HTML}
_ORDER: Final = Text(
    zh="文本按 Unicode 码位排序，代码按其值，日期按起始时刻；无值者总在最后，相等者按标识排序。",
    en="Texts are sorted by Unicode code points, codes by their values, dates by the moment they begin; what has no value"
    " comes last in both directions, and what is equal stands in the order of ids.",
)


def schema(layer_id: str) -> Response:
    """The schema of a feature: of what is returned, for nothing is received here (/req/schemas/properties H)."""

    def content(ask: Ask, layer: PublishedLayer, profile: str) -> dict[str, Any]:
        found = properties(ask, layer, profile)
        return {
            "description": ask.text(layer.layer.description),
            "properties": {name: {**one, "readOnly": True} for name, one in found.items()},
            "required": [field.name for field in layer.layer.fields if field.mandatory],
        }

    return _schema("schema", layer_id, content)


def queryables(layer_id: str) -> Response:
    """What items of a collection can be filtered by: every field by its name, the geometry by bbox."""
    return _schema(
        "queryables", layer_id, lambda ask, layer, profile: {"properties": properties(ask, layer, profile)}
    )


def sortables(layer_id: str) -> Response:
    """What items of a collection can be sorted by: every field that holds one value, and no geometry."""

    def content(ask: Ask, layer: PublishedLayer, profile: str) -> dict[str, Any]:
        found, known = properties(ask, layer, profile, geometry=False), sortable(layer.layer)
        return {"description": ask.text(_ORDER), "properties": {name: found[name] for name in known}}

    return _schema("sortables", layer_id, content)


def _schema(
    kind: str, layer_id: str, content: Callable[[Ask, PublishedLayer, str], dict[str, Any]]
) -> Response:
    """A schema resource of a collection. Its `$id` is its address without any query (/req/schemas/json-schema B)."""
    ask = current()
    layer = ask.manifest.layer(layer_id)
    applied = profiles.profile(ask)
    document = {
        "$schema": DRAFT,
        "$id": _ADDRESS[kind](ask.links, layer_id),
        "title": ask.text(layer.layer.title),
        "type": "object",
        **content(ask, layer, applied),
        # Of a filter or an order, an unknown name is a 400, as /req/queryables/response C and
        # /req/sortables/response E demand with this.
        "additionalProperties": False,
    }
    context = {"layer": layer, "kind": kind}
    return profiles.tell(answer(ask, document, "schema.html", context), applied)


def properties(
    ask: Ask, layer: PublishedLayer, profile: str = profiles.INLINE, geometry: bool = True
) -> dict[str, Any]:
    """The fields in their order, with roles and places, the geometry last."""
    said = layer.layer
    address = (
        (lambda one: one.uri or ask.links.codelist(one.id)) if profile == profiles.BY_REFERENCE else None
    )
    found: dict[str, Any] = {}
    for place, field in enumerate(said.fields, 1):
        found[field.name] = field_schema(field, ask.manifest.service.codelists, ask.lang, address)
        found[field.name]["x-ogc-propertySeq"] = place
        if part := role(said, field):
            found[field.name]["x-ogc-role"] = part
    if geometry:
        found["geometry"] = geometry_schema(said, ask.lang) | {"x-ogc-propertySeq": len(said.fields) + 1}
    return found


_ADDRESS: Final = {"schema": Links.schema, "queryables": Links.queryables, "sortables": Links.sortables}

ROUTES = (
    Route("/collections/<layer_id>/schema", schema, FORMS, parameters=None),
    Route("/collections/<layer_id>/queryables", queryables, FORMS, parameters=None),
    Route("/collections/<layer_id>/sortables", sortables, FORMS, parameters=None),
)
