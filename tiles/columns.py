"""Columns: one layer at one level of detail as flat arrays, the only form in which geometry travels towards a tile.

A row is one feature's geometry of one kind; rows lie in Hilbert order, 256 to a block. Offsets are cumulative, so that
item i of a row, path or block is  start[i] : start[i + 1]:

    block_row   0 ---------------- 256 -------- ...      bounds of a block cover its rows
    row_path    0 -- 1 ------ 4 -- 5 ---------- ...      a polygon's exterior comes before its holes
    path_start  0 -- 17 -- 40 ----- ...                  vertices; rings are closed (first = last)
    xy          lon, lat as int32, 1e-7 degree a unit

Attribute values are encoded as MVT messages once, here, and only copied when a tile is made.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from tiles import hilbert
from tiles.varint import encoded

#: Degrees of one unit of `Columns.xy`: 1.1 cm on the ground, so that int32 spans +-214 degrees.
SCALE = 1e-7
BLOCK_ROWS = 256
POINT, LINE, POLYGON = 1, 2, 3

_KIND = np.array(
    [POINT, LINE, LINE, POLYGON, POINT, LINE, POLYGON], dtype=np.uint8
)  # by shapely type id 0..6
_COLLECTION = 7


class Columns(NamedTuple):
    """See the drawing above; v vertices, p paths, r rows, b blocks, f fields, n distinct values."""

    xy: NDArray[np.int32]  # (v, 2) lon, lat
    path_start: NDArray[np.int64]  # (p + 1,)
    path_outer: NDArray[np.uint8]  # (p,) 0 for a hole, else 1
    row_path: NDArray[np.int64]  # (r + 1,)
    row_kind: NDArray[np.uint8]  # (r,) MVT GeomType: 1 point, 2 line, 3 polygon
    row_bounds: NDArray[np.int32]  # (r, 4) xmin, ymin, xmax, ymax
    row_id: NDArray[np.uint64]  # (r,) MVT feature id
    row_feature: NDArray[np.int64]  # (r,) index of the feature in the order given to `build`
    block_row: NDArray[np.int64]  # (b + 1,)
    block_bounds: NDArray[np.int32]  # (b, 4)
    codes: NDArray[np.int32]  # (f, r) index of the value among its field's, -1 for null
    field_value: NDArray[np.int64]  # (f + 1,) first value of each field
    value_start: NDArray[np.int64]  # (n + 1,) bytes of each value
    value_bytes: NDArray[np.uint8]  # Layer.values entries, tag and length included
    key_start: NDArray[np.int64]  # (f + 1,)
    key_bytes: NDArray[np.uint8]  # Layer.keys entries, tag and length included

    @property
    def vertices(self) -> int:
        """How many vertices all rows have together."""
        return len(self.xy)


class Attribute(NamedTuple):
    """A field: its name and one value a feature (str, int, float, bool, list or None)."""

    name: str
    values: Sequence[Any] | NDArray[np.object_]


def build(geometry: NDArray[np.object_], ids: NDArray[np.uint64], attributes: Sequence[Attribute]) -> Columns:
    """Lay out features as columns.

    Parameters
    ----------
    geometry : (n,) shapely geometries in degrees, x = lon, y = lat; null and empty ones get no row
    ids : (n,) MVT feature ids
    attributes : the fields, each with n values
    """
    parts, feature = _simple_parts(geometry)
    kind = _KIND[shapely.get_type_id(parts)]
    part_bounds = _units(shapely.bounds(parts).reshape(-1, 4))
    # rows: the parts of one feature that are of one kind
    order = np.lexsort((kind, feature))
    parts, feature, kind, part_bounds = parts[order], feature[order], kind[order], part_bounds[order]
    first = _run_starts(feature * 4 + kind)
    row_feature, row_kind = feature[first], kind[first]
    row_bounds = _spans(part_bounds, first)
    centre = (row_bounds[:, :2].astype(np.float64) + row_bounds[:, 2:]) * (SCALE / 2)
    rank = np.lexsort((row_kind, row_feature, hilbert.position(centre[:, 0], centre[:, 1])))
    # parts again, now in the order of their rows' ranks
    place = np.empty(len(rank), dtype=np.int64)
    place[rank] = np.arange(len(rank))
    sizes = np.diff(np.append(first, len(parts)))
    order = np.argsort(place[np.repeat(np.arange(len(first)), sizes)], kind="stable")
    parts, sizes = parts[order], sizes[rank]
    row_feature, row_kind, row_bounds = row_feature[rank], row_kind[rank], row_bounds[rank]

    paths, path_part, path_outer = _paths(parts)
    xy, path_of = shapely.get_coordinates(paths, return_index=True)
    row_part = _offsets(sizes)
    part_path = _offsets(np.bincount(path_part, minlength=len(parts)))
    block_row = np.append(np.arange(0, len(row_kind), BLOCK_ROWS), len(row_kind)).astype(np.int64)
    dictionaries = [_dictionary(attribute.values) for attribute in attributes]
    return Columns(
        xy=_units(xy),
        path_start=_offsets(np.bincount(path_of, minlength=len(paths))),
        path_outer=path_outer,
        row_path=part_path[row_part],
        row_kind=row_kind,
        row_bounds=row_bounds,
        row_id=np.asarray(ids, dtype=np.uint64)[row_feature],
        row_feature=row_feature,
        block_row=block_row,
        block_bounds=_spans(row_bounds, block_row[:-1]),
        codes=np.array([codes[row_feature] for codes, _ in dictionaries], dtype=np.int32).reshape(
            len(attributes), len(row_feature)
        ),
        field_value=_offsets([len(values) for _, values in dictionaries]),
        **_joined("value", [_message(0x22, value) for _, values in dictionaries for value in values]),
        **_joined("key", [_message(0x1A, attribute.name.encode()) for attribute in attributes]),
    )


def _simple_parts(geometry: NDArray[np.object_]) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """Points, lines and polygons of all features, collections taken apart, and the feature each belongs to."""
    kept = np.flatnonzero(~(shapely.is_missing(geometry) | shapely.is_empty(geometry)))
    parts, index = shapely.get_parts(np.asarray(geometry, dtype=object)[kept], return_index=True)
    feature = kept[index]
    while (
        nested := shapely.get_type_id(parts) >= 4
    ).any():  # a collection may hold multi kinds and collections
        inner, index = shapely.get_parts(parts[nested], return_index=True)
        at = np.concatenate([np.flatnonzero(~nested), np.flatnonzero(nested)[index]])
        order = np.argsort(at, kind="stable")
        parts = np.concatenate([parts[~nested], inner])[order]
        feature = np.concatenate([feature[~nested], feature[nested][index]])[order]
    full = ~shapely.is_empty(parts)
    return parts[full], feature[full].astype(np.int64)


def _paths(parts: NDArray[np.object_]) -> tuple[NDArray[np.object_], NDArray[np.int64], NDArray[np.uint8]]:
    """Rings, lines and points, the part each belongs to, and whether it bounds from outside."""
    polygon = shapely.get_type_id(parts) == 3
    rings, ring_of = shapely.get_rings(parts[polygon], return_index=True)
    at = np.concatenate([np.flatnonzero(polygon)[ring_of], np.flatnonzero(~polygon)]).astype(np.int64)
    order = np.argsort(at, kind="stable")
    paths, part = np.concatenate([rings, parts[~polygon]])[order], at[order]
    outer = np.zeros(len(paths), dtype=np.uint8)
    outer[_run_starts(part)] = 1
    return paths, part, outer


def _units(degrees: NDArray[np.float64]) -> NDArray[np.int32]:
    return np.ascontiguousarray(np.rint(degrees / SCALE).astype(np.int32))


def _run_starts(keys: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where runs of equal keys begin."""
    return (
        np.flatnonzero(np.append(True, keys[1:] != keys[:-1])) if len(keys) else np.empty(0, dtype=np.int64)
    )


