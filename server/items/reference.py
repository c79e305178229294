"""The reference systems of a request (OGC 18-058r1): `crs` of what is shown, `bbox-crs` of `bbox`, `filter-crs`.

A CRS is named by its URI, exactly as the collection lists it, and by nothing else (/req/crs/fc-crs-valid-value). Numbers
of a box stand in the order of the axes that the CRS's authority says (7.5).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from typing import Final, NamedTuple

from flask import Response
from werkzeug.datastructures import MultiDict

from config.models import Box, Text
from releases import crs, frames
from releases.manifest import PublishedLayer
from releases.query import Frame
from releases.rendition import Rendition
from server.params import NUMBER, read
from server.problems import Fault, Wrong

#: Parameters of a page; one feature has `crs` alone.
PARAMETERS: Final = ("crs", "bbox", "bbox-crs", "filter-crs")
#: Of coordinates where nothing is said (17-069r4, /req/core/fc-bbox-definition; 18-058r1, /req/crs/fc-crs-default-value).
DEFAULT: Final = "OGC:CRS84"


class Place(NamedTuple):
    """What `bbox` asks for: boxes in the release's degrees, or frames in another CRS; neither without one."""

    boxes: tuple[Box, ...] = ()
    frames: tuple[Frame, ...] = ()


def told(response: Response, rendition: Rendition) -> Response:
    """The answer with the CRS of its coordinates in a header (18-058r1, /req/crs/ogc-crs-header), if it has some."""
    if rendition.geometry:
        response.headers["Content-Crs"] = f"<{crs.uri(rendition.crs)}>"
    return response


def system(args: MultiDict[str, str], name: str, offered: Sequence[str], faults: list[Fault]) -> str:
    """The code of the CRS that a parameter names, CRS84 where it is not given or when `faults` says why."""
    return read(args, name, partial(_code, offered=offered), faults) or DEFAULT


def place(
    args: MultiDict[str, str], layer: PublishedLayer, offered: Sequence[str], faults: list[Fault]
) -> Place:
    """What `bbox` and `bbox-crs` ask for."""
    before = len(faults)
    code = system(args, "bbox-crs", offered, faults)
    # The numbers of a box in nobody knows what are at least numbers.
    found = read(args, "bbox", partial(boxes, code=code) if len(faults) == before else _numbers, faults)
    if found is None or len(faults) > before:
        return Place()
    if code in crs.DEGREES:
        return Place(boxes=found)
    return Place(frames=tuple(frames.frame(box, code, layer) for box in found))


def _code(text: str, offered: Sequence[str]) -> str:
    try:
        return crs.code(text, offered)
    except crs.UnknownCrs as unknown:
        uris = ", ".join(unknown.expected)
        shown = repr(text[:80]) if text.isprintable() else ascii(text[:80])
        raise Wrong(
            Text(zh=f"没有坐标参考系 {shown}", en=f"the CRS {shown} is not offered"),
            Text(zh=f"以下之一：{uris}", en=f"one of {uris}"),
        ) from None


def _numbers(text: str) -> list[float]:
    """The finite numbers of a box, four or, with heights, six."""
    parts = [part.strip(" ") for part in text.split(",")]
    if len(parts) not in (4, 6) or not all(NUMBER.fullmatch(part) for part in parts):
        raise Wrong.value(text, _FOUR)
    # Minus zero is zero: a box and its selection have one name.
    numbers = [float(part) + 0.0 for part in parts]
    if not all(map(math.isfinite, numbers)):
        raise Wrong.value(text, _FOUR)
    return numbers


def boxes(text: str, code: str = DEFAULT) -> tuple[Box, ...]:
    """Boxes (x, y) of a CRS; two where west is above east, which crosses the antimeridian in degrees and is wrong in
    metres.
    """
    expected = _expected(code)
    try:
        numbers = _numbers(text)
    except Wrong as wrong:
        raise Wrong(wrong.message, expected) from None
    half = len(numbers) // 2
    low, high = numbers[:2], numbers[half : half + 2]
    if crs.northing_first(code):
        low, high = low[::-1], high[::-1]
    (west, south), (east, north) = low, high
    if south > north or (half == 3 and numbers[2] > numbers[5]):
        raise Wrong.value(text, expected)
    if west <= east:
        return ((west, south, east, north),)
    if not (crs.is_geographic(code) and east >= -180 and west <= 180):
        raise Wrong.value(text, expected)
    return (west, south, 180.0, north), (-180.0, south, east, north)


_FOUR: Final = Text(zh="4 个或 6 个有限的数，以逗号分隔", en="4 or 6 finite numbers, parted by commas")


def _expected(code: str) -> Text:
    """What a box in a CRS is, in words, in the order of its axes."""
    turned, degrees = crs.northing_first(code), crs.is_geographic(code)
    sides = "south,west,north,east" if turned else "west,south,east,north"
    if degrees:
        order = "南纬度,西经度,北纬度,东经度" if turned else "西经度,南纬度,东经度,北纬度"
        name = "WGS 84" if code == DEFAULT else code
        return Text(
            zh=f"4 个或 6 个数：{order}（{name}），南不大于北",
            en=f"4 or 6 numbers: {sides} in degrees ({name}), south not above north",
        )
    order = "南,西,北,东" if turned else "西,南,东,北"
    return Text(
        zh=f"4 个或 6 个数：{order}（{code} 的坐标），南不大于北，西不大于东",
        en=f"4 or 6 numbers: {sides} in units of {code}, south not above north, west not above east",
    )
