"""An R-tree of SQLite filled at once: entries near each other on a Hilbert curve share a node.

SQLite puts in one entry after another, at 6 us each; all of them packed into full nodes take a tenth of that, and a
tree that is better to search. What is written are the module's own shadow tables, whose form is part of SQLite's file
format (sqlite.org/rtree.html, 5): a node is its depth, the number of its cells, and cells of a key and four floats, all
big-endian. `rtreecheck` finds such a tree sound.
"""

from __future__ import annotations

import sqlite3
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tiles import hilbert

#: Cells of a node and its bytes, as the module has them for pages of 2 KiB and more.
CELLS: Final = 51
SIZE: Final = 4 + 24 * CELLS
_CELL: Final = np.dtype([("key", ">i8"), ("box", ">f4", (4,))])
_ROOT: Final = 1

Keys = NDArray[np.int64]
#: minx, maxx, miny, maxy of each entry (n, 4).
Boxes = NDArray[np.float32]


def fill(connection: sqlite3.Connection, name: str, keys: Keys, boxes: Boxes) -> None:
    """Fill the R-tree `name`, just created on pages of 2 KiB or more, with entries whose boxes are `outward`."""
    if not len(keys):
        return
    x, y = boxes[:, :2].mean(axis=1, dtype=np.float64), boxes[:, 2:].mean(axis=1, dtype=np.float64)
    order = np.argsort(hilbert.position(x, y))
    cells = np.empty(len(keys), _CELL)
    cells["key"], cells["box"] = keys[order], boxes[order]
    depth, fresh = 0, _ROOT + 1
    while True:
        count = -(-len(cells) // CELLS)
        nodes = np.array([_ROOT]) if count == 1 else np.arange(fresh, fresh + count)
        within = np.repeat(nodes, CELLS)[: len(cells)]
        _enter(connection, name, "rowid" if depth == 0 else "parent", cells["key"], within)
        _write(connection, name, nodes, cells, depth if count == 1 else 0)
        if count == 1:
            return
        cells, depth, fresh = _above(cells, nodes), depth + 1, fresh + count


def outward(boxes: NDArray[np.float64]) -> Boxes:
    """Boxes as floats, nowhere inside of what they were as doubles."""
    found = boxes.astype(np.float32)
    low, high = found[:, ::2], found[:, 1::2]
    low[:] = np.where(low > boxes[:, ::2], np.nextafter(low, np.float32(-np.inf)), low)
    high[:] = np.where(high < boxes[:, 1::2], np.nextafter(high, np.float32(np.inf)), high)
    return found


def _above(cells: NDArray[np.void], nodes: Keys) -> NDArray[np.void]:
    """A cell for each node: its number and the box round its cells."""
    starts = np.arange(0, len(cells), CELLS)
    found = np.empty(len(nodes), _CELL)
    found["key"] = nodes
    boxes = cells["box"].astype(np.float32)
    found["box"][:, ::2] = np.minimum.reduceat(boxes[:, ::2], starts)
    found["box"][:, 1::2] = np.maximum.reduceat(boxes[:, 1::2], starts)
    return found


def _enter(connection: sqlite3.Connection, name: str, kind: str, keys: Keys, nodes: Keys) -> None:
    order = np.argsort(keys)
    rows = zip(keys[order].tolist(), nodes[order].tolist())
    connection.executemany(f'INSERT INTO "{name}_{kind}" VALUES (?, ?)', rows)


def _write(
    connection: sqlite3.Connection, name: str, nodes: Keys, cells: NDArray[np.void], depth: int
) -> None:
    told, counts = cells.tobytes(), np.full(len(nodes), CELLS)
    counts[-1] = len(cells) - CELLS * (len(nodes) - 1)
    wide = CELLS * _CELL.itemsize
    rows = (
        (node, (depth.to_bytes(2) + count.to_bytes(2) + told[i * wide : (i + 1) * wide]).ljust(SIZE, b"\0"))
        for i, (node, count) in enumerate(zip(nodes.tolist(), counts.tolist()))
    )
    connection.executemany(f'INSERT OR REPLACE INTO "{name}_node" VALUES (?, ?)', rows)
