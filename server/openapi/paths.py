"""Paths of the API definition: one table of operations, and an items path for each collection."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from config.models import Text
from releases.manifest import PublishedLayer
from server.ask import Ask
from server.items import asked, item
from server.links import GEOJSON, HTML, JSON, OPENAPI, OPENAPI31, SCHEMA, STYLE
from server.openapi import changes, proof
from server.openapi.fragments import ref
from server.openapi.operation import Operation
from server.openapi.parameters import of_field
from server.openapi.report_paths import REPORTS
from server.openapi.responses import FEATURES, PARTS, STATUSES
from server.openapi.tile_paths import TILES

#: Statuses that any operation may answer with.
ALWAYS: Final = ("304", "400", "414", "500", "503")
_FORM: Final = "application/x-www-form-urlencoded"
_PAGE: Final = {JSON: "document", HTML: None}
_LAYER: Final = "collectionId"

OPERATIONS: Final[Mapping[str, Operation]] = {
    "/": Operation(
        "service", "getLandingPage", Text(zh="首页", en="The landing page"), (), {JSON: "landing", HTML: None}
    ),
    "/conformance": Operation(
        "service",
        "getConformance",
        Text(zh="符合性声明", en="Conformance"),
        (),
        {JSON: "conformance", HTML: None},
    ),
    "/api": Operation(
        "service",
        "getApi",
        Text(zh="接口定义", en="This definition"),
        (),
        {OPENAPI: None, OPENAPI31: None, HTML: None},
        f="f-api",
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
        (_LAYER, "schemaProfile"),
        {SCHEMA: "schema", HTML: None},
    ),
    "/collections/{collectionId}/queryables": Operation(
        "features",
        "getQueryables",
        Text(zh="可查询字段", en="What to filter by"),
        (_LAYER, "schemaProfile"),
        {SCHEMA: "schema", HTML: None},
    ),
    "/collections/{collectionId}/sortables": Operation(
        "features",
        "getSortables",
        Text(zh="可排序字段", en="What to sort by"),
        (_LAYER, "schemaProfile"),
        {SCHEMA: "schema", HTML: None},
    ),
    "/collections/{collectionId}/items/{featureId}": Operation(
        "features",
        "getFeature",
        Text(zh="一个要素", en="One feature"),
        (_LAYER, "featureId", *(name for name in item.PARAMETERS if name not in ("f", "lang"))),
        {GEOJSON: "feature", HTML: None},
        f="f-item",
    ),
    "/codelists": Operation("features", "getCodelists", Text(zh="代码表", en="Code lists"), (), _PAGE),
    "/codelists/{codelistId}": Operation(
        "features",
        "getCodelist",
        Text(zh="一个代码表", en="One code list"),
        ("codelistId",),
        {JSON: "codelist", HTML: None},
    ),
    "/functions": Operation(
        "features",
        "getFunctions",
        Text(zh="过滤函数", en="Functions of filters"),
        (),
        {JSON: "functions", HTML: None},
    ),
    **TILES,
    "/styles": Operation("styles", "getStyles", Text(zh="共享样式", en="The shared styles"), (), _PAGE),
    "/styles/{styleId}": Operation(
        "styles",
        "getStyle",
        Text(zh="一个样式", en="One style"),
        ("styleId",),
        {STYLE: None, HTML: None},
        f="f-style",
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
        f="f-glyphs",
    ),
    "/sprites/{sprite}.json": Operation(
        "styles",
        "getSprite",
        Text(zh="图标集的目录", en="What is where in the sprite"),
        ("sprite",),
        {JSON: None},
        f="f-json",
    ),
    "/sprites/{sprite}.png": Operation(
        "styles",
        "getSpriteImage",
        Text(zh="图标集", en="The sprite"),
        ("sprite",),
        {"image/png": None},
        f="f-image",
    ),
    "/map": Operation(
        "styles", "getMap", Text(zh="地图页面", en="The map page"), ("layer",), {HTML: None, JSON: None}
    ),
    **REPORTS,
    **changes.PATHS,
    **proof.PATHS,
    "/manifest": Operation(
        "releases", "getManifest", Text(zh="版次清单", en="The manifest"), (), {JSON: None, HTML: None}
    ),
}
_RELEASES = Operation("releases", "getReleases", Text(zh="全部版次", en="All releases"), ("drafts",), _PAGE)


def paths(ask: Ask) -> dict[str, Any]:
    """Every path of the tree."""
    found = {path: _operation(ask, path, operation) for path, operation in OPERATIONS.items()}
    found |= {f"/collections/{layer.id}/items": _items(ask, layer) for layer in ask.manifest.layers}
    if not proof.is_signed(ask):
        del found[proof.SIGNATURE_PATH]
    if not ask.in_release:
        found["/releases"] = _operation(ask, "/releases", _RELEASES)
        found[changes.VERSIONS_PATH] = _operation(ask, changes.VERSIONS_PATH, changes.VERSIONS_OPERATION)
        found[proof.KEYS_PATH] = _operation(ask, proof.KEYS_PATH, proof.KEYS_OPERATION)
    return found


def _items(ask: Ask, layer: PublishedLayer) -> dict[str, Any]:
    """A page of features: by GET, and by POST with the same parameters as a form, for filters too long for an address."""
    names = tuple(name for name in asked.PARAMETERS if name not in ("f", "lang"))
    operation = Operation(
        "features", f"getItems_{layer.id}", layer.layer.title, names, {}, f="f-items", more=("416",)
    )
    path = f"/collections/{layer.id}/items"
    described = _operation(ask, path, operation)
    described["get"]["parameters"] += [
        of_field(ask, field) for field in layer.layer.fields if field.name not in asked.PARAMETERS
    ]
    described["get"]["responses"] |= {"200": ref("responses", FEATURES), "206": ref("responses", PARTS)}
    posted = operation._replace(name=f"postItems_{layer.id}", more=("413", "415"))
    described["post"] = {
        **_described(ask, posted),
        "requestBody": {"required": True, "content": {_FORM: {"schema": ref("schemas", "itemsForm")}}},
        "responses": _answers(ask, path, posted, but=("304",)) | {"200": ref("responses", FEATURES)},
    }
    return described


def _operation(ask: Ask, path: str, operation: Operation) -> dict[str, Any]:
    return {
        "get": {
            **_described(ask, operation),
            "parameters": [ref("parameters", name) for name in operation.names],
            "responses": _answers(ask, path, operation),
        }
    }


def _described(ask: Ask, operation: Operation) -> dict[str, Any]:
    return {"tags": [operation.tag], "operationId": operation.name, "summary": ask.text(operation.title)}


def _answers(ask: Ask, path: str, operation: Operation, but: tuple[str, ...] = ()) -> dict[str, Any]:
    """What an operation may answer with: below a list what is named may be missing, in a release's tree all may be gone."""
    content = {media: _schema(name) for media, name in operation.content.items()}
    named = {*ALWAYS, *operation.more} - {*but}
    if operation.f != "f-tile":
        named.add("406")
    if path.count("/") > 1:
        named.add("404")
    if ask.in_release:
        named.add("410")
    return {
        "200": {"description": ask.text(operation.title), "content": content},
        **{status: ref("responses", STATUSES[status]) for status in sorted(named)},
    }


def _schema(name: str | None) -> dict[str, Any]:
    return {"schema": ref("schemas", name)} if name else {}
