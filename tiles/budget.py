"""Which zooms have a tile that is larger than it may be, without making all tiles.

+-------+---+---+      An estimate that is never too small, from the stretches of vertices and the rows that touch
|       | ? | . |      a tile, names the suspects (?). A tile that cannot be too large has no child that can, so
|   .   +---+---+      the tree of tiles is walked down only where it may be. Only suspects are encoded, the
|       | ? | ? |      likeliest first, until one is too large.
+-------+---+---+
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tiles import grid, mvt, search
from tiles.columns import Columns
from tiles.coverage import in_plane

#: The set that tiles are measured in, uncompressed.
SET = "WebMercatorQuad"
#: Bytes of a vertex within a tile and its buffer: two differences below 2^13; where a stretch is cut, each
#: crossing may add another. Bytes of a stretch besides: the commands of a ring.
VERTEX, STRETCH = 8, 8
#: Vertices of a stretch: few enough to lie in few tiles, enough to be few.
LENGTH = 256
#: Bytes of a tag: the local number of a field, below 2^7, and of a value, below 2^21.
TAG = 4

Ints = NDArray[np.int64]


class Budget(NamedTuple):
    """How many bytes a tile of a layer may have, and how tiles are made: units along an edge, and around."""

    bytes: int
    extent: int
    buffer: int


class Scales:
    """Weighs the tiles of columns at the zooms from 0 to the deepest one that is asked about."""

    def __init__(self, columns: Columns, deepest: int, budget: Budget) -> None:
        self._columns = columns
        self._budget = budget
        self._suspects = _suspects(columns, deepest, budget)

    def exceeded(self, zoom: int) -> bool:
        """Whether any tile of a zoom is larger than the budget."""
        tms, budget = grid.get(SET), self._budget
        for row, col in self._suspects.get(zoom, ()):
            where = zoom, row, col
            rows = search.rows(self._columns, tms.lonlat_box(*where, margin=budget.buffer / budget.extent))
            transform = tms.transform(*where, budget.extent)
            made = mvt.encode_layer("", self._columns, rows, transform, budget.extent, budget.buffer)
            if len(made) > budget.bytes:
                return True
        return False


def _suspects(columns: Columns, deepest: int, budget: Budget) -> dict[int, list[tuple[int, int]]]:
    """Row and column of the tiles of each zoom that may be too large, the likeliest first."""
    bounds, size = _items(columns)
    found: dict[int, list[tuple[int, int]]] = {}
    item = np.arange(len(size))
    col, row = np.zeros(len(size), dtype=np.int64), np.zeros(len(size), dtype=np.int64)
    for zoom in range(deepest + 1):
        place, tile = np.unique((row << zoom) | col, return_inverse=True)
        weight = np.bincount(tile, weights=size[item], minlength=len(place))
        suspect = weight > budget.bytes
        if not suspect.any():
            break
        order = np.flatnonzero(suspect)[np.argsort(-weight[suspect], kind="stable")]
        found[zoom] = [(int(p) >> zoom, int(p) & ((1 << zoom) - 1)) for p in place[order]]
        kept = suspect[tile]
        item, col, row = _children(bounds, item[kept], col[kept], row[kept], zoom + 1, budget)
    return found


def _children(
    bounds: NDArray[np.float64], item: Ints, col: Ints, row: Ints, zoom: int, budget: Budget
) -> tuple[Ints, Ints, Ints]:
    """The pairs of items and tiles one zoom deeper: an item is in each child that it touches."""
    parts = []
    west, north, east, south = (bounds[item] * (1 << zoom)).T
    grown = budget.buffer / budget.extent
    for right in (0, 1):
        for down in (0, 1):
            c, r = 2 * col + right, 2 * row + down
            touched = (
                (east >= c - grown)
                & (west <= c + 1 + grown)
                & (south >= r - grown)
                & (north <= r + 1 + grown)
            )
            parts.append((item[touched], c[touched], r[touched]))
    items, cols, rows = (np.concatenate(part) for part in zip(*parts))
    return items, cols, rows


def _items(columns: Columns) -> tuple[NDArray[np.float64], Ints]:
    """Bounds (n, 4) west, north, east, south as parts of the world, and bytes (n,), of stretches and rows."""
    starts = _stretches(columns.path_start)
    if not len(starts):
        return np.empty((0, 4)), np.empty(0, dtype=np.int64)
    length = np.diff(np.append(starts, columns.vertices))
    # Both ends of an edge count, so that one between two stretches is in the box of the first.
    beyond = np.minimum(starts + length, columns.vertices - 1)
    low = np.minimum(np.minimum.reduceat(columns.xy, starts), columns.xy[beyond])
    high = np.maximum(np.maximum.reduceat(columns.xy, starts), columns.xy[beyond])
    west_south = in_plane(np.concatenate([low, columns.row_bounds[:, :2]]))
    east_north = in_plane(np.concatenate([high, columns.row_bounds[:, 2:]]))
    bounds = [west_south[:, 0] + 180, 180 - east_north[:, 1], east_north[:, 0] + 180, 180 - west_south[:, 1]]
    sizes = np.concatenate([length * VERTEX + STRETCH, _row_bytes(columns)])
    return np.column_stack(bounds) / 360.0, sizes


def _stretches(path_start: Ints) -> Ints:
    """Where stretches of up to LENGTH vertices begin; each path begins one."""
    first, size = path_start[:-1], np.diff(path_start)
    count = -(-size // LENGTH)
    within = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    return np.asarray(np.repeat(first, count) + within * LENGTH, dtype=np.int64)


def _row_bytes(columns: Columns) -> Ints:
    """Bytes (r,) of a row's feature without geometry, and of all its values as if no other row had them."""
    total = np.full(len(columns.row_kind), mvt.FEATURE_BYTES, dtype=np.int64)
    length = np.append(np.diff(columns.value_start), 0)
    for field, codes in enumerate(columns.codes):
        present = codes >= 0
        value = np.where(present, columns.field_value[field] + codes, len(length) - 1)
        total += length[value] + TAG * present
    return total
