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

from tiles import grid, mvt, plane, search
from tiles.columns import Columns
from tiles.varint import encoded

#: The set that tiles are measured in, uncompressed.
SET = "WebMercatorQuad"
#: Bytes of a stretch besides its vertices: the commands of a ring. Of a layer besides its features: its head.
STRETCH, HEAD = 8, 64
#: Vertices of a stretch: few enough to lie in few tiles, enough to be few.
LENGTH = 256
#: Bytes of a tag: the local number of a field, below 2^7, and of a value, below 2^21.
TAG = 4
#: Bytes of all values of a field, up to which a tile is taken to have them all rather than one a row.
SMALL = 20_000

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
        tiles = self._suspects.get(zoom, ())
        return any(is_too_large(self._columns, zoom, row, col, self._budget) for row, col in tiles)


def is_too_large(columns: Columns, zoom: int, row: int, col: int, budget: Budget) -> bool:
    """Whether a tile of columns is larger than the budget: it is made."""
    tms = grid.get(SET)
    rows = search.rows(columns, tms.lonlat_box(zoom, row, col, margin=budget.buffer / budget.extent))
    transform = tms.transform(zoom, row, col, budget.extent)
    return len(mvt.encode_layer("", columns, rows, transform, budget.extent, budget.buffer)) > budget.bytes


def touched(bounds: NDArray[np.int32], zoom: int, budget: Budget) -> set[tuple[int, int]]:
    """Row and column of the tiles of a zoom that bounds (n, 4) in columns' units meet, with what is kept around."""
    west_south, east_north = plane.of_units(bounds[:, :2]), plane.of_units(bounds[:, 2:])
    side, grown = 360.0 / (1 << zoom), budget.buffer / budget.extent
    last = (1 << zoom) - 1
    corners = np.column_stack(
        [
            (west_south[:, 0] + 180) / side - grown,
            (180 - east_north[:, 1]) / side - grown,
            (east_north[:, 0] + 180) / side + grown,
            (180 - west_south[:, 1]) / side + grown,
        ]
    )
    ranges = np.clip(np.floor(corners), 0, last).astype(np.int64).tolist()
    return {
        (row, col)
        for left, top, right, bottom in ranges
        for row in range(top, bottom + 1)
        for col in range(left, right + 1)
    }


class _Items(NamedTuple):
    """Stretches of vertices, and then rows, as what a tile that they touch has to carry.

    bounds : (n, 4) west, north, east, south as parts of the world
    size : (n,) bytes at most, where nothing is cut
    cut : (n,) bytes more at most, where the tile's edge cuts
    shared : bytes of all values of fields that have few: a tile has each once at most
    """

    bounds: NDArray[np.float64]
    size: Ints
    cut: Ints
    shared: int


def _suspects(columns: Columns, deepest: int, budget: Budget) -> dict[int, list[tuple[int, int]]]:
    """Row and column of the tiles of each zoom that may be too large, the likeliest first."""
    items = _items(columns, budget)
    allowed = budget.bytes - items.shared
    found: dict[int, list[tuple[int, int]]] = {}
    item = np.arange(len(items.size))
    col, row = np.zeros(len(item), dtype=np.int64), np.zeros(len(item), dtype=np.int64)
    for zoom in range(deepest + 1):
        place, tile = np.unique((row << zoom) | col, return_inverse=True)
        whole = np.bincount(tile, weights=items.size[item], minlength=len(place))
        is_cut = ~_is_inside(items.bounds[item] * (1 << zoom), col, row, budget)
        here = whole + np.bincount(tile, weights=items.cut[item] * is_cut, minlength=len(place))
        suspect = np.flatnonzero(here > allowed)
        order = suspect[np.argsort(-here[suspect], kind="stable")]
        found[zoom] = [(int(p) >> zoom, int(p) & ((1 << zoom) - 1)) for p in place[order]]
        # What is inside here may be cut in a child.
        below = whole + np.bincount(tile, weights=items.cut[item], minlength=len(place)) > allowed
        if not below.any():
            break
        kept = below[tile]
        item, col, row = _children(items.bounds, item[kept], col[kept], row[kept], zoom + 1, budget)
    return found


def _is_inside(bounds: NDArray[np.float64], col: Ints, row: Ints, budget: Budget) -> NDArray[np.bool_]:
    """Whether bounds (m, 4), in tiles of a zoom, lie in a tile and its buffer."""
    west, north, east, south = bounds.T
    grown = budget.buffer / budget.extent
    across = (west >= col - grown) & (east <= col + 1 + grown)
    return np.asarray(across & (north >= row - grown) & (south <= row + 1 + grown))


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
            across = (east >= c - grown) & (west <= c + 1 + grown)
            touched = across & (south >= r - grown) & (north <= r + 1 + grown)
            parts.append((item[touched], c[touched], r[touched]))
    items, cols, rows = (np.concatenate(part) for part in zip(*parts))
    return items, cols, rows


def _items(columns: Columns, budget: Budget) -> _Items:
    starts, ends = _stretches(columns.path_start)
    rows = len(columns.row_kind)
    if not rows:
        return _Items(np.empty((0, 4)), np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64), 0)
    length = np.diff(np.append(starts, columns.vertices))
    # The edge that leads on from a stretch is in its box.
    beyond = np.minimum(starts + length, ends - 1)
    low = np.minimum(np.minimum.reduceat(columns.xy, starts), columns.xy[beyond])
    high = np.maximum(np.maximum.reduceat(columns.xy, starts), columns.xy[beyond])
    west_south = plane.of_units(np.concatenate([low, columns.row_bounds[:, :2]]))
    east_north = plane.of_units(np.concatenate([high, columns.row_bounds[:, 2:]]))
    bounds = [west_south[:, 0] + 180, 180 - east_north[:, 1], east_north[:, 0] + 180, 180 - west_south[:, 1]]
    single, shared = _attributes(columns)
    # Two differences within the tile and its buffer; where an edge cuts, each crossing may add another vertex.
    vertex = 2 * len(encoded(2 * (budget.extent + 2 * budget.buffer)))
    size = np.concatenate([length * vertex + STRETCH, single])
    cut = np.concatenate([length * vertex, np.zeros(rows, dtype=np.int64)])
    return _Items(np.column_stack(bounds) / 360.0, size, cut, shared)


def _stretches(path_start: Ints) -> tuple[Ints, Ints]:
    """Where stretches of up to LENGTH vertices begin, each path with one, and where the path of each ends."""
    first, size = path_start[:-1], np.diff(path_start)
    count = -(-size // LENGTH)
    within = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    return np.repeat(first, count) + within * LENGTH, np.repeat(path_start[1:], count)


def _attributes(columns: Columns) -> tuple[Ints, int]:
    """Bytes (r,) of a row's feature without geometry, and of what rows share: keys, and values of small fields."""
    total = np.full(len(columns.row_kind), mvt.FEATURE_BYTES, dtype=np.int64)
    shared = len(columns.key_bytes) + HEAD
    length = np.append(np.diff(columns.value_start), 0)
    for field, codes in enumerate(columns.codes):
        first, last = columns.field_value[field], columns.field_value[field + 1]
        present = codes >= 0
        total += TAG * present
        if (every := int(length[first:last].sum())) <= SMALL:
            shared += every
        else:
            total += length[np.where(present, first + codes, len(length) - 1)]
    return total, shared
