"""The points of a row in a tile: those in the buffered square, snapped.

+-----------+
|  . :      |       A feature of many points that snap to the same unit one after the other keeps one of them.
+-----------+
"""

from __future__ import annotations

from typing import Any

from tiles.commands import put_points
from tiles.kernel import leaf
from tiles.projection import place
from tiles.snap import snapped


@leaf
def write_points(out: Any, columns: Any, r: int, transform: Any, square: Any, work: Any) -> int:
    """Write the points of row r to `out` (changed, `work` too); the bytes, 0 when none is in the square."""
    first = columns.path_start[columns.row_path[r]]
    last = columns.path_start[columns.row_path[r + 1]]
    found = work.snapped
    count = 0
    for i in range(first, last):
        px, py = place(transform, columns.xy[i, 0], columns.xy[i, 1])
        if not (square.low <= px <= square.high and square.low <= py <= square.high):
            continue
        x, y = snapped(px), snapped(py)
        if count and found[count - 1, 0] == x and found[count - 1, 1] == y:
            continue
        found[count, 0], found[count, 1] = x, y
        count += 1
    return put_points(out, 0, found, count, work.cursor) if count else 0
