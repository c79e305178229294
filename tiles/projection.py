"""From columns' degrees to tile units: x to the right, y down, (0, 0) the tile's upper left corner.

lon, lat (1e-7 degree)  ->  X, Y in the plane of the set  ->  px = (X - x0) sx,  py = (y0 - Y) sy

GEOGRAPHIC  X = lon, Y = lat                      degrees
MERCATOR    X = lon, Y = asinh(tan lat)           degrees and radians: spherical Mercator (EPSG Guidance Note 7-2,
                                                  Popular Visualisation Pseudo Mercator) on the unit sphere
PATCHED     X, Y from bicubic patches             any other projection, see `patches`
"""

from __future__ import annotations

import math
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tiles.kernel import kernel

GEOGRAPHIC, MERCATOR, PATCHED = 0, 1, 2
#: Mercator has no poles; beyond this latitude everything lies on one line, far outside the set's square.
POLEWARD = 89.9


class Patches(NamedTuple):
    """A projection over a box of degrees as bicubic patches in rows from south to north, west to east.

    Parameters
    ----------
    west, south : of the first patch, degrees
    step : width and height of a patch, degrees
    columns, rows : of patches
    coefficients : (rows * columns, 2, 4, 4), of X and of Y, by powers of the place in the patch, 0 to 1:
        X = sum of c[i, j] u^i v^j, u to the east and v to the north
    bend : (2,) bounds of the second derivatives along lon and along lat, units of the plane a square degree
    """

    west: float
    south: float
    step: float
    columns: int
    rows: int
    coefficients: NDArray[np.float64]
    bend: NDArray[np.float64]


def _frozen(array: NDArray[np.float64]) -> NDArray[np.float64]:
    array.flags.writeable = False
    return array


#: What sets that need no patches carry in their place: to numba the type of a transform is the same for all.
NO_PATCHES: Final = Patches(0.0, 0.0, 1.0, 0, 0, _frozen(np.empty((0, 2, 4, 4))), _frozen(np.zeros(2)))


class Transform(NamedTuple):
    """One tile's place: kind of projection, origin in the plane, tile units a unit of the plane, patches."""

    kind: int
    x0: float
    y0: float
    sx: float
    sy: float
    patches: Patches = NO_PATCHES


@kernel
def place(transform: Any, lon: int, lat: int) -> tuple[float, float]:
    """Tile units to the right of the tile's left edge and below its upper edge."""
    x, y = lon * 1e-7, lat * 1e-7
    if transform.kind == MERCATOR:
        s = math.sin(math.radians(min(max(y, -POLEWARD), POLEWARD)))
        y = 0.5 * math.log((1.0 + s) / (1.0 - s))  # asinh(tan lat) with one call less
    elif transform.kind == PATCHED:
        x, y = _patched(transform.patches, x, y)
    return (x - transform.x0) * transform.sx, (transform.y0 - y) * transform.sy


@kernel
def bounds(transform: Any, box: Any) -> tuple[float, float, float, float]:
    """Left, top, right, bottom in tile units round a box (4,) of columns' units, never too small."""
    left, bottom = place(transform, box[0], box[1])
    right, top = place(transform, box[2], box[3])
    if transform.kind == PATCHED:
        ax, ay = place(transform, box[0], box[3])
        bx, by = place(transform, box[2], box[1])
        # A function leaves what its corners span by an eighth of its second derivatives at most.
        wide, high = (box[2] - box[0]) * 1e-7, (box[3] - box[1]) * 1e-7
        bend = transform.patches.bend
        sag = (bend[0] * wide * wide + bend[1] * high * high) / 8.0
        left, right = (
            min(left, right, ax, bx) - sag * transform.sx,
            max(left, right, ax, bx) + sag * transform.sx,
        )
        top, bottom = (
            min(top, bottom, ay, by) - sag * transform.sy,
            max(top, bottom, ay, by) + sag * transform.sy,
        )
    return left, top, right, bottom


@kernel
def _patched(patches: Any, lon: float, lat: float) -> tuple[float, float]:
    """X and Y of degrees; outside the patches those at the edge go on."""
    across, up = (lon - patches.west) / patches.step, (lat - patches.south) / patches.step
    column = min(max(int(across), 0), patches.columns - 1)
    row = min(max(int(up), 0), patches.rows - 1)
    u, v = across - column, up - row
    c = patches.coefficients[row * patches.columns + column]
    x = y = 0.0
    for i in range(3, -1, -1):
        x = x * u + (c[0, i, 0] + v * (c[0, i, 1] + v * (c[0, i, 2] + v * c[0, i, 3])))
        y = y * u + (c[1, i, 0] + v * (c[1, i, 1] + v * (c[1, i, 2] + v * c[1, i, 3])))
    return x, y
