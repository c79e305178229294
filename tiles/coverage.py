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

from tiles import cells, columns, visvalingam
from tiles.columns import POLYGON, SCALE, Columns
from tiles.kernel import kernel
from tiles.projection import POLEWARD

#: Spreads coordinates over a table; any odd number with bits everywhere does (2^64 over the golden ratio).
_SPREAD = np.uint64(0x9E3779B97F4A7C15)
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


def is_coverage(polygons: NDArray[np.object_]) -> bool:
    """Whether all are polygons that meet in shared vertices only and nowhere overlap, in chunks.

    A polygon is examined together with all whose bounds meet its own, so that the answer is that for all at
    once. Null and empty ones do not count.
    """
    there = polygons[~(shapely.is_missing(polygons) | shapely.is_empty(polygons))]
    if not np.isin(shapely.get_type_id(there), (3, 6)).all():
        return False
    if len(there) <= CHUNK:
        return bool(shapely.coverage_is_valid(there))
    bounds = shapely.bounds(there)
    order = np.lexsort((bounds[:, 1], np.floor(bounds[:, 0] / _strip(bounds))))
    there, tree = there[order], shapely.STRtree(there[order])

    def is_sound(start: int) -> bool:
        own = there[start : start + CHUNK]
        near = np.unique(tree.query(shapely.box(*shapely.bounds(own).T))[1])
        return bool(shapely.coverage_is_valid(there[near]))

    with ThreadPoolExecutor(THREADS) as threads:
        return all(threads.map(is_sound, range(0, len(there), CHUNK)))


def _strip(bounds: NDArray[np.float64]) -> float:
    """The width of strips of the land that hold so many polygons that a chunk is about square."""
    west, south = bounds[:, :2].min(axis=0)
    east, north = bounds[:, 2:].max(axis=0)
    return float(max(np.sqrt((east - west) * (north - south) * CHUNK / len(bounds)), 1e-9))


def is_net(columns: Columns) -> bool:
    """Whether columns hold polygons alone, so that there are edges to share."""
    return bool(len(columns.row_kind) and (columns.row_kind == POLYGON).all())


def net(layer: Columns) -> Net:
    """The net of columns of polygons."""
    # int32 as uint32, side by side: one number a coordinate.
    halves = layer.xy.view(np.uint32).astype(np.uint64)
    bits = max(int(1.25 * len(halves)).bit_length(), 4)
    slot = ((halves[:, 0] << np.uint64(32) | halves[:, 1]) * _SPREAD >> np.uint64(64 - bits)).astype(np.int32)
    of, first = _distinct(layer.xy, slot, np.full(1 << bits, -1, np.int32))
    return Net(of, first, *_linked(of, layer.path_start, len(first)))


def simplified(layer: Columns, within: float) -> Columns:
    """The rows of a coverage without the vertices whose triangle is smaller than `within` squared.

    `within` is in degrees of longitude in the plane of Web Mercator; see `visvalingam` for what stays anyway.
    Rows, rings and their order stay; a ring whose first vertex went begins with the next.
    """
    found = net(layer)
    plane = in_plane(layer.xy[found.first])
    size = (np.diff(layer.path_start) - 1).astype(np.int32)
    alive = visvalingam.simplify(plane, *found[2:], size, cells.grid(plane), within * within)
    xy, path_start = _kept(layer.xy, layer.path_start, found.of, alive)
    return columns.with_paths(layer, xy, path_start)


def in_plane(units: NDArray[np.int32]) -> NDArray[np.float64]:
    """Columns' coordinates (n, 2) in the plane of Web Mercator, in degrees of longitude."""
    degrees = units * SCALE
    lat = np.radians(np.clip(degrees[:, 1], -POLEWARD, POLEWARD))
    return np.column_stack([degrees[:, 0], np.degrees(np.arcsinh(np.tan(lat)))])


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
