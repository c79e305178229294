"""A Mapbox Vector Tile layer from a window of columns, in one pass without the interpreter's lock.

Layer = version, name, extent, keys used, values used, features      (MVT 2.1, 4.1)
Feature = id, tags (pairs of local key and value), type, geometry    (MVT 2.1, 4.2)

Layers are messages of one field of the tile, so a tile of several layers is their concatenation. Tags follow
the order of fields; keys and values get local numbers on first use, in the order of rows: equal columns give
equal bytes.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tiles import dictionary
from tiles.clip_ring import GROWTH
from tiles.columns import LINE, POINT, POLYGON, Columns
from tiles.commands import PATH_BYTES, VERTEX_BYTES
from tiles.kernel import kernel, leaf
from tiles.lines import write_lines
from tiles.points import write_points
from tiles.polygons import collapses, write_polygons, write_speck
from tiles.projection import Transform, bounds
from tiles.repair import mended, no_broken, noted
from tiles.validity import broken as is_broken
from tiles.varint import encoded, message, put, put_bytes, size
from tiles.workbench import Square, workbench

EXTENT = 4096
BUFFER = 64
VERSION = 2
#: Bytes of a feature besides its tags and geometry, at most: four tags, an id, a type, three lengths.
FEATURE_BYTES = 36
#: Bytes of one tag, at most: two local numbers below 2^32.
TAG_BYTES = 10


def encode_layer(
    name: str,
    columns: Columns,
    rows: NDArray[np.int64],
    transform: Transform,
    extent: int = EXTENT,
    buffer: int = BUFFER,
    fields: NDArray[np.uint8] | None = None,
) -> bytes:
    """Encode the rows of columns that lie in a tile, grown by `buffer` units on each side, as one layer.

    Parameters
    ----------
    name : of the layer in the tile
    rows : candidates from `search.rows`; those that turn out not to touch the grown tile are left out
    transform : where the tile lies (`grid.TileMatrixSet.transform`), made for the same `extent`
    fields : (f,) 1 for each field of the columns that is written, None for all

    Returns
    -------
    The layer as a field of the tile message, or nothing when no row lies in the tile.
    """
    if not len(rows):
        return b""
    wanted = np.ones(len(columns.codes), np.uint8) if fields is None else fields
    square = Square(float(-buffer), float(extent + buffer))
    features, keys, values, broken = _encode(columns, rows, transform, square, wanted)
    if not len(features):
        return b""
    if len(broken.place):
        features = mended(features, broken, extent + buffer)
    head = bytes([0x78, VERSION]) + message(0x0A, name.encode()) + b"\x28" + encoded(extent)
    return message(0x1A, b"".join((head, keys, values, features)))


def join(layers: Iterable[bytes]) -> bytes:
    """Make a tile of several layers."""
    return b"".join(layers)


@kernel
def _encode(columns: Any, rows: Any, transform: Any, square: Any, wanted: Any) -> Any:
    """The features, keys and values of a layer as bytes, and the arrays of `repair.Broken`."""
    work = workbench(*_largest(columns, rows))
    broken = no_broken()
    fields = len(columns.codes)
    keys, values = dictionary.empty(), dictionary.empty()
    keys = dictionary.with_room(keys, fields)
    tags = np.empty(TAG_BYTES * fields, np.uint8)
    path = np.empty(0, np.uint8)
    out = np.empty(1024 + 64 * len(rows), np.uint8)
    end = 0
    for r in rows:
        most = _most_bytes(columns, r)
        if len(path) < most:
            path = np.empty(2 * most, np.uint8)
        work.rings.size[0], work.rings.size[1] = 0, 0
        written = _write_row(path, columns, r, transform, square, work)
        if written == 0:
            continue
        values = dictionary.with_room(values, fields)
        tagged = 0
        for f in range(fields):
            code = columns.codes[f, r]
            if code >= 0 and wanted[f]:
                tagged = put(tags, tagged, dictionary.local(keys, f))
                tagged = put(tags, tagged, dictionary.local(values, columns.field_value[f] + code))
        out = _with_room(out, end, FEATURE_BYTES + tagged + written)
        begin = end
        end = _write_feature(out, end, columns.row_id[r], columns.row_kind[r], tags, tagged, path, written)
        if work.rings.size[1] and is_broken(work.rings):
            broken = noted(broken, work.rings, begin, end - written - size(written) - 1, end)
    return (
        out[:end],
        _gather(columns.key_bytes, columns.key_start, keys),
        _gather(columns.value_bytes, columns.value_start, values),
        broken,
    )


@leaf
def _write_feature(
    out: Any, at: int, number: Any, kind: Any, tags: Any, tagged: int, path: Any, written: int
) -> int:
    """Write a Feature message with its tag and length; changes `out`; the place after it."""
    length = 1 + size(number) + 2 + 1 + size(written) + written
    if tagged:
        length += 1 + size(tagged) + tagged
    at = put(out, at, 0x12)
    at = put(out, at, length)
    at = put(out, at, 0x08)
    at = put(out, at, number)
    if tagged:
        at = put(out, at, 0x12)
        at = put(out, at, tagged)
        at = put_bytes(out, at, tags, 0, tagged)
    at = put(out, at, 0x18)
    at = put(out, at, kind)
    at = put(out, at, 0x22)
    at = put(out, at, written)
    return put_bytes(out, at, path, 0, written)


@leaf
def _write_row(out: Any, columns: Any, r: int, transform: Any, square: Any, work: Any) -> int:
    """Write the geometry of row r; the bytes, 0 when it is not in the square."""
    left, top, right, bottom = bounds(transform, columns.row_bounds[r])
    low, high = square.low, square.high
    if right < low or left > high or bottom < low or top > high:
        return 0
    inside = left >= low and right <= high and top >= low and bottom <= high
    work.cursor[0], work.cursor[1] = 0, 0
    kind = columns.row_kind[r]
    if kind == POLYGON:
        if inside and collapses(
            left, top, right, bottom
        ):  # at small scales most: their vertices are not read
            return write_speck(out, left, top, square, work)
        return write_polygons(out, columns, r, transform, square, inside, work)
    if kind == LINE:
        return write_lines(out, columns, r, transform, square, inside, work)
    return write_points(out, columns, r, transform, square, work)


@leaf
def _most_bytes(columns: Any, r: int) -> int:
    """How many bytes the geometry of row r takes at most."""
    first, last = columns.row_path[r], columns.row_path[r + 1]
    vertices = columns.path_start[last] - columns.path_start[first]
    # Each vertex can end up as GROWTH; a line can leave and come back at each, which makes it as many paths.
    return int(GROWTH * VERTEX_BYTES * vertices + PATH_BYTES * (vertices + last - first + 1))


@leaf
def _largest(columns: Any, rows: Any) -> tuple[int, int, int]:
    """The vertices of the largest path, where a row's points count as one; vertices and paths of the largest rows."""
    largest = row_vertices = row_paths = 0
    for r in rows:
        first, last = columns.row_path[r], columns.row_path[r + 1]
        vertices = columns.path_start[last] - columns.path_start[first]
        if columns.row_kind[r] == POINT:
            largest = max(largest, vertices)
            continue
        row_vertices, row_paths = max(row_vertices, vertices), max(row_paths, last - first)
        for path in range(first, last):
            largest = max(largest, columns.path_start[path + 1] - columns.path_start[path])
    return largest, row_vertices, row_paths


@kernel
def _with_room(out: Any, end: int, more: int) -> Any:
    """These bytes, or twice as many of the same content, with room for `more` after `end`."""
    if end + more <= len(out):
        return out
    grown = np.empty(max(2 * len(out), end + more), np.uint8)
    grown[:end] = out[:end]
    return grown


@kernel
def _gather(source: Any, start: Any, table: Any) -> Any:
    """The bytes of the entries in a dictionary, one after the other."""
    total = 0
    for k in range(table.count[0]):
        total += start[table.used[k] + 1] - start[table.used[k]]
    out = np.empty(total, np.uint8)
    end = 0
    for k in range(table.count[0]):
        first = start[table.used[k]]
        end = put_bytes(out, end, source, first, start[table.used[k] + 1] - first)
    return out
