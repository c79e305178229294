"""The envelopes of a layer's features, from the nodes of its R-tree: what is surely meant, what is not, what may be.

SQLite's own search gives an envelope a row, a microsecond or two each; a node holds some fifty of them as one blob, in a
format that is documented (sqlite.org/rtree.html, 6.1), and numpy reads many nodes at once. Where all of a node is
meant, nothing below it is looked at but its keys, so that a polygon as large as the layer costs its rim.

Envelopes are float32, rounded outwards: a geometry lies within its own, and within those of all nodes above it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from time import monotonic
from typing import Final, NamedTuple

import numpy as np
import orjson
from numpy.typing import NDArray

from config.models import Layer
from releases import geopackage
from releases.features import quoted
from releases.query import Keys, TooCostly

#: (n, 4) xmin, xmax, ymin, ymax in degrees, float32, as the R-tree has them.
Boxes = NDArray[np.float32]
Mask = NDArray[np.bool_]
#: Boxes -> in which all features are meant that lie in them, and in which some may be; the first are among the second.
Sift = Callable[[Boxes], tuple[Mask, Mask]]

#: The envelopes of so few features are asked for by their keys: 5 microseconds each, and all nodes of 1,000,000 100 ms.
FEW: Final = 1_000
_ROOT: Final = 1
#: A node: its depth (in the root's alone), how many cells it has, the cells.
_DEPTH, _COUNT, _CELLS = slice(0, 2), slice(2, 4), 4
#: A cell: the key of a feature or the number of a node below, and its box.
_CELL: Final = np.dtype([("id", ">i8"), ("box", ">f4", (4,))])
_NONE: Final = np.zeros(0, dtype=np.int64)
#: Nodes that are read at once, about a megabyte.
_NODES: Final = 1_024


class Sifted(NamedTuple):
    """Keys of the features that are surely meant and of those that may be, both ascending."""

    certain: Keys
    doubtful: Keys


class _Cells(NamedTuple):
    ids: NDArray[np.int64]
    boxes: Boxes


def sift(connection: sqlite3.Connection, layer: Layer, test: Sift, among: Keys | None, end: float) -> Sifted:
    """Sift the features that have an envelope, of these ascending keys alone if they are given; TooCostly at `end`."""
    rtree = f"rtree_{layer.id}_{geopackage.geometry_column(layer)}"
    if among is not None and len(among) <= FEW:
        keys, boxes = _of(connection, quoted(rtree), among)
        every, some = test(boxes)
        return Sifted(_sorted(keys[every]), _sorted(keys[some & ~every]))
    table = quoted(f"{rtree}_node")

    def below(nodes: NDArray[np.int64]) -> Iterator[_Cells]:
        for start in range(0, len(nodes), _NODES):
            if monotonic() > end:
                raise TooCostly
            yield _cells(connection, table, nodes[start : start + _NODES])

    whole, partly = _NONE, np.array([_ROOT])
    for left in range(_depth(connection, table), -1, -1):
        met, split = [_NONE, *(cells.ids for cells in below(whole))], [_NONE]
        for cells in below(partly):
            if among is not None and left == 0:
                known = has(among, cells.ids)
                cells = _Cells(cells.ids[known], cells.boxes[known])
            every, some = test(cells.boxes)
            met.append(cells.ids[every])
            split.append(cells.ids[some & ~every])
        whole, partly = np.concatenate(met), np.concatenate(split)
    certain = _sorted(whole)
    return Sifted(certain if among is None else certain[has(among, certain)], _sorted(partly))


def has(keys: Keys, sought: NDArray[np.integer]) -> Mask:
    """Which of the sought are among ascending keys."""
    if not len(keys):
        return np.zeros(len(sought), dtype=bool)
    found: Mask = keys[np.minimum(np.searchsorted(keys, sought), len(keys) - 1)] == sought
    return found


def _depth(connection: sqlite3.Connection, table: str) -> int:
    (root,) = connection.execute(f"SELECT data FROM {table} WHERE nodeno = ?", (_ROOT,)).fetchone()
    return int.from_bytes(root[_DEPTH], "big")


def _cells(connection: sqlite3.Connection, table: str, nodes: NDArray[np.int64]) -> _Cells:
    rows = connection.execute(
        f"SELECT data FROM {table} WHERE nodeno IN (SELECT value FROM json_each(?))",
        (orjson.dumps(nodes.tolist()).decode(),),
    ).fetchall()
    # All nodes of a tree are of one size, full or not.
    data = np.frombuffer(b"".join(row[0] for row in rows), dtype=np.uint8).reshape(len(rows), -1)
    counts = np.ascontiguousarray(data[:, _COUNT]).view(">u2")
    room = (data.shape[1] - _CELLS) // _CELL.itemsize
    cells = np.ascontiguousarray(data[:, _CELLS : _CELLS + room * _CELL.itemsize]).view(_CELL)
    filled = cells[np.arange(room) < counts]
    return _Cells(filled["id"].astype(np.int64), filled["box"].astype(np.float32))


def _of(connection: sqlite3.Connection, rtree: str, keys: Keys) -> _Cells:
    rows = connection.execute(
        f"SELECT id, minx, maxx, miny, maxy FROM {rtree} WHERE id IN (SELECT value FROM json_each(?))",
        (orjson.dumps(keys.tolist()).decode(),),
    ).fetchall()
    found = np.array(rows, dtype=np.float64).reshape(-1, 5)
    return _Cells(found[:, 0].astype(np.int64), found[:, 1:].astype(np.float32))


def _sorted(ids: NDArray[np.int64]) -> Keys:
    return np.sort(ids.astype(np.uint32))
