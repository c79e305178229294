"""Polygons that tile the land as one net of vertices and edges, and what is left of it at a tolerance.

   A | B         Vertices of equal coordinates are one, whoever has them. A vertex with other than two neighbours is
 ----o----       a node (o): three polygons meet, or two touch. Between nodes lie edges, each with a polygon on one
     C           side or on both.

Columns hold coordinates as whole numbers, so that "the same vertex" means equal and nothing else. All works on
flat arrays: a million parcels need neither a geometry object nor a search tree each.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple, cast

import numpy as np
import shapely
from numpy.typing import NDArray

from tiles import cells, columns, plane, visvalingam
from tiles.columns import POLYGON, SCALE, Columns
from tiles.kernel import kernel

#: Spreads coordinates over a table; any odd number with bits everywhere does (2^64 over the golden ratio).
_SPREAD = np.uint64(0x9E3779B97F4A7C15)
#: Segments without a neighbour, of all vertices, from which on it does not pay to look for sound rows.
_MANY = 0.2
#: Polygons examined at once, and how many of such chunks at the same time.
CHUNK = 20_000
THREADS = 2


class Net(NamedTuple):
    """Distinct vertices u of columns' paths; see `visvalingam.simplify` for the last three."""

    of: NDArray[np.int32]  # (v,) distinct vertex of each vertex
    first: NDArray[np.int32]  # (u,) a vertex that is it
    link: NDArray[np.int32]  # (u, 2)
    node: NDArray[np.uint8]  # (u,)
    ring: NDArray[np.int32]  # (u, 2)


def is_coverage(layer: Columns, geometry: NDArray[np.object_]) -> bool:
    """Whether a layer is polygons that meet in shared vertices only and nowhere overlap.

    `layer` was built from `geometry`, which lies on the grid of columns. Null and empty ones do not count.
    """
    if not len(layer.row_kind):
        return True
    doubtful = _doubtful(layer) if is_net(layer) else None
    return doubtful is not None and _is_valid(geometry[layer.row_feature[doubtful]])


def _doubtful(layer: Columns) -> NDArray[np.int64] | None:
    """Rows (ascending) that alone can spoil a coverage; None when it is spoilt for certain.

    As many polygons lie over a place as rings wind round it, and that changes only across a segment that no
    neighbour has in the other direction. Where two polygons overlap, one has such a segment, and the other
    has that segment in its bounds. So whoever has none in his bounds is sound.
    """
    alone = _unmatched(layer)
    if alone is None:
        return None
    if len(alone) > _MANY * layer.vertices:
        return np.arange(len(layer.row_kind))
    ends = np.stack([layer.xy[alone], layer.xy[alone + 1]], axis=1).astype(np.float64)
    near = shapely.STRtree(shapely.linestrings(ends)).query(shapely.box(*layer.row_bounds.T))[0]
    return np.unique(near)


def _is_valid(polygons: NDArray[np.object_]) -> bool:
    """Whether polygons are a coverage, in chunks: each with all whose bounds meet its own, as in one."""
    if len(polygons) <= CHUNK:
        return bool(shapely.coverage_is_valid(polygons))
    tree = shapely.STRtree(polygons)

    def is_sound(start: int) -> bool:
        own = polygons[start : start + CHUNK]
        near = np.unique(tree.query(shapely.box(*shapely.bounds(own).T))[1])
        return bool(shapely.coverage_is_valid(polygons[near]))

    with ThreadPoolExecutor(THREADS) as threads:
        return all(threads.map(is_sound, range(0, len(polygons), CHUNK)))


def is_net(columns: Columns) -> bool:
    """Whether columns hold polygons alone, so that there are edges to share."""
    return bool(len(columns.row_kind) and (columns.row_kind == POLYGON).all())


def net(layer: Columns) -> Net:
    """The net of columns of polygons."""
    of, first = _distinct(layer.xy, *_table(layer.xy[:, 0], layer.xy[:, 1]))
    return Net(of, first, *_linked(of, layer.path_start, len(first)))


def _unmatched(layer: Columns) -> NDArray[np.int64] | None:
    """Vertices (ascending) from which a segment goes that no ring has the other way round.

    None when two rings have one the same way round. An exterior goes round to the left, a hole to the right,
    whatever way they are given.
    """
    of, _ = _distinct(layer.xy, *_table(layer.xy[:, 0], layer.xy[:, 1]))
    goes_right = areas_of(layer) < 0
    turned = goes_right == (layer.path_outer == 1)
    beyond = np.append(of[1:], 0)
    slot, table = _table(np.minimum(of, beyond), np.maximum(of, beyond))
    matched = _matched(of, layer.path_start, turned, slot, table)
    return np.flatnonzero(matched == 0) if len(matched) else None


def areas_of(layer: Columns) -> NDArray[np.float64]:
    """The signed area (p,) of each ring, in the square of degrees: positive where it goes round to the left."""
    x, y = (layer.xy - layer.xy[0]).T * SCALE
    across = np.append(x[:-1] * y[1:] - x[1:] * y[:-1], 0.0)
    across[layer.path_start[1:] - 1] = 0.0  # from the end of one ring to the start of the next
    return np.asarray(np.add.reduceat(across, layer.path_start[:-1]) / 2.0)


