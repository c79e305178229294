"""From columns' degrees to tile units: x to the right, y down, (0, 0) the tile's upper left corner.

lon, lat (1e-7 degree)  ->  X = lon, Y = lat or asinh(tan lat)  ->  px = (X - x0) sx,  py = (y0 - Y) sy

Spherical Mercator's Y is the only one that is not linear (EPSG Guidance Note 7-2, Popular Visualisation
Pseudo Mercator, on the unit sphere); sets in degrees are plain scaling. A new kind of projection is a number
here, a branch in `column` or `row`, and a row in `grid`'s table.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from tiles.kernel import kernel

GEOGRAPHIC, MERCATOR = 0, 1
#: Mercator has no poles; beyond this latitude everything lies on one line, far outside the set's square.
POLEWARD = 89.9


class Transform(NamedTuple):
    """One tile's place: kind of projection, origin in degrees or radians of Y, units a degree or radian."""

    kind: int
    x0: float
    y0: float
    sx: float
    sy: float


@kernel
def column(transform: Any, lon: int) -> float:
    """Tile units to the right of the tile's left edge."""
    return float((lon * 1e-7 - transform.x0) * transform.sx)


@kernel
def row(transform: Any, lat: int) -> float:
    """Tile units below the tile's upper edge."""
    y = lat * 1e-7
    if transform.kind == MERCATOR:
        s = math.sin(math.radians(min(max(y, -POLEWARD), POLEWARD)))
        y = 0.5 * math.log((1.0 + s) / (1.0 - s))  # asinh(tan lat) with one call less
    return float((transform.y0 - y) * transform.sy)
