"""Simplify the edges of a coverage: the vertex whose triangle is smallest goes first, from all that have it.

      v           The triangle of v with its neighbours p and n is what the land on one side gains and that on the
     / \\          other loses when v goes. Vertices go in the order of their triangles' areas while these are below
    /   \\    r    the limit, edge by edge; nodes, where three edges meet, stay. A vertex stays as well when another
---p-----n---     lies in its triangle (r would change sides) or when a ring would be left with two.

An edge is simplified once, whoever shares it, so neighbours cannot part. No vertex is moved, and what remains
after a smaller limit is what a larger one goes on from.

Source: M. Visvalingam, J. D. Whyatt, Line generalisation by repeated elimination of points, Cartographic Journal
30 (1993) 46.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tiles.kernel import kernel


@kernel
def simplify(plane: Any, link: Any, node: Any, ring: Any, size: Any, grid: Any, limit: float) -> Any:
    """Which vertices (u,) stay, 1 or 0.

    Parameters
    ----------
    plane : (u, 2) places of distinct vertices
    link : (u, 2) both neighbours of each but nodes
    node : (u,) 1 for a vertex that stays
    ring : (u, 2) rings that each vertex but nodes belongs to, -1 for none
    size : (p,) vertices of each ring; changed to what is left
    grid : `cells.Grid` of all vertices
    limit : an area in the square of the plane's unit
    """
    count = len(plane)
    alive = np.ones(count, np.uint8)
    seen = np.zeros(count, np.uint8)
    edge = np.empty(count + 1, np.int32)
    for u in range(count):
        if node[u] == 0 and seen[u] == 0:
            length = _walk(u, link, node, seen, edge)
            _simplify_edge(edge[:length], plane, alive, ring[u], size, grid, limit)
    return alive


@kernel
def _walk(u: int, link: Any, node: Any, seen: Any, edge: Any) -> int:
    """Write the edge through u to `edge` and mark it in `seen`; its length. A ring ends with its first vertex."""
    last, at = u, link[u, 0]
    while node[at] == 0 and at != u:
        last, at = at, link[at, 0] + link[at, 1] - last
    edge[0] = at
    length = 1
    first, before, here = at, at, last
    while node[here] == 0 and here != first:
        seen[here] = 1
        edge[length] = here
        length += 1
        before, here = here, link[here, 0] + link[here, 1] - before
    seen[here] = 1
    edge[length] = here
    return length + 1


@kernel
def _simplify_edge(edge: Any, plane: Any, alive: Any, ring: Any, size: Any, grid: Any, limit: float) -> None:
    """Take vertices out of one edge (m,); changes `alive` and `size`."""
    length = len(edge)
    closed = edge[0] == edge[length - 1]
    # In a closed edge without a node every vertex has neighbours; the last, which is the first, is left out.
    turning = closed and length > 3 and ring[0] >= 0
    low, high = (0, length - 1) if turning else (1, length - 1)
    before, after = np.empty(length, np.int32), np.empty(length, np.int32)
    area = np.empty(length, np.float64)
    heap_area, heap_item = np.empty(3 * length + 4, np.float64), np.empty(3 * length + 4, np.int32)
    waiting = 0
    for i in range(low, high):
        before[i], after[i] = i - 1, i + 1
    if turning:
        before[0], after[length - 2] = length - 2, 0
    for i in range(low, high):
        area[i] = _area(plane, edge[before[i]], edge[i], edge[after[i]])
        if area[i] < limit:
            waiting = _push(heap_area, heap_item, waiting, area[i], i)
    while waiting:
        least, i = heap_area[0], heap_item[0]
        waiting = _pop(heap_area, heap_item, waiting)
        v = edge[i]
        if alive[v] == 0 or area[i] != least:
            continue
        if (ring[0] >= 0 and size[ring[0]] <= 3) or (ring[1] >= 0 and size[ring[1]] <= 3):
            continue
        p, n = before[i], after[i]
        if _is_occupied(plane, edge[p], v, edge[n], alive, grid):
            continue
        alive[v] = 0
        for side in range(2):
            if ring[side] >= 0:
                size[ring[side]] -= 1
        for j in (p, n):
            if low <= j < high:
                if j == p:
                    after[j] = n
                else:
                    before[j] = p
                area[j] = _area(plane, edge[before[j]], edge[j], edge[after[j]])
                if area[j] < limit:
                    waiting = _push(heap_area, heap_item, waiting, area[j], j)


@kernel
def _area(plane: Any, a: int, b: int, c: int) -> float:
    return float(abs(_turn(plane, a, b, plane[c, 0], plane[c, 1])) / 2.0)


@kernel
def _turn(plane: Any, a: int, b: int, x: float, y: float) -> float:
    """Twice the area of a triangle a, b, (x, y): positive when it turns to the left."""
    ax, ay = plane[a, 0], plane[a, 1]
    return float((plane[b, 0] - ax) * (y - ay) - (plane[b, 1] - ay) * (x - ax))


@kernel
def _is_occupied(plane: Any, a: int, b: int, c: int, alive: Any, grid: Any) -> bool:
    """Whether another vertex that still stands lies in the triangle of three or on its sides."""
    west, east = min(plane[a, 0], plane[b, 0], plane[c, 0]), max(plane[a, 0], plane[b, 0], plane[c, 0])
    south, north = min(plane[a, 1], plane[b, 1], plane[c, 1]), max(plane[a, 1], plane[b, 1], plane[c, 1])
    first, last = int((west - grid.x) / grid.side), int((east - grid.x) / grid.side)
    bottom, top = int((south - grid.y) / grid.side), int((north - grid.y) / grid.side)
    for row in range(bottom, top + 1):
        # Cells of a row lie one after the other.
        begin, end = grid.start[row * grid.columns + first], grid.start[row * grid.columns + last + 1]
        for k in range(begin, end):
            v = grid.item[k]
            if alive[v] == 0 or v in (a, b, c):
                continue
            x, y = plane[v, 0], plane[v, 1]
            if x < west or x > east or y < south or y > north:
                continue
            one, two, three = _turn(plane, a, b, x, y), _turn(plane, b, c, x, y), _turn(plane, c, a, x, y)
            if (one >= 0 and two >= 0 and three >= 0) or (one <= 0 and two <= 0 and three <= 0):
                return True
    return False


@kernel
def _push(area: Any, item: Any, count: int, least: float, i: int) -> int:
    """Put an entry into a binary heap of areas, equal ones by place (both changed); the new count."""
    at = count
    while at > 0:
        up = (at - 1) // 2
        if area[up] < least or (area[up] == least and item[up] <= i):
            break
        area[at], item[at] = area[up], item[up]
        at = up
    area[at], item[at] = least, i
    return count + 1


@kernel
def _pop(area: Any, item: Any, count: int) -> int:
    """Take the least entry out of the heap (changed); the new count."""
    count -= 1
    least, i = area[count], item[count]
    at = 0
    while True:
        down = 2 * at + 1
        if down >= count:
            break
        right = down + 1
        if right < count and (
            area[right] < area[down] or (area[right] == area[down] and item[right] < item[down])
        ):
            down = right
        if least < area[down] or (least == area[down] and i <= item[down]):
            break
        area[at], item[at] = area[down], item[down]
        at = down
    area[at], item[at] = least, i
    return count
