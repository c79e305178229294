"""The lines of a row in a tile: split where they leave the buffered square, snapped.

    +-----------+
A---P1---Q1     |         A line that leaves and comes back becomes two. When snapping leaves nothing of all
    |     `-----Q---.     its pieces, the row is kept as a line of one unit: no feature vanishes from a tile
    |     ,-----P---'     that it lies in.
    |  B-'      |
    +-----------+
"""

from __future__ import annotations

from typing import Any

from tiles.clip_segment import clip_segment
from tiles.commands import put_line
from tiles.kernel import leaf
from tiles.projection import band, project
from tiles.snap import snap_line, snapped


@leaf
def write_lines(out: Any, columns: Any, r: int, transform: Any, square: Any, inside: bool, work: Any) -> int:
    """Write the lines of row r to `out` (changed, `work` too); the bytes, 0 when none is in the square.

    `inside` says that the row's bounds lie in the square, so that nothing needs clipping.
    """
    at, seen = 0, False
    ring, piece = work.ring, work.spare
    at_band = band(transform, columns.row_bounds[r])
    for path in range(columns.row_path[r], columns.row_path[r + 1]):
        first = columns.path_start[path]
        count = columns.path_start[path + 1] - first
        project(transform, at_band, columns.xy, first, count, ring)
        if count == 0:
            continue
        if inside:
            if not seen:
                work.seed[0], work.seed[1], seen = ring[0, 0], ring[0, 1], True
            at = _write_piece(out, at, ring, count, work)
            continue
        n = 0  # vertices of the piece under way
        for i in range(count - 1):
            ax, ay, bx, by = ring[i, 0], ring[i, 1], ring[i + 1, 0], ring[i + 1, 1]
            crosses, enter, leave = clip_segment(ax, ay, bx, by, square.low, square.high)
            if crosses and n == 0:
                piece[0, 0], piece[0, 1] = ax + enter * (bx - ax), ay + enter * (by - ay)
                n = 1
                if not seen:
                    work.seed[0], work.seed[1], seen = piece[0, 0], piece[0, 1], True
            if crosses:
                # B itself where it is inside: A + 1 (B - A) need not be B to the last bit.
                piece[n, 0] = bx if leave == 1.0 else ax + leave * (bx - ax)
                piece[n, 1] = by if leave == 1.0 else ay + leave * (by - ay)
                n += 1
            if n and (not crosses or leave < 1.0 or i == count - 2):
                at = _write_piece(out, at, piece, n, work)
                n = 0
    return _write_stub(out, square, work) if at == 0 and seen else at


@leaf
def _write_piece(out: Any, at: int, piece: Any, count: int, work: Any) -> int:
    """Snap a piece and write what is left of it."""
    kept = snap_line(piece, count, work.snapped)
    return put_line(out, at, work.snapped, kept, work.cursor) if kept >= 2 else at


@leaf
def _write_stub(out: Any, square: Any, work: Any) -> int:
    """Write a line of one unit at the row's place."""
    left = snapped(min(max(work.seed[0], square.low), square.high - 1.0))
    top = snapped(min(max(work.seed[1], square.low), square.high))
    work.snapped[0, 0], work.snapped[0, 1] = left, top
    work.snapped[1, 0], work.snapped[1, 1] = left + 1, top
    return put_line(out, 0, work.snapped, 2, work.cursor)
