"""Whether snapped rings still meet nowhere but at the corners of their own edges.

      x-monotone chains            A ring is cut where it turns back in x. Within a chain no edge can meet another, so
  .--->---.      .-->--.           only pairs of chains whose boxes meet are walked, edge by edge along x. Chains are
 /         \\    /       \\          sorted by their left end: a long wiggly ring has many, of which few overlap.
.           `--'         :
 `----<----'`------<----'          Any other contact counts as broken, also one that would be allowed (a hole that
                                   touches its exterior in one point): repair decides, and there are few.

Coordinates are whole units, so the test is exact. Sources: monotone chains as in M. Davis, JTS Topology Suite,
Technical Specifications (2003); segment test by orientations: F. Preparata, M. Shamos, Computational Geometry (1985).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from tiles.kernel import kernel, leaf

#: A hole of at most so many units can leave its exterior by snapping without touching it.
TINY = 2


class Rings(NamedTuple):
    """The rings of a row as they were written, and room to look at them; `size` is [vertices, rings].

    Rings are closed here (first = last); ring i has the vertices start[i] to start[i + 1] - 1.
    """

    xy: Any  # (m, 2) int32
    start: Any  # (k + 1,) int64
    outer: Any  # (k,) uint8
    size: Any  # (2,) int64
    chain: Any  # (m, 3) int32: first edge, last edge, ring
    chain_box: Any  # (m, 4) int32: xmin, ymin, xmax, ymax
    order: Any  # (m,) int32, chains by xmin


@kernel
def rings(vertices: int, paths: int) -> Any:
    """Make room for so many vertices in so many rings."""
    return Rings(
        np.empty((vertices, 2), np.int32),
        np.zeros(paths + 1, np.int64),
        np.empty(paths, np.uint8),
        np.zeros(2, np.int64),
        np.empty((vertices, 3), np.int32),
        np.empty((vertices, 4), np.int32),
        np.empty(vertices, np.int32),
    )


@leaf
def keep(room: Any, ring: Any, count: int, outer: bool) -> None:
    """Add an open ring (n, 2) of `count` vertices to the rings, closed; changes `room`."""
    end, k = room.size[0], room.size[1]
    for i in range(count):
        room.xy[end + i, 0], room.xy[end + i, 1] = ring[i, 0], ring[i, 1]
    room.xy[end + count, 0], room.xy[end + count, 1] = ring[0, 0], ring[0, 1]
    room.outer[k] = 1 if outer else 0
    room.start[k + 1] = end + count + 1
    room.size[0], room.size[1] = end + count + 1, k + 1


@leaf
def broken(room: Any) -> bool:
    """Whether any two edges meet that are not neighbours in a ring, or a tiny hole is outside; changes `room`."""
    if room.size[1] == 1 and (room.size[0] == 4 or _star(room)):
        return False
    count = _chains(room)
    _sort(room, count)
    box, order = room.chain_box, room.order
    for i in range(count):
        a = order[i]
        for j in range(i + 1, count):
            b = order[j]
            if box[b, 0] > box[a, 2]:
                break
            if box[b, 1] <= box[a, 3] and box[b, 3] >= box[a, 1] and _chains_meet(room, a, b):
                return True
    return _strayed(room)


@leaf
def _star(room: Any) -> bool:
    """Whether the only ring is seen whole from the mean of its vertices, which most are: then no edges can meet."""
    xy, count = room.xy, room.size[0] - 1
    sx = sy = 0
    for i in range(count):
        sx, sy = sx + xy[i, 0], sy + xy[i, 1]
    # Everything times `count`, so that the mean is whole. The way round it must turn one way, and once.
    ax, ay = xy[0, 0] * count - sx, xy[0, 1] * count - sy
    turn = rounds = 0
    for i in range(1, count + 1):
        bx, by = xy[i, 0] * count - sx, xy[i, 1] * count - sy
        cross = ax * by - ay * bx
        if cross == 0 or (turn > 0 and cross < 0) or (turn < 0 and cross > 0):
            return False
        turn = 1 if cross > 0 else -1
        rounds += ay < 0 <= by
        ax, ay = bx, by
    return bool(rounds == 1)


@leaf
def _chains(room: Any) -> int:
    """Cut all rings into chains; changes `room`; how many."""
    xy = room.xy
    count = 0
    for ring in range(room.size[1]):
        first, last = room.start[ring], room.start[ring + 1] - 1
        edge = first
        while edge < last:
            begin = edge
            heading = 0
            low, high = xy[edge, 1], xy[edge, 1]
            while edge < last:
                step = np.sign(xy[edge + 1, 0] - xy[edge, 0])
                if step != 0 and heading != 0 and step != heading:
                    break
                if step != 0:
                    heading = step
                low, high = min(low, xy[edge + 1, 1]), max(high, xy[edge + 1, 1])
                edge += 1
            room.chain[count, 0], room.chain[count, 1], room.chain[count, 2] = begin, edge - 1, ring
            left, right = xy[begin, 0], xy[edge, 0]
            room.chain_box[count, 0], room.chain_box[count, 1] = min(left, right), low
            room.chain_box[count, 2], room.chain_box[count, 3] = max(left, right), high
            count += 1
    return count


@leaf
def _sort(room: Any, count: int) -> None:
    """Order the chains by their left ends; changes `room`. Source: D. Shell, A high-speed sorting procedure, 1959."""
    box, order = room.chain_box, room.order
    for i in range(count):
        order[i] = i
    gap = 1
    while gap < count // 3:
        gap = 3 * gap + 1
    while gap:
        for i in range(gap, count):
            moved, j = order[i], i
            while j >= gap and box[order[j - gap], 0] > box[moved, 0]:
                order[j] = order[j - gap]
                j -= gap
            order[j] = moved
        gap //= 3


@leaf
def _chains_meet(room: Any, a: int, b: int) -> bool:
    """Whether an edge of chain a meets one of chain b that is not its neighbour."""
    chain, xy = room.chain, room.xy
    a_first, a_last, b_first, b_last = chain[a, 0], chain[a, 1], chain[b, 0], chain[b, 1]
    a_step = 1 if xy[a_last + 1, 0] >= xy[a_first, 0] else -1
    b_step = 1 if xy[b_last + 1, 0] >= xy[b_first, 0] else -1
    begin = (
        b_first if b_step == 1 else b_last
    )  # of the edges of b by x, the first that is not left of a's edge
    b_end = b_last if b_step == 1 else b_first
    first, last = room.start[chain[a, 2]], room.start[chain[a, 2] + 1] - 2
    same = chain[a, 2] == chain[b, 2]
    i = a_first if a_step == 1 else a_last
    for _ in range(a_last - a_first + 1):
        left, right = min(xy[i, 0], xy[i + 1, 0]), max(xy[i, 0], xy[i + 1, 0])
        while begin != b_end + b_step and max(xy[begin, 0], xy[begin + 1, 0]) < left:
            begin += b_step
        j = begin
        while j != b_end + b_step and min(xy[j, 0], xy[j + 1, 0]) <= right:
            beside = same and (abs(i - j) == 1 or (min(i, j) == first and max(i, j) == last))
            if not beside and _edges_meet(xy, i, j):
                return True
            j += b_step
        i += a_step
    return False


@leaf
def _edges_meet(xy: Any, i: int, j: int) -> bool:
    """Whether edges i and j have a point in common."""
    if max(xy[i, 1], xy[i + 1, 1]) < min(xy[j, 1], xy[j + 1, 1]):
        return False
    if min(xy[i, 1], xy[i + 1, 1]) > max(xy[j, 1], xy[j + 1, 1]):
        return False
    # Their boxes meet in x, too: so edges on one line do meet, and others when each parts the other's ends.
    c, d = _side(xy, i, j), _side(xy, i, j + 1)
    if (c > 0 and d > 0) or (c < 0 and d < 0):
        return False
    a, b = _side(xy, j, i), _side(xy, j, i + 1)
    return not ((a > 0 and b > 0) or (a < 0 and b < 0))


@leaf
def _side(xy: Any, edge: int, vertex: int) -> int:
    """On which side of an edge a vertex lies: the sign says."""
    ux, uy = np.int64(xy[edge + 1, 0]) - xy[edge, 0], np.int64(xy[edge + 1, 1]) - xy[edge, 1]
    vx, vy = np.int64(xy[vertex, 0]) - xy[edge, 0], np.int64(xy[vertex, 1]) - xy[edge, 1]
    return int(ux * vy - uy * vx)


@leaf
def _strayed(room: Any) -> bool:
    """Whether a tiny hole lies outside its exterior."""
    shell = 0
    for ring in range(room.size[1]):
        if room.outer[ring] == 1:
            shell = ring
        elif _tiny(room, ring) and not _inside(room, shell, room.start[ring]):
            return True
    return False


@leaf
def _tiny(room: Any, ring: int) -> bool:
    first, last = room.start[ring], room.start[ring + 1]
    if last - first > 4 * TINY + 1:
        return False
    x, y = room.xy[first, 0], room.xy[first, 1]
    left, right, low, high = x, x, y, y
    for i in range(first, last):
        x, y = room.xy[i, 0], room.xy[i, 1]
        left, right, low, high = min(left, x), max(right, x), min(low, y), max(high, y)
    return bool(right - left <= TINY and high - low <= TINY)


@leaf
def _inside(room: Any, ring: int, vertex: int) -> bool:
    """Whether a vertex is within a ring that it does not touch, by the crossings of a ray to the right."""
    xy = room.xy
    y = xy[vertex, 1]
    odd = False
    for edge in range(room.start[ring], room.start[ring + 1] - 1):
        up = xy[edge, 1] <= y < xy[edge + 1, 1]
        down = xy[edge + 1, 1] <= y < xy[edge, 1]
        if (up and _side(xy, edge, vertex) > 0) or (down and _side(xy, edge, vertex) < 0):
            odd = not odd
    return odd
