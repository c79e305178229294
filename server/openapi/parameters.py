"""Parameters of the API definition: those that several operations share, and those that a field becomes.

A shared parameter that no operation takes in the end is left out of the definition, so a name may stand here early.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from config.models import Field
from releases.cql2 import LANGS
from server import profiles
from server.ask import Ask
from server.openapi import changes, item_parameters, proof
from server.openapi.fragments import listed, path, query, text

#: The forms of what is not features: name of the parameter `f` -> its values. A resource that has one form says so too.
FORMS: Final[Mapping[str, tuple[str, ...]]] = {
    "f": ("json", "html"),
    "f-api": ("json", "oas31", "html"),
    "f-tileset": ("json", "html", "tilejson"),
    "f-tile": ("mvt",),
    "f-style": ("mapbox", "json", "html"),
    "f-glyphs": ("pbf",),
    "f-json": ("json",),
    "f-image": ("png",),
    "f-report": ("json", "html", "gpkg"),
    "f-page": ("html",),
    "f-gpkg": ("gpkg",),
}


def parameters(ask: Ask) -> dict[str, Any]:
    """The shared parameters by name."""
    forms = {**FORMS, **item_parameters.FORMS, **changes.FORMS, **proof.FORMS}
    return {
        **{
            name: query(
                "f",
                ask.say("返回格式；缺省按 Accept", "The form of the answer; without it Accept decides"),
                text(enum=list(values)),
            )
            for name, values in forms.items()
        },
        **item_parameters.parameters(ask),
        **changes.parameters(ask),
        **_queries(ask),
        **_paths(ask),
    }


def _queries(ask: Ask) -> dict[str, Any]:
    say = ask.say
    layers = [layer.id for layer in ask.manifest.layers]
    return {
        "lang": query(
            "lang",
            say("语言；缺省按 Accept-Language", "The language; without it Accept-Language decides"),
            text(enum=["zh", "en"]),
        ),
        "schemaProfile": query(
            "profile",
            say(
                "代码在结构中的写法；第一个有效，缺省为 codelist-inline；也可写其 URI",
                "How a schema says codes: the first counts, codelist-inline unless said; or their URIs",
            ),
            listed({"type": "string", "enum": list(profiles.NAMES)}),
        ),
        # How OpenAPI says that names are not known beforehand: each member is a parameter of its own.
        "fields": {
            **query(
                "fields",
                say(
                    "该图层任一字段名都是参数，取值相等者入选",
                    "The name of any field of the collection is a parameter: features with that value",
                ),
                {"type": "object", "additionalProperties": {"type": "string"}},
            ),
            "explode": True,
        },
        "drafts": query(
            "drafts", say("也列出草稿", "List drafts too"), {"type": "boolean", "default": False}
        ),
        "layer": query("layer", say("只显示这个图层", "Show this layer alone"), text(enum=layers)),
        "collections": query(
            "collections",
            say(
                "只要这些图层，以逗号分隔，按此顺序",
                "These collections alone and in this order: their ids, parted by commas",
            ),
            listed(text()),
        ),
        "subset": query(
            "subset",
            say(
                '时间轴的一段：datetime("起":"止")，开放端写 *；与参数 datetime 二者取一',
                'A part of the axis of time: datetime("start":"end"), * for an open end; instead of datetime',
            ),
            text(),
        ),
        "filter": query("filter", say("CQL2 过滤条件", "A filter in CQL2"), text()),
        "filter-lang": query(
            "filter-lang",
            say("过滤条件的写法；缺省为文本", "How the filter is written; as text unless said"),
            text(enum=list(LANGS), default=LANGS[0]),
        ),
    }


def _paths(ask: Ask) -> dict[str, Any]:
    say = ask.say
    layers = [layer.id for layer in ask.manifest.layers]
    sets, lists = list(ask.manifest.sets.names), list(ask.manifest.service.codelists)
    count = {"type": "integer", "minimum": 0}
    return {
        "collectionId": path("collectionId", say("图层标识", "Id of the collection"), text(enum=layers)),
        "featureId": path("featureId", say("要素标识", "Id of the feature"), text()),
        "codelistId": path("codelistId", say("代码表标识", "Id of the code list"), text(enum=lists)),
        "tileMatrixSetId": path("tileMatrixSetId", say("瓦片矩阵集", "The tile matrix set"), text(enum=sets)),
        "tileMatrix": path(
            "tileMatrix", say("瓦片矩阵集中一个级别的标识", "The id of a tile matrix of the set"), text()
        ),
        "tileRow": path("tileRow", say("行，自上而下", "The row, from the top"), count),
        "tileCol": path("tileCol", say("列，自左而右", "The column, from the left"), count),
        "styleId": path("styleId", say("样式", "The style"), text(enum=["blueprint"])),
        "fontstack": path("fontstack", say("字体", "The fonts"), text()),
        "range": path("range", say("字形区间，如 0-255", "A range of glyphs, such as 0-255"), text()),
        "sprite": path("sprite", say("图标集", "The sprite"), text(enum=["blueprint", "blueprint@2x"])),
    }


def of_field(ask: Ask, field: Field) -> dict[str, Any]:
    """The parameter by which items are filtered on a field; of an array, one member."""
    types = {"date": {"type": "string", "format": "date"}, "array": {"type": "string"}}
    schema: dict[str, Any] = dict(types.get(field.type, {"type": field.type}))
    if field.codelist:
        codes = ask.manifest.service.codelists[field.codelist].codes
        schema["enum"] = [int(code.value) if field.type == "integer" else code.value for code in codes]
    return {"name": field.name, "in": "query", "description": ask.text(field.title), "schema": schema}