def _table(one: NDArray[np.int32], other: NDArray[np.int32]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Where to look for each pair of numbers in a hash table, and the table, empty and large enough."""
    bits = max(int(1.25 * len(one)).bit_length(), 4)
    pair = one.astype(np.uint32).astype(np.uint64) << np.uint64(32) | other.astype(np.uint32)
    slot = (pair * _SPREAD >> np.uint64(64 - bits)).astype(np.int32)
    return slot, np.full(1 << bits, -1, np.int32)


def simplified(layer: Columns, within: float) -> Columns:
    """The rows of a coverage without the vertices whose triangle is smaller than `within` squared.

    `within` is in degrees of longitude in the plane of Web Mercator; see `visvalingam` for what stays anyway.
    Rows, rings and their order stay; a ring whose first vertex went begins with the next.
    """
    found = net(layer)
    places = plane.of_units(layer.xy[found.first])
    size = (np.diff(layer.path_start) - 1).astype(np.int32)
    alive = visvalingam.simplify(places, *found[2:], size, cells.grid(places), within * within)
    xy, path_start = _kept(layer.xy, layer.path_start, found.of, alive)
    return columns.with_paths(layer, xy, path_start)


def following(lines: Columns, whole: Columns, level: Columns) -> Columns:
    """Lines along the borders of a coverage without the vertices that it has lost from `whole` to `level`.

    Vertices that the coverage never had stay, and so do a line's ends; a closed line begins with the first
    vertex that stays.
    """
    here = keys(lines.xy)
    gone = np.isin(here, np.setdiff1d(keys(whole.xy), keys(level.xy), assume_unique=False))
    xy, path_start = _followed(lines.xy, lines.path_start, gone)
    return columns.with_paths(lines, xy, path_start)


def keys(units: NDArray[np.int32]) -> NDArray[np.int64]:
    """A number (n,) for each coordinate (n, 2), equal when they are."""
    return cast(NDArray[np.int64], np.ascontiguousarray(units).view(np.int64).ravel())


@kernel
def _distinct(xy: Any, slot: Any, table: Any) -> Any:
    """Number coordinates in the order of their first appearance; `slot` is where to look in `table` (changed)."""
    of = np.empty(len(xy), np.int32)
    first = np.empty(len(xy), np.int32)
    count = 0
    for i in range(len(xy)):
        at = slot[i]
        while True:
            u = table[at]
            if u < 0:
                table[at], of[i], first[count] = count, count, i
                count += 1
                break
            if xy[first[u], 0] == xy[i, 0] and xy[first[u], 1] == xy[i, 1]:
                of[i] = u
                break
            at = at + 1 if at + 1 < len(table) else 0
    return of, first[:count].copy()


@kernel
def _matched(of: Any, path_start: Any, turned: Any, slot: Any, table: Any) -> Any:
    """Whether each segment has its mate (v,), a ring's last vertex counts as if; nothing when two are alike."""
    matched = np.zeros(len(of), np.uint8)
    way = np.zeros(len(of), np.uint8)
    for path in range(len(path_start) - 1):
        last = path_start[path + 1] - 1
        matched[last] = 1
        for i in range(path_start[path], last):
            a, b = of[i], of[i + 1]
            way[i] = (a < b) != turned[path]
            at = slot[i]
            while True:
                j = table[at]
                if j < 0:
                    table[at] = i
                    break
                if (of[j] == a and of[j + 1] == b) or (of[j] == b and of[j + 1] == a):
                    if matched[j] or way[j] == way[i]:
                        return matched[:0]
                    matched[i], matched[j] = 1, 1
                    break
                at = at + 1 if at + 1 < len(table) else 0
    return matched


@kernel
def _linked(of: Any, path_start: Any, count: int) -> Any:
    """Neighbours, nodes and rings of distinct vertices, from closed rings."""
    link = np.full((count, 2), -1, np.int32)
    node = np.zeros(count, np.uint8)
    ring = np.full((count, 2), -1, np.int32)
    for path in range(len(path_start) - 1):
        first, last = path_start[path], path_start[path + 1] - 1
        for i in range(first, last):
            u = of[i]
            a, b = of[i - 1 if i > first else last - 1], of[i + 1]
            if link[u, 0] < 0:
                link[u, 0], link[u, 1] = a, b
                ring[u, 0] = path
                if a == b:
                    node[u] = 1
            elif ring[u, 1] >= 0 or not (
                (link[u, 0] == a and link[u, 1] == b) or (link[u, 0] == b and link[u, 1] == a)
            ):
                node[u] = 1
            else:
                ring[u, 1] = path
    return link, node, ring


@kernel
def _kept(xy: Any, path_start: Any, of: Any, alive: Any) -> Any:
    """Vertices of closed rings that are alive, and where each ring begins."""
    out = np.empty_like(xy)
    start = np.zeros(len(path_start), np.int64)
    end = 0
    for path in range(len(path_start) - 1):
        begin = end
        for i in range(path_start[path], path_start[path + 1] - 1):
            if alive[of[i]]:
                out[end, 0], out[end, 1] = xy[i, 0], xy[i, 1]
                end += 1
        out[end, 0], out[end, 1] = out[begin, 0], out[begin, 1]
        end += 1
        start[path + 1] = end
    return out[:end].copy(), start


@kernel
def _followed(xy: Any, path_start: Any, gone: Any) -> Any:
    """Vertices of lines but those gone, and where each line begins."""
    out = np.empty_like(xy)
    start = np.zeros(len(path_start), np.int64)
    end = 0
    for path in range(len(path_start) - 1):
        first, last = path_start[path], path_start[path + 1] - 1
        closed = last > first and xy[first, 0] == xy[last, 0] and xy[first, 1] == xy[last, 1]
        begin = end
        for i in range(first, last + 1):
            if not gone[i] or (not closed and i in (first, last)):
                out[end, 0], out[end, 1] = xy[i, 0], xy[i, 1]
                end += 1
        if closed and gone[last]:
            out[end, 0], out[end, 1] = out[begin, 0], out[begin, 1]
            end += 1
        start[path + 1] = end
    return out[:end].copy(), start