def _spans(bounds: NDArray[np.int32], first: NDArray[np.int64]) -> NDArray[np.int32]:
    """Bounds of runs of bounds."""
    if not len(first):
        return np.empty((0, 4), dtype=np.int32)
    low = np.minimum.reduceat(bounds[:, :2], first, axis=0)
    high = np.maximum.reduceat(bounds[:, 2:], first, axis=0)
    return np.ascontiguousarray(np.hstack([low, high]))


def _offsets(sizes: Iterable[int] | NDArray[Any]) -> NDArray[np.int64]:
    return np.concatenate([[0], np.cumsum(np.asarray(list(sizes), dtype=np.int64))]).astype(np.int64)


def _dictionary(values: Iterable[Any]) -> tuple[NDArray[np.int32], list[bytes]]:
    """Code of each value and the distinct values, in the order of their first appearance, as MVT Value messages."""
    known: dict[tuple[type, Any], int] = {}
    distinct: list[bytes] = []
    codes = []
    for value in values:
        if isinstance(value, list | tuple):
            value = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        if value is None or value != value:  # NaN is no value
            codes.append(-1)
            continue
        key = (type(value), value)
        code = known.get(key)
        if code is None:
            code = known[key] = len(distinct)
            distinct.append(_value(value))
        codes.append(code)
    return np.array(codes, dtype=np.int32), distinct


def _value(value: Any) -> bytes:
    """A tile's Value message (MVT 2.1, 4.4): string 1, double 3, int 4, sint 6, bool 7."""
    if isinstance(value, str):
        return _message(0x0A, value.encode())
    if isinstance(value, bool | np.bool_):
        return bytes([0x38, bool(value)])
    if isinstance(value, int | np.integer):
        number = int(value)
        return b"\x20" + encoded(number) if number >= 0 else b"\x30" + encoded(-2 * number - 1)
    if isinstance(value, float | np.floating):
        return b"\x19" + np.float64(value).tobytes()
    raise TypeError(f"a tile cannot hold a value of type {type(value).__name__}: {value!r}")


def _message(tag: int, body: bytes) -> bytes:
    return bytes([tag]) + encoded(len(body)) + body


def _joined(name: str, messages: list[bytes]) -> dict[str, Any]:
    return {
        f"{name}_start": _offsets([len(message) for message in messages]),
        f"{name}_bytes": np.frombuffer(b"".join(messages), dtype=np.uint8),
    }
