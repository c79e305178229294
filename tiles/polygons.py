"""The polygons of a row in a tile: clipped ring by ring, snapped, wound and written.

+-----------+       The exterior is wound so that its area by the surveyor's formula is positive in tile units
| #####     |       (y down), a hole so that it is negative (MVT 2.1, 4.3.3.3). A hole that snapping leaves no
| ##  ##    |       area of is dropped; so is an exterior, with its holes. When that leaves nothing of a row,
|  #####  # | <---  it is kept as a square of one unit: no feature vanishes from a tile that it lies in.
+-----------+

Snapping can make a ring touch or cross itself, and clipping leaves bridges along the border between the pieces of
a concave one. The rings are kept in `work.rings` besides, for `validity` to find out.
"""

from __future__ import annotations

import math
from typing import Any

from tiles.clip_ring import clip_ring
from tiles.commands import put_ring
from tiles.kernel import leaf
from tiles.projection import band, project
from tiles.snap import doubled_area, snap_ring, snapped
from tiles.validity import keep

#: What is left of a polygon whose clipped exterior lies all on the square's border, in square units, when nothing
#: is left: well above the rounding of an area of 17 million summed up over 35,000 vertices.
NOTHING = 1e-4


@leaf
def write_polygons(
    out: Any, columns: Any, r: int, transform: Any, square: Any, inside: bool, work: Any
) -> int:
    """Write the polygons of row r to `out` (changed, `work` too); the bytes, 0 when none is in the square.

    `inside` says that the row's bounds lie in the square, so that nothing needs clipping.
    """
    at = 0
    seen = False  # whether any polygon is in the square; work.seed is a place of the first
    drawn = False  # whether the exterior of the polygon under way was written
    begin, begin_x, begin_y, seen_before = 0, 0, 0, False  # what was before that polygon
    rings = work.rings
    at_band = band(transform, columns.row_bounds[r])
    begin_vertex, begin_ring = 0, 0
    area, on_border = 0.0, False  # what is left of it, and whether its exterior was clipped to the border
    # One loop for exteriors and holes: with a call site each, numba inlines nothing, and it takes 15 % longer.
    for path in range(columns.row_path[r], columns.row_path[r + 1]):
        outer = columns.path_outer[path] == 1
        if not outer and not drawn:
            continue
        first = columns.path_start[path]
        count = max(columns.path_start[path + 1] - first - 1, 0)  # a ring's last vertex is its first
        project(transform, at_band, columns.xy, first, count, work.ring)
        covered = 0.0
        if not inside:
            count = clip_ring(work.ring, count, square.low, square.high, work.spare)
            covered = abs(doubled_area(work.ring, count)) / 2.0
        if outer:
            drawn = False
            area, on_border = covered, not inside and _on_border(work.ring, count, square)
            if count == 0 or (on_border and area < NOTHING):  # at most the border of the square is touched
                continue
            begin, begin_x, begin_y, seen_before = at, work.cursor[0], work.cursor[1], seen
            begin_vertex, begin_ring = rings.size[0], rings.size[1]
            if not seen:
                work.seed[0], work.seed[1], seen = work.ring[0, 0], work.ring[0, 1], True
        kept = snap_ring(work.ring, count, work.snapped)
        twice = doubled_area(work.snapped, kept)
        if twice != 0:
            keep(rings, work.snapped, kept, outer)
            at = put_ring(out, at, work.snapped, kept, work.cursor, (twice > 0) != outer)
            drawn = True
        if not outer and on_border:
            area -= covered
            if area < NOTHING:  # the square lies in the hole: as if this polygon had not been
                at, seen, drawn = begin, seen_before, False
                work.cursor[0], work.cursor[1] = begin_x, begin_y
                rings.size[0], rings.size[1] = begin_vertex, begin_ring
    return write_speck(out, work.seed[0], work.seed[1], square, work) if at == 0 and seen else at


@leaf
def collapses(left: float, top: float, right: float, bottom: float) -> bool:
    """Whether snapping brings everything in these bounds onto one line, whatever its shape."""
    return bool(snapped(left) == snapped(right) or snapped(top) == snapped(bottom))


@leaf
def write_speck(out: Any, x: float, y: float, square: Any, work: Any) -> int:
    """Write the square of one unit at a place; the bytes."""
    left = math.floor(min(max(x, square.low), square.high - 1.0))
    top = math.floor(min(max(y, square.low), square.high - 1.0))
    for i in range(4):
        work.snapped[i, 0] = left + (i == 1 or i == 2)
        work.snapped[i, 1] = top + (i >= 2)
    return put_ring(out, 0, work.snapped, 4, work.cursor, False)


@leaf
def _on_border(ring: Any, count: int, square: Any) -> bool:
    """Whether all vertices lie on the border of the square, to which clipping brings what is outside."""
    for i in range(count):
        x, y = ring[i, 0], ring[i, 1]
        if square.low < x < square.high and square.low < y < square.high:
            return False
    return True
