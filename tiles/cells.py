"""Places sorted into the square cells of a grid, so that those in a box are found without looking at all.

row 1 | 5 . | 2 7 |        start = 0 . . . . ;  item = places of cell 0, cell 1, ...  row after row from the south;
row 0 | . 1 | 0 . |        the cells of a row lie one after the other, so a stretch of them is one slice of items
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tiles.kernel import kernel

#: Places in a cell if they lay evenly: few to look at in a small box, few cells to visit in a large one.
FULL = 2.0


class Grid(NamedTuple):
    """Cells by rows from (x, y), `side` wide; cell c holds the places item[start[c] : start[c + 1]]."""

    x: float
    y: float
    side: float
    columns: int
    start: NDArray[np.int64]  # (cells + 1,)
    item: NDArray[np.int32]  # (n,)


def grid(places: NDArray[np.float64]) -> Grid:
    """Sort places (n, 2), n > 0, into cells."""
    (west, south), (east, north) = places.min(axis=0).tolist(), places.max(axis=0).tolist()
    # A line of places has no area: cells are never more than there are places along its length.
    wide, high = east - west, north - south
    side = max(math.sqrt(wide * high * FULL / len(places)), max(wide, high) / len(places), 1e-9)
    columns, rows = int(wide / side) + 1, int(high / side) + 1
    start, item = _sorted(places, west, south, side, columns, rows)
    return Grid(west, south, side, columns, start, item)


@kernel
def _sorted(places: Any, x: float, y: float, side: float, columns: int, rows: int) -> Any:
    """Start (cells + 1,) and item (n,) of a grid."""
    cell = np.empty(len(places), np.int64)
    start = np.zeros(columns * rows + 1, np.int64)
    for i in range(len(places)):
        cell[i] = int((places[i, 1] - y) / side) * columns + int((places[i, 0] - x) / side)
        start[cell[i] + 1] += 1
    for c in range(columns * rows):
        start[c + 1] += start[c]
    item = np.empty(len(places), np.int32)
    free = start[:-1].copy()
    for i in range(len(places)):
        item[free[cell[i]]] = i
        free[cell[i]] += 1
    return start, item
