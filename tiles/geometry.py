"""The geometry of one row in one tile: project, clip, snap and write the commands of MVT 2.1, 4.3.

    MoveTo = 1, LineTo = 2, ClosePath = 7; a command integer is  id | count << 3;  parameters are zigzag differences from
    the cursor, which goes on from path to path of a feature.

What snapping would make vanish is kept as the smallest shape that is valid (a square of one unit, a line of one unit), so
that a tile never loses a feature that is in it.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from tiles.clip_ring import GROWTH, clip_ring
from tiles.clip_segment import clip_segment
from tiles.kernel import kernel
from tiles.projection import column, row
from tiles.snap import doubled_area, snap_line, snap_ring
from tiles.varint import put, zigzag

#: A clipped polygon of less than this many square units only touches the tile; it is not in it.
TOUCH = 1e-6


class Bench(NamedTuple):
    """Room to work in, for paths of up to n vertices: two float rings, their snapped form, and the bytes written."""

    ring: Any  # (GROWTH n + 16, 2) float64
    spare: Any  # the same
    snapped: Any  # the same, int64


@kernel
def bench(vertices: int) -> Any:
    """A bench for paths of up to `vertices` vertices."""
    shape = (GROWTH * vertices + 16, 2)
    return Bench(np.empty(shape, np.float64), np.empty(shape, np.float64), np.empty(shape, np.int64))


@kernel
def put_path(out: Any, at: int, path: Any, count: int, cursor: Any, closed: bool, backwards: bool) -> int:
    """Write one path of `count` vertices; moves `cursor` (2,); the place after it."""
    at = put(out, at, 9)  # MoveTo, once
    for k in range(count):
        if k == 1:
            at = put(out, at, 2 | (count - 1) << 3)
        # A ring that runs the wrong way is written from its first vertex backwards.
        i = (count - k) % count if backwards else k
        at = put(out, at, zigzag(path[i, 0] - cursor[0]))
        at = put(out, at, zigzag(path[i, 1] - cursor[1]))
        cursor[0], cursor[1] = path[i, 0], path[i, 1]
    if closed:
        at = put(out, at, 15)  # ClosePath, once
    return at


@kernel
def project(columns: Any, path: int, transform: Any, ring: Any, closed: bool) -> int:
    """Project a path into `ring` (changed), a ring without its last vertex, which is its first; the vertex count."""
    first, last = columns.path_start[path], columns.path_start[path + 1]
    count = last - first - (1 if closed else 0)
    for i in range(count):
        ring[i, 0] = column(transform, columns.xy[first + i, 0])
        ring[i, 1] = row(transform, columns.xy[first + i, 1])
    return count


@kernel
def real_area(ring: Any, count: int) -> float:
    """Area of an open ring of floats, without its sign."""
    total = 0.0
    j = count - 1
    for i in range(count):
        total += ring[j, 0] * ring[i, 1] - ring[i, 0] * ring[j, 1]
        j = i
    return abs(total) / 2.0


@kernel
def put_polygons(
    out: Any, columns: Any, r: int, transform: Any, low: float, high: float, inside: bool, work: Any
) -> int:
    """Write the polygons of row r; the number of bytes, 0 when nothing of it lies in [low, high] x [low, high].

    `inside` says that the row's bounds lie in that square, so that nothing needs clipping.
    """
    at = 0
    cursor = np.zeros(2, np.int64)
    seed_x, seed_y, seen = 0.0, 0.0, False
    drawn = False  # whether the exterior that the next holes belong to was written
    area, start, before = 0.0, 0, np.zeros(2, np.int64)
    for path in range(columns.row_path[r], columns.row_path[r + 1]):
        outer = columns.path_outer[path] == 1
        if not outer and not drawn:
            continue
        count = project(columns, path, transform, work.ring, True)
        if not inside:
            count = clip_ring(work.ring, count, low, high, work.spare)
        covered = real_area(work.ring, count) if count >= 3 else 0.0
        if outer:
            drawn = False
            if not inside and covered < TOUCH:
                continue
            if not seen and count:
                seed_x, seed_y, seen = work.ring[0, 0], work.ring[0, 1], True
            area, start = covered, at
            before[0], before[1] = cursor[0], cursor[1]
        kept = snap_ring(work.ring, count, work.snapped)
        twice = doubled_area(work.snapped, kept)
        if twice != 0:
            at = put_path(out, at, work.snapped, kept, cursor, True, (twice > 0) != outer)
            drawn = True
        if not outer:
            area -= covered
            if area < TOUCH and not inside:  # the tile lies in the hole
                at, drawn = start, False
                cursor[0], cursor[1] = before[0], before[1]
                if start == 0:
                    seen = False
    if at == 0 and seen:
        at = put_square(out, seed_x, seed_y, low, high)
    return at


@kernel
def put_square(out: Any, x: float, y: float, low: float, high: float) -> int:
    """Write the unit square at a place, within the square [low, high]; the number of bytes."""
    left = int(min(math.floor(x), high - 1.0))
    top = int(min(math.floor(y), high - 1.0))
    left, top = max(left, int(low)), max(top, int(low))
    square = np.array([[left, top], [left + 1, top], [left + 1, top + 1], [left, top + 1]], np.int64)
    return put_path(out, 0, square, 4, np.zeros(2, np.int64), True, False)


@kernel
def put_lines(
    out: Any, columns: Any, r: int, transform: Any, low: float, high: float, inside: bool, work: Any
) -> int:
    """Write the lines of row r, split where they leave the square; the number of bytes."""
    at = 0
    cursor = np.zeros(2, np.int64)
    seed_x, seed_y, seen = 0.0, 0.0, False
    for path in range(columns.row_path[r], columns.row_path[r + 1]):
        count = project(columns, path, transform, work.ring, False)
        i, n = 0, 0  # the next segment, and the vertices of the piece under way in work.spare
        while i < count - 1:
            ax, ay, bx, by = work.ring[i, 0], work.ring[i, 1], work.ring[i + 1, 0], work.ring[i + 1, 1]
            crosses, enter, leave = True, 0.0, 1.0
            if not inside:
                crosses, enter, leave = clip_segment(ax, ay, bx, by, low, high)
            if crosses:
                if n == 0:
                    work.spare[0, 0], work.spare[0, 1] = ax + enter * (bx - ax), ay + enter * (by - ay)
                    n = 1
                    if not seen:
                        seed_x, seed_y, seen = work.spare[0, 0], work.spare[0, 1], True
                if leave < 1.0:
                    work.spare[n, 0], work.spare[n, 1] = ax + leave * (bx - ax), ay + leave * (by - ay)
                else:
                    work.spare[n, 0], work.spare[n, 1] = bx, by
                n += 1
            i += 1
            if n and (not crosses or leave < 1.0 or i == count - 1):
                kept = snap_line(work.spare, n, work.snapped)
                if kept >= 2:
                    at = put_path(out, at, work.snapped, kept, cursor, False, False)
                n = 0
    if at == 0 and seen:
        left = int(max(low, min(math.floor(seed_x + 0.5), high - 1.0)))
        top = int(max(low, min(math.floor(seed_y + 0.5), high)))
        at = put_path(out, 0, np.array([[left, top], [left + 1, top]], np.int64), 2, cursor, False, False)
    return at


@kernel
def put_points(out: Any, columns: Any, r: int, transform: Any, low: float, high: float) -> int:
    """Write the points of row r that lie in the square; the number of bytes."""
    first = columns.path_start[columns.row_path[r]]
    last = columns.path_start[columns.row_path[r + 1]]
    count = 0
    for i in range(first, last):
        x, y = column(transform, columns.xy[i, 0]), row(transform, columns.xy[i, 1])
        count += low <= x <= high and low <= y <= high
    if count == 0:
        return 0
    at = put(out, 0, 1 | count << 3)
    cursor = np.zeros(2, np.int64)
    for i in range(first, last):
        x, y = column(transform, columns.xy[i, 0]), row(transform, columns.xy[i, 1])
        if low <= x <= high and low <= y <= high:
            px, py = int(math.floor(x + 0.5)), int(math.floor(y + 0.5))
            at = put(out, at, zigzag(px - cursor[0]))
            at = put(out, at, zigzag(py - cursor[1]))
            cursor[0], cursor[1] = px, py
    return at
