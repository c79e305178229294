"""Positions along a Hilbert curve, which order rows so that neighbours on the map are neighbours on disk.

+--+  +--+      The curve of order k visits the 2^k x 2^k cells of a square, each step to a cell beside the
|  |  |  |      last. Bits of x and y are taken from the highest down: two bits name the quadrant and where
+  +--+  +      the curve comes to it, and the rest is turned to the quadrant's own curve.
|        |
+--+  +--+      Source: D. Hilbert, Über die stetige Abbildung einer Linie auf ein Flächenstück, Mathematische
                Annalen 38 (1891) 459.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

#: Cells of 2.4 m: a million parcels of a region have hardly two in one cell.
ORDER = 24


def position(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.int64]:
    """Position (n,) of points in degrees, x = lon in [-180, 180], y = lat in [-90, 90], on the curve."""
    side = (1 << ORDER) - 1
    i = np.clip((x + 180.0) / 360.0 * side, 0, side).astype(np.int64)
    j = np.clip((y + 90.0) / 180.0 * side, 0, side).astype(np.int64)
    return curve(i, j, ORDER)


def curve(i: NDArray[np.int64], j: NDArray[np.int64], order: int) -> NDArray[np.int64]:
    """Position (n,) of cells, i to the right and j up from 0 to 2^order - 1; with j down it is PMTiles 3's."""
    side = (1 << order) - 1
    distance = np.zeros(len(i), dtype=np.int64)
    step = 1 << order >> 1
    while step:
        right, up = (i & step) > 0, (j & step) > 0
        distance += step * step * ((3 * right) ^ up)
        # Turn the quadrant: mirror it when it is the lower right one, and swap the axes in both lower ones.
        mirrored = ~up & right
        i = np.where(mirrored, side - i, i)
        j = np.where(mirrored, side - j, j)
        i, j = np.where(up, i, j), np.where(up, j, i)
        step >>= 1
    return distance
