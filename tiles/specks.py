"""Whether polygons are too small to be seen, so that drawing each would only be noise."""

from __future__ import annotations

import numpy as np

from tiles.columns import Columns
from tiles.coverage import in_plane

#: Pixels along the edge of a tile as clients draw it, in units of CSS.
TILE_PIXELS = 512


def are_specks(columns: Columns, zoom: int) -> bool:
    """Whether half of the polygons, or more, are smaller than a pixel of a zoom.

    Each exterior ring counts, its holes do not: parts of one feature are seen or not by themselves.
    """
    outer = columns.path_outer == 1
    if not outer.any():
        return False
    x, y = in_plane(columns.xy).T
    # Whole degrees off, or areas of some metres would drown in the rounding of large products.
    x, y = x - np.floor(x[0]), y - np.floor(y[0])
    across = np.append(x[:-1] * y[1:] - x[1:] * y[:-1], 0.0)
    across[columns.path_start[1:] - 1] = 0.0  # from the end of one ring to the start of the next
    areas = np.abs(np.add.reduceat(across, columns.path_start[:-1])[outer]) / 2.0
    return bool(np.median(areas) < (360.0 / (1 << zoom) / TILE_PIXELS) ** 2)
