"""Well-known binary of GeoJSON geometries as `canonical` has it, from the lists of numbers that a reader of JSON gives.

Not by GEOS: it would have to read JSON again, and it refuses what is no sound geometry, such as a ring that is not closed;
here that is written as it stands, so that a copy with such a one is told to be another and not to be unreadable.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from typing import Any, Final

_HEAD: Final = struct.Struct("<BI")
_COUNTED: Final = struct.Struct("<BII")
_COUNT: Final = struct.Struct("<I")
_LITTLE: Final = 1
POINT, LINE, POLYGON, MULTIPOINT, MULTILINE, MULTIPOLYGON, COLLECTION = range(1, 8)


class Shapeless(ValueError):
    """What should be a geometry of GeoJSON and is none."""


def from_geojson(geometry: Mapping[str, Any] | None) -> bytes:
    """The binary of a geometry's object; no bytes for null. Shapeless when it is no geometry."""
    if geometry is None:
        return b""
    try:
        return _WRITERS[geometry["type"]](geometry)
    except (KeyError, TypeError, IndexError, ValueError, OverflowError, struct.error) as fault:
        raise Shapeless(str(fault)) from fault


def _positions(positions: Sequence[Any]) -> bytes:
    """Two numbers of each position, a third one left out; zero has no sign."""
    numbers = list(chain.from_iterable(positions))
    if len(numbers) != 2 * len(positions) or any(len(one) != 2 for one in positions):
        numbers = [number for one in positions for number in (one[0], one[1])]
    if 0.0 in numbers:
        numbers = [number + 0.0 for number in numbers]
    return struct.pack(f"<{len(numbers)}d", *numbers)


def _point(position: Sequence[Any]) -> bytes:
    return _HEAD.pack(_LITTLE, POINT) + _positions([position])


def _line(positions: Sequence[Any]) -> bytes:
    return _COUNTED.pack(_LITTLE, LINE, len(positions)) + _positions(positions)


def _polygon(rings: Sequence[Any]) -> bytes:
    body = b"".join(_COUNT.pack(len(ring)) + _positions(ring) for ring in rings)
    return _COUNTED.pack(_LITTLE, POLYGON, len(rings)) + body


def _many(kind: int, part: Callable[[Any], bytes]) -> Callable[[Mapping[str, Any]], bytes]:
    def write(geometry: Mapping[str, Any]) -> bytes:
        parts = geometry["coordinates"]
        return _COUNTED.pack(_LITTLE, kind, len(parts)) + b"".join(map(part, parts))

    return write


def _collection(geometry: Mapping[str, Any]) -> bytes:
    parts = geometry["geometries"]
    return _COUNTED.pack(_LITTLE, COLLECTION, len(parts)) + b"".join(map(from_geojson, parts))


_WRITERS: Final[Mapping[str, Callable[[Mapping[str, Any]], bytes]]] = {
    "Point": lambda geometry: _point(geometry["coordinates"]),
    "LineString": lambda geometry: _line(geometry["coordinates"]),
    "Polygon": lambda geometry: _polygon(geometry["coordinates"]),
    "MultiPoint": _many(MULTIPOINT, _point),
    "MultiLineString": _many(MULTILINE, _line),
    "MultiPolygon": _many(MULTIPOLYGON, _polygon),
    "GeometryCollection": _collection,
}
