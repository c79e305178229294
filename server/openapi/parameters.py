"""Parameters of the API definition: those that several operations share, and those that a field becomes."""

from __future__ import annotations

from typing import Any

from config.models import Field
from releases.cql2 import LANGS
from server.ask import Ask


def parameters(ask: Ask) -> dict[str, Any]:
    """The shared parameters by name. QGIS reads the largest page from `limit`."""
    limits = ask.service.limits
    layers = [layer.id for layer in ask.manifest.layers]
    sets = list(ask.manifest.sets.names)
    say = ask.say
    return {
        "f": _query(
            "f", say("返回格式；缺省按 Accept", "The form of the answer; without it Accept decides"), _text()
        ),
        "lang": _query(
            "lang",
            say("语言；缺省按 Accept-Language", "The language; without it Accept-Language decides"),
            _text(enum=["zh", "en"]),
        ),
        "limit": _query(
            "limit",
            say("一页最多多少要素", "How many features a page holds at most"),
            {"type": "integer", "minimum": 1, "maximum": limits.items_max, "default": limits.items_default},
        ),
        "bbox": {
            **_query(
                "bbox",
                say(
                    "西,南,东,北（经纬度，WGS 84），或带高程的六个数",
                    "west,south,east,north in degrees (WGS 84), or six numbers with heights",
                ),
                {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 6},
            ),
            "style": "form",
            "explode": False,
        },
        "datetime": _query(
            "datetime",
            say("RFC 3339 时刻或区间，开放端写 ..", "An RFC 3339 instant or interval, .. for an open end"),
            _text(),
        ),
        "next": _query(
            "next", say("上一页 next 链接中的续页标记", "The cursor of the last page's next link"), _text()
        ),
        "layer": _query("layer", say("只显示这个图层", "Show this layer alone"), _text(enum=layers)),
        "collectionId": _path("collectionId", say("图层标识", "Id of the collection"), _text(enum=layers)),
        "featureId": _path("featureId", say("要素标识", "Id of the feature"), _text()),
        "tileMatrixSetId": _path(
            "tileMatrixSetId", say("瓦片矩阵集", "The tile matrix set"), _text(enum=sets)
        ),
        "tileMatrix": _path(
            "tileMatrix",
            say("瓦片矩阵集中一个级别的标识", "The id of a tile matrix of the set"),
            _text(),
        ),
        "tileRow": _path(
            "tileRow", say("行，自上而下", "The row, from the top"), {"type": "integer", "minimum": 0}
        ),
        "tileCol": _path(
            "tileCol", say("列，自左而右", "The column, from the left"), {"type": "integer", "minimum": 0}
        ),
        "collections": {
            **_query(
                "collections",
                say(
                    "只要这些图层，以逗号分隔，按此顺序",
                    "These collections alone and in this order: their ids, parted by commas",
                ),
                {"type": "array", "items": {"type": "string"}},
            ),
            "style": "form",
            "explode": False,
        },
        "properties": {
            **_query(
                "properties",
                say(
                    "只要这些字段，以逗号分隔；标识始终都在",
                    "These fields alone, parted by commas; ids are there always",
                ),
                {"type": "array", "items": {"type": "string"}},
            ),
            "style": "form",
            "explode": False,
        },
        "subset": _query(
            "subset",
            say(
                '时间轴的一段：datetime("起":"止")，开放端写 *；与参数 datetime 二者取一',
                'A part of the axis of time: datetime("start":"end"), * for an open end; instead of datetime',
            ),
            _text(),
        ),
        "filter": _query("filter", say("CQL2 过滤条件", "A filter in CQL2"), _text()),
        "filter-lang": _query(
            "filter-lang",
            say("过滤条件的写法；缺省为文本", "How the filter is written; as text unless said"),
            _text(enum=list(LANGS), default=LANGS[0]),
        ),
        "styleId": _path("styleId", say("样式", "The style"), _text(enum=["blueprint"])),
        "fontstack": _path("fontstack", say("字体", "The fonts"), _text()),
        "range": _path("range", say("字形区间，如 0-255", "A range of glyphs, such as 0-255"), _text()),
        "sprite": _path("sprite", say("图标集文件", "A file of the sprite"), _text()),
    }


def of_field(ask: Ask, field: Field) -> dict[str, Any]:
    """The parameter by which items are filtered on a field; of an array, one member."""
    types = {"date": {"type": "string", "format": "date"}, "array": {"type": "string"}}
    schema: dict[str, Any] = dict(types.get(field.type, {"type": field.type}))
    if field.codelist and field.type in ("string", "array"):
        schema["enum"] = [code.value for code in ask.manifest.service.codelists[field.codelist].codes]
    return _query(field.name, ask.text(field.title), schema)


def _query(name: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "description": description, "required": False, "schema": schema}


def _path(name: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "path", "description": description, "required": True, "schema": schema}


def _text(**more: Any) -> dict[str, Any]:
    return {"type": "string", **more}
