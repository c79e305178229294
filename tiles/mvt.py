"""A Mapbox Vector Tile layer from a window of columns, in one pass without the interpreter's lock.

    Layer = version, name, extent, keys used, values used, features      (MVT 2.1, 4.1)
    Feature = id, tags (pairs of local key and value index), type, geometry

Layers are messages of one field of the tile, so a tile of several layers is their concatenation. Keys and values get local
numbers on first use, in the order of rows, so equal columns give equal bytes.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tiles.columns import Columns
from tiles.geometry import bench, put_lines, put_points, put_polygons
from tiles.kernel import kernel
from tiles.projection import Transform, column, row
from tiles.varint import encoded, put, size

EXTENT = 4096
BUFFER = 64
VERSION = 2


def encode_layer(
    name: str,
    columns: Columns,
    rows: NDArray[np.int64],
    transform: Transform,
    extent: int = EXTENT,
    buffer: int = BUFFER,
) -> bytes:
    """Encode the rows of columns that lie in a tile, grown by `buffer` units on each side, as one layer.

    Parameters
    ----------
    name : of the layer in the tile
    rows : candidates from `search.rows`; those that turn out not to touch the grown tile are left out
    transform : where the tile lies (`grid.TileMatrixSet.transform`)

    Returns
    -------
    The layer as a field of the tile message, or nothing when no row lies in the tile.
    """
    if not len(rows):
        return b""
    features, keys, values = _encode(columns, rows, transform, float(-buffer), float(extent + buffer))
    if not len(features):
        return b""
    title = name.encode()
    body = b"".join(
        (
            bytes([0x78, VERSION, 0x0A]),
            encoded(len(title)),
            title,
            b"\x28",
            encoded(extent),
            keys.tobytes(),
            values.tobytes(),
            features.tobytes(),
        )
    )
    return b"\x1a" + encoded(len(body)) + body


def join(layers: Iterable[bytes]) -> bytes:
    """A tile of several layers."""
    return b"".join(layers)


@kernel
def _encode(columns: Any, rows: Any, transform: Any, low: float, high: float) -> Any:
    """The features, keys and values of a layer as bytes."""
    largest, total = _sizes(columns, rows)
    work = bench(largest)
    path = np.empty(0, np.uint8)
    fields = len(columns.codes)
    local_key = np.full(fields, -1, np.int64)
    used_key = np.empty(fields, np.int64)
    keys = 0
    # Which local number a value has: open addressing over the values' global numbers.
    slots = 16
    while slots < 2 * len(rows) * fields:
        slots *= 2
    table_value = np.full(slots, -1, np.int64)
    table_local = np.empty(slots, np.int64)
    used_value = np.empty(len(rows) * fields + 1, np.int64)
    values = 0
    tags = np.empty(20 * fields + 1, np.uint8)
    out = np.empty(1024 + 4 * total, np.uint8)
    end = 0
    for r in rows:
        bound = 64 + 22 * _row_vertices(columns, r)
        if len(path) < bound * 6:
            path = np.empty(bound * 6, np.uint8)
        written = _put_row(path, columns, r, transform, low, high, work)
        if written == 0:
            continue
        tag_end = 0
        for f in range(fields):
            code = columns.codes[f, r]
            if code < 0:
                continue
            if local_key[f] < 0:
                local_key[f] = keys
                used_key[keys] = f
                keys += 1
            value = columns.field_value[f] + code
            slot = (value * 2654435761 >> 7) & (slots - 1)
            while table_value[slot] >= 0 and table_value[slot] != value:
                slot = (slot + 1) & (slots - 1)
            if table_value[slot] < 0:
                table_value[slot] = value
                table_local[slot] = values
                used_value[values] = value
                values += 1
            tag_end = put(tags, tag_end, local_key[f])
            tag_end = put(tags, tag_end, table_local[slot])
        body = 1 + size(columns.row_id[r]) + 2 + 1 + size(written) + written
        if tag_end:
            body += 1 + size(tag_end) + tag_end
        out = _with_room(out, end, body + 12)
        end = put(out, end, 0x12)
        end = put(out, end, body)
        end = put(out, end, 0x08)
        end = put(out, end, columns.row_id[r])
        if tag_end:
            end = put(out, end, 0x12)
            end = put(out, end, tag_end)
            out[end : end + tag_end] = tags[:tag_end]
            end += tag_end
        end = put(out, end, 0x18)
        end = put(out, end, columns.row_kind[r])
        end = put(out, end, 0x22)
        end = put(out, end, written)
        out[end : end + written] = path[:written]
        end += written
    return (
        out[:end],
        _gather(columns.key_bytes, columns.key_start, used_key, keys),
        _gather(columns.value_bytes, columns.value_start, used_value, values),
    )


@kernel
def _put_row(out: Any, columns: Any, r: int, transform: Any, low: float, high: float, work: Any) -> int:
    """Write the geometry of row r; the number of bytes, 0 when it is not in the tile."""
    bounds = columns.row_bounds
    left, right = column(transform, bounds[r, 0]), column(transform, bounds[r, 2])
    bottom, top = row(transform, bounds[r, 1]), row(transform, bounds[r, 3])
    if right < low or left > high or bottom < low or top > high:
        return 0
    inside = left >= low and right <= high and top >= low and bottom <= high
    kind = columns.row_kind[r]
    if kind == 3:
        return put_polygons(out, columns, r, transform, low, high, inside, work)
    if kind == 2:
        return put_lines(out, columns, r, transform, low, high, inside, work)
    return put_points(out, columns, r, transform, low, high)


@kernel
def _row_vertices(columns: Any, r: int) -> int:
    return columns.path_start[columns.row_path[r + 1]] - columns.path_start[columns.row_path[r]]


@kernel
def _sizes(columns: Any, rows: Any) -> Any:
    """The vertices of the largest path, and of all."""
    largest, total = 0, 0
    for r in rows:
        for path in range(columns.row_path[r], columns.row_path[r + 1]):
            count = columns.path_start[path + 1] - columns.path_start[path]
            largest = max(largest, count)
            total += count
    return largest, total


@kernel
def _with_room(out: Any, end: int, more: int) -> Any:
    if end + more <= len(out):
        return out
    grown = np.empty(max(2 * len(out), end + more), np.uint8)
    grown[:end] = out[:end]
    return grown


@kernel
def _gather(source: Any, start: Any, used: Any, count: int) -> Any:
    """The bytes of the used entries, one after the other."""
    total = 0
    for k in range(count):
        total += start[used[k] + 1] - start[used[k]]
    out = np.empty(total, np.uint8)
    end = 0
    for k in range(count):
        first, last = start[used[k]], start[used[k] + 1]
        out[end : end + last - first] = source[first:last]
        end += last - first
    return out
