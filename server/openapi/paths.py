"""Paths of the API definition: one table of operations, and an items path for each collection."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from config.models import Text
from releases.manifest import PublishedLayer
from server.ask import Ask
from server.links import GEOJSON, HTML, JSON, MVT, OPENAPI, SCHEMA, STYLE
from server.openapi.operation import Operation
from server.openapi.parameters import of_field
from server.openapi.tile_paths import TILES

_PAGE: Final = {JSON: "document", HTML: None}
_LAYER: Final = "collectionId"

OPERATIONS: Final[Mapping[str, Operation]] = {
    "/": Operation("service", "getLandingPage", Text(zh="首页", en="The landing page"), (), _PAGE),
    "/conformance": Operation(
        "service",
        "getConformance",
        Text(zh="符合性声明", en="Conformance"),
        (),
        {JSON: "conformance", HTML: None},
    ),
    "/api": Operation(
        "service", "getApi", Text(zh="接口定义", en="This definition"), (), {OPENAPI: None, HTML: None}
    ),
    "/collections": Operation(
        "features",
        "getCollections",
        Text(zh="全部图层", en="The collections"),
        (),
        {JSON: "collections", HTML: None},
    ),
    "/collections/{collectionId}": Operation(
        "features",
        "getCollection",
        Text(zh="一个图层", en="One collection"),
        (_LAYER,),
        {JSON: "collection", HTML: None},
    ),
    "/collections/{collectionId}/schema": Operation(
        "features",
        "getSchema",
        Text(zh="要素结构", en="The schema of features"),
        (_LAYER,),
        {SCHEMA: None, HTML: None},
    ),
    "/collections/{collectionId}/queryables": Operation(
        "features",
        "getQueryables",
        Text(zh="可查询字段", en="What to filter by"),
        (_LAYER,),
        {SCHEMA: None, HTML: None},
    ),
    "/collections/{collectionId}/items/{featureId}": Operation(
        "features",
        "getFeature",
        Text(zh="一个要素", en="One feature"),
        (_LAYER, "featureId"),
        {GEOJSON: "feature", HTML: None},
    ),
    **TILES,
    "/styles": Operation("styles", "getStyles", Text(zh="共享样式", en="The shared styles"), (), _PAGE),
    "/styles/{styleId}": Operation(
        "styles", "getStyle", Text(zh="一个样式", en="One style"), ("styleId",), {STYLE: None, HTML: None}
    ),
    "/styles/{styleId}/metadata": Operation(
        "styles", "getStyleMetadata", Text(zh="样式说明", en="About a style"), ("styleId",), _PAGE
    ),
    "/styles/{styleId}/legend": Operation(
        "styles", "getLegend", Text(zh="图例", en="The legend"), ("styleId",), _PAGE
    ),
    "/fonts/{fontstack}/{range}.pbf": Operation(
        "styles",
        "getGlyphs",
        Text(zh="字形", en="Glyphs"),
        ("fontstack", "range"),
        {"application/x-protobuf": None},
        plain=True,
    ),
    "/sprites/{sprite}": Operation(
        "styles",
        "getSprite",
        Text(zh="图标集", en="The sprite"),
        ("sprite",),
        {JSON: None, "image/png": None},
        plain=True,
    ),
    "/map": Operation(
        "styles", "getMap", Text(zh="地图页面", en="The map page"), ("layer",), {HTML: None, JSON: None}
    ),
    "/manifest": Operation(
        "releases", "getManifest", Text(zh="版次清单", en="The manifest"), (), {JSON: None, HTML: None}
    ),
}
_RELEASES = Operation("releases", "getReleases", Text(zh="全部版次", en="All releases"), (), _PAGE)


def paths(ask: Ask) -> dict[str, Any]:
    """Every path of the tree."""
    found = {path: _operation(ask, operation) for path, operation in OPERATIONS.items()}
    found |= {f"/collections/{layer.id}/items": _items(ask, layer) for layer in ask.manifest.layers}
    if not ask.in_release:
        found["/releases"] = _operation(ask, _RELEASES)
    return found


def _items(ask: Ask, layer: PublishedLayer) -> dict[str, Any]:
    title = layer.layer.title
    operation = Operation(
        "features",
        f"getItems_{layer.id}",
        title,
        ("limit", "bbox", "datetime", "filter", "filter-lang", "next"),
        {GEOJSON: "features", HTML: None},
    )
    described = _operation(ask, operation)
    described["get"]["parameters"] += [of_field(ask, field) for field in layer.layer.fields]
    return described


def _operation(ask: Ask, operation: Operation) -> dict[str, Any]:
    names = operation.parameters if operation.plain else (*operation.parameters, "f", "lang")
    content = {media: _schema(name) for media, name in operation.content.items()}
    answers = {
        "200": {"description": ask.text(operation.title), "content": content},
        **_ref_responses(("304", "NotModified"), ("400", "Invalid"), ("404", "NotFound")),
    }
    if MVT in operation.content:
        answers["204"] = {"description": ask.say("瓦片内没有要素", "The tile is within the limits and empty")}
    else:
        answers |= _ref_responses(("406", "NotAcceptable"))
    answers |= _ref_responses(("500", "ServerError"))
    return {
        "get": {
            "tags": [operation.tag],
            "operationId": operation.name,
            "summary": ask.text(operation.title),
            "parameters": [{"$ref": f"#/components/parameters/{name}"} for name in names],
            "responses": answers,
        }
    }


def _ref_responses(*named: tuple[str, str]) -> dict[str, Any]:
    return {status: {"$ref": f"#/components/responses/{name}"} for status, name in named}


def _schema(name: str | None) -> dict[str, Any]:
    return {"schema": {"$ref": f"#/components/schemas/{name}"}} if name else {}
