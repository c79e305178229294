"""Snap vertices to a tile's whole units and drop those that no longer say anything.

.   B .             B repeats A:                dropped
A---C-----D         C lies between A and D:     dropped, the line stays the same
E---F               E F E, a ring turning back: the spike is dropped; a line keeps it, it was drawn so

Neighbours that share vertices share them still: each vertex moves by itself, and the dropped ones were on the
line.
"""

from __future__ import annotations

import math
from typing import Any

from tiles.kernel import leaf


@leaf
def snapped(value: float) -> int:
    """The whole unit nearest to a coordinate, halves always upwards: to even would make steps of two."""
    return math.floor(value + 0.5)


@leaf
def snap_ring(ring: Any, count: int, out: Any) -> int:
    """Snap an open ring (n, 2) of floats to `out` (n, 2), int64 (changed); its vertices, 0 if it collapsed."""
    kept = 0
    for i in range(count):
        kept = _push(out, kept, snapped(ring[i, 0]), snapped(ring[i, 1]), True)
    # The same where the end meets the beginning.
    first = 0
    shrinking = True
    while shrinking and kept - first >= 3:
        repeats = out[kept - 1, 0] == out[first, 0] and out[kept - 1, 1] == out[first, 1]
        if repeats or _straight(out, kept - 2, kept - 1, first):
            kept -= 1
        elif _straight(out, kept - 1, first, first + 1):
            first += 1
        else:
            shrinking = False
    if kept - first < 3:
        return 0
    if first:
        for i in range(first, kept):
            out[i - first, 0], out[i - first, 1] = out[i, 0], out[i, 1]
    return kept - first


@leaf
def snap_line(line: Any, count: int, out: Any) -> int:
    """Snap a line (n, 2) of floats to `out` (n, 2) of int64 (changed); its vertices, 1 when it collapsed."""
    kept = 0
    for i in range(count):
        kept = _push(out, kept, snapped(line[i, 0]), snapped(line[i, 1]), False)
    return kept


@leaf
def doubled_area(ring: Any, count: int) -> Any:
    """Twice an open ring's area by the surveyor's formula: positive for an exterior (MVT 2.1, 4.3.3.3).

    Of the ring's own kind: whole units when it is snapped, floats before.
    """
    total = 0
    j = count - 1
    for i in range(count):
        total += ring[j, 0] * ring[i, 1] - ring[i, 0] * ring[j, 1]
        j = i
    return total


@leaf
def _push(out: Any, kept: int, x: int, y: int, closed: bool) -> int:
    """Append a vertex unless it repeats the last; drop the last where it lies between its neighbours."""
    if kept and out[kept - 1, 0] == x and out[kept - 1, 1] == y:
        return kept
    out[kept, 0], out[kept, 1] = x, y
    kept += 1
    while kept >= 3 and _straight(out, kept - 3, kept - 2, kept - 1):
        if not closed and not _onward(out, kept - 3, kept - 2, kept - 1):
            break
        out[kept - 2, 0], out[kept - 2, 1] = x, y
        kept -= 1
        if out[kept - 2, 0] == x and out[kept - 2, 1] == y:  # the spike folded onto where it came from
            kept -= 1
    return kept


@leaf
def _straight(out: Any, a: int, b: int, c: int) -> bool:
    """Whether A, B and C lie on one line."""
    ux, uy = out[b, 0] - out[a, 0], out[b, 1] - out[a, 1]
    vx, vy = out[c, 0] - out[b, 0], out[c, 1] - out[b, 1]
    return bool(ux * vy == uy * vx)


@leaf
def _onward(out: Any, a: int, b: int, c: int) -> bool:
    """Whether the way from B to C goes on as from A to B."""
    ux, uy = out[b, 0] - out[a, 0], out[b, 1] - out[a, 1]
    vx, vy = out[c, 0] - out[b, 0], out[c, 1] - out[b, 1]
    return bool(ux * vx + uy * vy > 0)
