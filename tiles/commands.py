"""Paths as commands of a tile (MVT 2.1, 4.3).

MoveTo 1, LineTo 2, ClosePath 7;  a command integer is  id | count << 3;  parameters are zigzag differences
from the cursor, which goes on from path to path of a feature:

(3,6) (8,12) (20,34), closed   ->   [9 6 12] [18 10 12 24 44] [15]            the specification's own example
"""

from __future__ import annotations

from typing import Any

from tiles.kernel import leaf
from tiles.varint import put, zigzag

_MOVE_TO, _LINE_TO, _CLOSE_PATH = 1, 2, 7
#: Bytes that a path takes at most besides its vertices, and each of these: two differences of 32 bits.
PATH_BYTES, VERTEX_BYTES = 12, 10


@leaf
def put_vertices(out: Any, at: int, path: Any, first: int, last: int, cursor: Any) -> int:
    """Write vertices first to last - 1 as differences; changes `out`, `cursor` (2,); the place after."""
    x, y = cursor[0], cursor[1]
    for i in range(first, last):
        at = put(out, at, zigzag(path[i, 0] - x))
        at = put(out, at, zigzag(path[i, 1] - y))
        x, y = path[i, 0], path[i, 1]
    cursor[0], cursor[1] = x, y
    return at


@leaf
def put_points(out: Any, at: int, path: Any, count: int, cursor: Any) -> int:
    """Write points: one MoveTo for all (4.3.4.2)."""
    at = put(out, at, _MOVE_TO | count << 3)
    return put_vertices(out, at, path, 0, count, cursor)


@leaf
def put_line(out: Any, at: int, path: Any, count: int, cursor: Any) -> int:
    """Write a line of two vertices or more (4.3.4.3)."""
    at = put(out, at, _MOVE_TO | 1 << 3)
    at = put_vertices(out, at, path, 0, 1, cursor)
    at = put(out, at, _LINE_TO | (count - 1) << 3)
    return put_vertices(out, at, path, 1, count, cursor)


@leaf
def put_ring(out: Any, at: int, path: Any, count: int, cursor: Any, backwards: bool) -> int:
    """Write an open ring of three vertices or more (4.3.4.4), from its first vertex backwards if asked to."""
    if backwards:
        i, j = 1, count - 1
        while i < j:
            path[i, 0], path[j, 0] = path[j, 0], path[i, 0]
            path[i, 1], path[j, 1] = path[j, 1], path[i, 1]
            i, j = i + 1, j - 1
    at = put_line(out, at, path, count, cursor)
    return put(out, at, _CLOSE_PATH | 1 << 3)
