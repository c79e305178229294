"""Geometries read from published text by kernels instead of a reader of JSON: in a fifth of the time, and to the same doubles.

Of each kind that has a list of lists alone; a chunk with another kind, or with a number that is none of those that a
release has, is left to GEOS.
"""

from __future__ import annotations

from itertools import accumulate
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import GeometryType

from releases import positions
from releases.positions import Bytes, Places
from releases.table import Objects
from tiles.kernel import leaf

_OPEN, _CLOSE, _BRACE = ord("["), ord("]"), ord("}")
#: How a text begins -> the kind, and how many lists are round a position.
_KINDS: Final = {
    b'{"type":"Point",': (GeometryType.POINT, 0),
    b'{"type":"LineString",': (GeometryType.LINESTRING, 1),
    b'{"type":"MultiPoint",': (GeometryType.MULTIPOINT, 1),
    b'{"type":"MultiLineString",': (GeometryType.MULTILINESTRING, 2),
    b'{"type":"Polygon",': (GeometryType.POLYGON, 2),
    b'{"type":"MultiPolygon",': (GeometryType.MULTIPOLYGON, 3),
}


def read(texts: list[bytes]) -> Objects:
    """The geometries (n,) of texts; None of "null"."""
    found: Objects = np.full(len(texts), None, dtype=object)
    placed: dict[bytes, list[int]] = {}
    for place, text in enumerate(texts):
        if text != b"null":
            placed.setdefault(text[: text.index(b",") + 1], []).append(place)
    for begin, places in placed.items():
        some = [texts[place] for place in places]
        shapes = _ragged(some, *_KINDS[begin]) if begin in _KINDS else None
        found[places] = _parsed(some) if shapes is None else shapes
    return found


def warm() -> None:
    """Compile or load the kernels before the first request."""
    read([b'{"type":"MultiPoint","coordinates":[[104.5,29.25]]}'])


def _parsed(texts: list[bytes]) -> Objects:
    shapes: Objects = shapely.from_geojson(np.array([text.decode() for text in texts], dtype=object))
    return shapes


def _ragged(texts: list[bytes], kind: GeometryType, depth: int) -> Objects | None:
    whole = np.frombuffer(b"".join(texts), dtype=np.uint8)
    bounds = np.array([0, *accumulate(map(len, texts))], dtype=np.int64)
    if not _sound(whole, bounds, depth + 1):
        return None
    places = np.stack([bounds[:-1], bounds[1:]], axis=-1)
    xy = np.empty((positions.count(whole, places), 2))
    if not positions.read(whole, places, xy):
        return None
    ends = np.zeros((depth, np.count_nonzero(whole == _OPEN) + 1), dtype=np.int64)
    counts = np.zeros(depth + 1, dtype=np.int64)
    _lists(whole, depth, ends, counts)
    if (
        counts[0] != len(xy)
        or (depth and counts[depth] != len(texts))
        or (not depth and len(xy) != len(texts))
    ):
        return None  # something without a position
    offsets = tuple(ends[level, : counts[level + 1] + 1] for level in range(depth))
    if any((np.diff(one) == 0).any() for one in offsets):
        return None
    shapes: Objects = shapely.from_ragged_array(kind, xy, offsets or None)
    return shapes


@leaf
def _sound(read: Bytes, bounds: Places, deepest: int) -> bool:
    """Whether in each text all lists close again, and none is deeper: the kernels trust in that, and a text that came
    over a network may be anything.
    """
    for n in range(len(bounds) - 1):
        level = 0
        for at in range(bounds[n], bounds[n + 1]):
            if read[at] == _OPEN:
                level += 1
            elif read[at] == _CLOSE:
                level -= 1
            if level < 0 or level > deepest:
                return False
        if level != 0 or read[bounds[n + 1] - 1] != _BRACE:
            return False
    return True


@leaf
def _lists(read: Bytes, depth: int, ends: Places, counts: NDArray[np.int64]) -> None:
    """How many positions, lists of positions, lists of these and so on there are, and where each of the lists ends."""
    level = 0
    for at in range(len(read)):
        if read[at] == _OPEN:
            level += 1
        elif read[at] == _CLOSE:
            level -= 1
            height = depth - level  # 0 when a position closes, 1 when a list of them does
            counts[height] += 1
            if height > 0:
                ends[height - 1, counts[height]] = counts[height - 1]
