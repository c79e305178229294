"""`bbox`, as the reference system of its numbers says."""

from __future__ import annotations

import math
import re
from typing import Final

from config.models import Box, Text
from server.problems import Wrong

_NUMBER: Final = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?")


def boxes(text: str) -> tuple[Box, ...]:
    """minx, miny, maxx, maxy of CRS84; with heights six numbers; minx above maxx crosses the antimeridian."""
    expected = Text(
        zh="4 个或 6 个数：西经度,南纬度,东经度,北纬度（WGS 84），南不大于北",
        en="4 or 6 numbers: west,south,east,north in degrees (WGS 84), south not above north",
    )
    parts = [part.strip(" ") for part in text.split(",")]
    if len(parts) not in (4, 6) or not all(_NUMBER.fullmatch(part) for part in parts):
        raise Wrong.value(text, expected)
    # Minus zero is zero: a box and its selection have one name.
    numbers = [float(part) + 0.0 for part in parts]
    half = len(numbers) // 2
    (west, south), (east, north) = numbers[:2], numbers[half : half + 2]
    upside_down = south > north or (half == 3 and numbers[2] > numbers[5])
    if upside_down or not all(map(math.isfinite, numbers)):
        raise Wrong.value(text, expected)
    if west <= east:
        return ((west, south, east, north),)
    if not (east >= -180 and west <= 180):
        raise Wrong.value(text, expected)
    return (west, south, 180.0, north), (-180.0, south, east, north)
