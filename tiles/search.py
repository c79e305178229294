"""Which rows of columns may touch a box: blocks by their bounds, then the rows of those by theirs.

+-----block-----+   +-----block-----+
| r r r r  +----|---|----+  r r r   |      both are compared as closed boxes, so that
| r r r r  |  r | r |  r |  r r r   |      what only touches the box is found too
+----------|----+   +----|----------+
           +----box------+
"""

from __future__ import annotations

from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from tiles.columns import SCALE, Columns
from tiles.kernel import kernel, leaf


def rows(columns: Columns, box: tuple[float, float, float, float]) -> NDArray[np.int64]:
    """Rows (ascending) whose bounds meet a box given as xmin, ymin, xmax, ymax in degrees, lon and lat."""
    # Outwards to whole units, so that rounding cannot part a row from a box that it touches.
    west, south, east, north = np.array(box) / SCALE
    units = np.array([np.floor(west), np.floor(south), np.ceil(east), np.ceil(north)])
    found = _search(columns.block_row, columns.block_bounds, columns.row_bounds, units)
    return cast(NDArray[np.int64], found)


@kernel
def _search(block_row: Any, block_bounds: Any, row_bounds: Any, box: Any) -> Any:
    """The rows whose bounds meet a box (4,) in units."""
    found = np.empty(64, dtype=np.int64)
    count = 0
    for block in range(len(block_row) - 1):
        if not _meet(block_bounds, block, box):
            continue
        for row in range(block_row[block], block_row[block + 1]):
            if _meet(row_bounds, row, box):
                if count == len(found):
                    grown = np.empty(2 * count, dtype=np.int64)
                    grown[:count] = found
                    found = grown
                found[count] = row
                count += 1
    return found[:count].copy()


@leaf
def _meet(bounds: Any, at: int, box: Any) -> bool:
    """Whether bounds and box have a point in common."""
    across = bounds[at, 0] <= box[2] and bounds[at, 2] >= box[0]
    return bool(across and bounds[at, 1] <= box[3] and bounds[at, 3] >= box[1])
