"""Whether polygons are too small to be seen, so that drawing each would only be noise."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from tiles.columns import SCALE, Columns
from tiles.coverage import areas_of
from tiles.plane import TILE_PIXELS


class Sieve:
    """Tells at which zooms half of the polygons of columns, or more, are smaller than a pixel.

    Each exterior ring counts, its holes do not: parts of one feature are seen or not by themselves.
    """

    def __init__(self, columns: Columns) -> None:
        self.columns = columns

    def are_specks(self, zoom: int) -> bool:
        """Whether half of the polygons or more are smaller than a pixel of a zoom."""
        return self._median < (360.0 / (1 << zoom) / TILE_PIXELS) ** 2

    @cached_property
    def _median(self) -> float:
        """The area in the plane of Web Mercator, in the square of degrees of longitude."""
        columns = self.columns
        outer = columns.path_outer == 1
        areas = np.abs(areas_of(columns)[outer])
        # Small beside the earth, a polygon is in the plane as it is in degrees but for one factor, its latitude's.
        lat = np.radians(columns.xy[columns.path_start[:-1][outer], 1] * SCALE)
        return float(np.median(areas / np.cos(lat)))
