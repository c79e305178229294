"""The parameters of features in the API definition, and their values as schemas say them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from releases import crs
from server.ask import Ask
from server.items import asked, profile, words
from server.items.forms import MEDIA
from server.items.item import FORMS as ITEM
from server.items.reference import DEFAULT
from server.openapi.fragments import listed, query, text

#: The forms of a page of features and of one.
FORMS: Final[Mapping[str, tuple[str, ...]]] = {"f-items": tuple(MEDIA), "f-item": tuple(ITEM)}


def parameters(ask: Ask) -> dict[str, Any]:
    """The shared parameters by name. QGIS reads the largest page from `limit`."""
    limits = ask.service.limits
    offered = ask.manifest.service.coordinate_reference_systems
    systems = text(format="uri", enum=[crs.uri(code) for code in offered], default=crs.uri(DEFAULT))
    say = ask.say
    named = {
        "limit": (
            say(
                "一页最多多少要素；更大的值按最大值处理",
                "How many features a page holds at most; more than the maximum is the maximum",
            ),
            {"type": "integer", "minimum": 1, "maximum": limits.items_max, "default": limits.items_default},
        ),
        "offset": (
            say(
                "跳过多少要素；更远请沿 next 链接翻页",
                "How many features to leave out; to go farther follow the next links",
            ),
            {"type": "integer", "minimum": 0, "maximum": asked.OFFSET_MAX, "default": 0},
        ),
        "next": (
            say(
                "上一页 next、prev 或 first 链接中的续页标记，其余参数不变",
                "The cursor of a page's next, prev or first link, all else unchanged",
            ),
            text(),
        ),
        "bbox": (
            say(
                "西,南,东,北（经纬度，WGS 84），或带高程的六个数；bbox-crs 另定坐标系及其轴序",
                "west,south,east,north in degrees (WGS 84), or six numbers with heights; bbox-crs names another CRS,"
                " whose axis order holds",
            ),
            {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 6},
        ),
        "datetime": (
            say("RFC 3339 时刻或区间，开放端写 ..", "An RFC 3339 instant or interval, .. for an open end"),
            text(),
        ),
        "crs": (
            say(
                "返回坐标的参考系；坐标按其权威机构的轴序（见 Content-Crs 头）",
                "The CRS of the answer's coordinates, which stand in its authority's axis order (header Content-Crs)",
            ),
            systems,
        ),
        "bbox-crs": (say("bbox 的坐标参考系", "The CRS of bbox"), systems),
        "filter-crs": (
            say("过滤条件中坐标的参考系", "The CRS of coordinates in the filter"),
            systems,
        ),
        "properties": (
            say(
                "只要这些属性，以逗号分隔；几何是名为 geometry 的属性，标识始终都在",
                "These properties alone, parted by commas; the geometry is one (geometry), ids are there always",
            ),
            listed(text()),
        ),
        "exclude-properties": (
            say(
                "不要这些属性，以逗号分隔（本服务的扩展）",
                "All properties but these (an extension of this service)",
            ),
            listed(text()),
        ),
        "skipGeometry": (
            say("true：不要几何（本服务的扩展）", "true: without geometry (an extension of this service)"),
            {"type": "boolean", "default": False},
        ),
        "zoom-level": (
            say(
                "WebMercatorQuad 的级别，可为小数：几何化简到这一级别的地图所需",
                "A zoom of WebMercatorQuad, fractions allowed: geometry as simple as a map of it may have it",
            ),
            {"type": "number", "minimum": 0},
        ),
        "sortby": (
            say(
                "排序字段（sortables），以逗号分隔；- 为降序；空值总在最后",
                "Sortables, parted by commas; - for descending; what has no value comes last always",
            ),
            listed(text(pattern="^[+-]?[A-Za-z_].*$")) | {"minItems": 1},
        ),
        "q": (
            say(
                "在名称与代码名称中检索：中文任一片段，西文词首；逗号分隔任一检索词，空格分隔相连的词",
                "Names and titles of codes: any piece of Chinese, words by their beginnings; commas between terms of"
                " which one will do, blanks between words that stand together",
            ),
            listed(text(minLength=1, maxLength=words.LONGEST)) | {"minItems": 1, "maxItems": words.TERMS},
        ),
        "profile": (
            say(
                "GeoJSON 的表示方式；第一个适用者有效，缺省为 rfc7946（f=jsonfg 时为 jsonfg）；也可写其 URI",
                "How GeoJSON is written: the first that the form has counts, rfc7946 unless said (with f=jsonfg:"
                " jsonfg); or their URIs",
            ),
            listed(text(enum=list(profile.PROFILES))),
        ),
        "bom": (
            say(
                "true：供电子表格打开的 CSV，带字节序标记，像公式的文本前加撇号（本服务的扩展）",
                "true: CSV for a spreadsheet program, with a byte order mark and an apostrophe before texts that look"
                " like formulas (an extension of this service)",
            ),
            {"type": "boolean", "default": False},
        ),
    }
    return {name: query(name, description, schema) for name, (description, schema) in named.items()}
