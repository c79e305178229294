"""How true tiles are to the features that they show: level by level, what a map made of them may promise.

A level is what the tiles of some zooms are made of. The manifest says what was done to it when publishing; here that
becomes one statement, the same in TileJSON, in the metadata of a tileset and on its page.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from config.models import Box
from releases.manifest import PublishedLayer, PublishedLevel
from server import tile_honesty
from server.ask import Ask
from tiles.grid import TileMatrixSet
from tiles.sets import METRES_PER_DEGREE

#: The name of the statements wherever they stand: neither TileJSON 3.0 nor TMS 2.0 has a member of that name.
MEMBER: Final = "fidelity"


class Span(NamedTuple):
    """A level of a layer, and the first and the last place in a tile matrix set that it serves."""

    level: PublishedLevel
    first: int
    last: int


def spans(layer: PublishedLayer, tms: TileMatrixSet) -> Iterator[Span]:
    """The levels of a layer that tiles of a set are made of, from coarse to fine."""
    for level in layer.levels:
        if found := tms.places(level.zoom_min, level.zoom_max):
            yield Span(level, found[0], found[-1])


def fields(layer: PublishedLayer, tms: TileMatrixSet) -> list[str]:
    """The attributes that tiles of a set carry at some place, in the order of the layer's fields."""
    carried = {name for span in spans(layer, tms) for name in span.level.fields}
    return [field.name for field in layer.layer.fields if field.name in carried]


def statement(ask: Ask, layer: PublishedLayer, tms: TileMatrixSet, span: Span) -> dict[str, Any]:
    """What is true of a level's tiles, without saying which matrices they are of.

    The tolerance is a length in the plane of Web Mercator, where layers are generalised: in its degrees of longitude,
    in metres as on the equator (what the header Blueprint-Tile says too), and on the ground of the layer, where it
    is shorter the farther one is from the equator.
    """
    level = span.level
    found: dict[str, Any] = {
        "generalised": level.generalised,
        "rule": level.rule,
        "reduction": level.reduction,
        "features": level.rows,
        "fields": list(level.fields),
        "tolerance": {
            "degrees": level.tolerance,
            "metres": tile_honesty.metres(level),
            "ground": _rounded(level.tolerance * METRES_PER_DEGREE * _widest(layer.extent)),
        },
        "unit": {"metres": _rounded(unit(ask, layer, tms, span.last))},
        "meaning": _meaning(ask, level),
        "filter": _filter(ask, level),
    }
    if tms.id == "WebMercatorQuad" and level.over_budget:
        found["overBudget"] = [tms.matrix_id(place) for place in level.over_budget]
    return found


def unit(ask: Ask, layer: PublishedLayer, tms: TileMatrixSet, place: int) -> float:
    """Metres of one unit of a tile, to which its coordinates are rounded: the largest within the layer's extent."""
    side = tms.document["tileMatrices"][place]["cellSize"] * tms.document["tileMatrices"][place]["tileWidth"]
    one = float(side) / ask.manifest.service.tiles.extent
    if tms.projection.is_geographic:
        return one * METRES_PER_DEGREE
    return one * _widest(layer.extent) if tms.projection.to_epsg() == 3857 else one


def _widest(extent: Box | None) -> float:
    """What a metre of Web Mercator is on the ground at most: that plane is true to shape, not to size."""
    if extent is None:
        return 1.0
    _, south, _, north = extent
    return 1.0 if south <= 0 <= north else math.cos(math.radians(min(abs(south), abs(north))))


def _rounded(metres: float) -> float:
    """Two digits: it is a bound, not a measurement."""
    return float(f"{metres:.2g}")


def _meaning(ask: Ask, level: PublishedLevel) -> str:
    if not level.generalised:
        return ask.say(
            "精确：全部要素、全部属性、全部顶点，坐标取整到瓦片单位。",
            "Exact: every feature, attribute and vertex; coordinates are rounded to the tile's units.",
        )
    sentences = [_RULES[level.rule], _REDUCTIONS[level.reduction]]
    return ask.say("", " ").join(ask.say(*sentence) for sentence in sentences if sentence)


def _filter(ask: Ask, level: PublishedLevel) -> str:
    return ask.say(*_FILTERS[level.reduction])


_RULES: Final = {
    "coverage": (
        "已概括：与相邻顶点构成的三角形面积小于容差平方的顶点被略去，相邻的面一同概括，公共边仍为同一条线。",
        "Generalised: vertices are left out whose triangle with their neighbours is smaller than the tolerance "
        "squared, in all areas at once, so that neighbours keep one common line.",
    ),
    "alone": (
        "已概括：被略去的顶点与所绘线的距离不超过容差，各要素分别概括。",
        "Generalised: no vertex that is left out is farther from the drawn line than the tolerance; each feature "
        "by itself.",
    ),
    "none": None,
}
_REDUCTIONS: Final = {
    "none": None,
    "dissolved": (
        "所列属性相同的相邻面已合并为一个，其标识为自有的稳定编号，不是任何要素的标识；其他属性不在瓦片中。",
        "Neighbours that are equal in the fields listed are one, with a stable number of its own that is no feature's "
        "id; other attributes "
        "are not in the tiles.",
    ),
    "thinned": (
        "过密的点只保留排序最前的一个；缺少的点在更大比例尺的瓦片和要素中。",
        "Of points that crowd the first in rank is left; the others are in tiles of larger scales and in the items.",
    ),
}
_FILTERS: Final = {
    "none": (
        "可按任何属性过滤，结果与要素查询相同。",
        "A filter may name any attribute; the answer is that of the items.",
    ),
    "dissolved": (
        "可按所列属性过滤，得到这些属性符合条件的合并面；涉及其他属性或几何的过滤由下一个能够回答的更细层级回答，"
        "没有则以 400 拒绝。",
        "A filter on the fields listed finds the united areas for which it holds. One on other attributes, or on "
        "geometry, is answered from the next finer level that can, or refused with 400.",
    ),
    "thinned": (
        "过滤由下一个保留全部点的更细层级回答，没有则以 400 拒绝。",
        "A filter is answered from the next finer level that has every point, or refused with 400.",
    ),
}
