"""From columns' degrees to tile units: x to the right, y down, (0, 0) the tile's upper left corner.

lon, lat (1e-7 degree)  ->  X, Y in the plane of the set  ->  px = (X - x0) sx,  py = (y0 - Y) sy

GEOGRAPHIC  X = lon, Y = lat                      degrees
MERCATOR    X = lon, Y = asinh(tan lat)           degrees and radians: spherical Mercator (EPSG Guidance Note 7-2,
                                                  Popular Visualisation Pseudo Mercator) on the unit sphere
PATCHED     X, Y from bicubic patches             any other projection, see `patches`

A row of some degrees' height is projected by the polynomial of its band: it equals the logarithm to the last bits and
takes a sixth of the time, since a processor computes it for several vertices at once.

south  --+-----+-----+-----+--  north       bands overlap by half: any row up to BAND high lies in one of them
           `---BAND---'
"""

from __future__ import annotations

import math
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tiles.kernel import leaf

GEOGRAPHIC, MERCATOR, PATCHED = 0, 1, 2
#: Mercator has no poles; beyond this latitude everything lies on one line, far outside the set's square.
POLEWARD = 89.9
#: Degrees from the middle of a band to its edge, and from one middle to the next; between which latitudes there are
#: bands (further on Y bends too much), and the degree of their polynomials.
BAND, BANDS_TO, DEGREE = 2.5, 60.0, 8
NO_BAND = -1


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


def _bands() -> NDArray[np.float64]:
    """Coefficients (bands, DEGREE + 1) by powers of (lat - middle) / BAND, interpolated at Chebyshev nodes."""
    nodes = np.cos((2 * np.arange(DEGREE + 1) + 1) * np.pi / (2 * DEGREE + 2))
    middles = np.arange(-BANDS_TO, BANDS_TO + BAND / 2, BAND)
    y = np.arcsinh(np.tan(np.radians(middles[:, None] + BAND * nodes)))
    return _frozen(np.ascontiguousarray(y @ np.linalg.inv(np.vander(nodes, increasing=True)).T))


_BANDS: Final = _bands()


@leaf
def band(transform: Any, box: Any) -> int:
    """The band that a box (4,) of columns' units lies in; NO_BAND where the plain formula is to be used."""
    if transform.kind != MERCATOR:
        return NO_BAND
    low, high = box[1] * 1e-7, box[3] * 1e-7
    found = math.floor(((low + high) / 2.0 + BANDS_TO) / BAND + 0.5)
    if not 0 <= found < len(_BANDS):
        return NO_BAND
    middle = found * BAND - BANDS_TO
    return found if middle - BAND <= low and high <= middle + BAND else NO_BAND


@leaf
def project(transform: Any, at: int, xy: Any, first: int, count: int, target: Any) -> None:
    """Tile units of `count` vertices from `first` on, all in band `at`, in `target` (n, 2), which is changed."""
    if at == NO_BAND:
        for i in range(count):
            target[i, 0], target[i, 1] = place(transform, xy[first + i, 0], xy[first + i, 1])
        return
    x0, sx, y0, sy = transform.x0, transform.sx, transform.y0, transform.sy
    c0, c1, c2, c3, c4, c5, c6, c7, c8 = _BANDS[at]
    middle = at * BAND - BANDS_TO
    for i in range(count):
        target[i, 0] = (xy[first + i, 0] * 1e-7 - x0) * sx
        w = (xy[first + i, 1] * 1e-7 - middle) * (1.0 / BAND)
        y = c0 + w * (c1 + w * (c2 + w * (c3 + w * (c4 + w * (c5 + w * (c6 + w * (c7 + w * c8)))))))
        target[i, 1] = (y0 - y) * sy


@leaf
def place(transform: Any, lon: int, lat: int) -> tuple[float, float]:
    """Tile units to the right of the tile's left edge and below its upper edge."""
    x, y = lon * 1e-7, lat * 1e-7
    if transform.kind == MERCATOR:
        s = math.sin(math.radians(min(max(y, -POLEWARD), POLEWARD)))
        y = 0.5 * math.log((1.0 + s) / (1.0 - s))  # asinh(tan lat) with one call less
    elif transform.kind == PATCHED:
        x, y = _patched(transform.patches, x, y)
    return (x - transform.x0) * transform.sx, (transform.y0 - y) * transform.sy


@leaf
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


@leaf
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
