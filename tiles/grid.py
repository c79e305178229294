"""Tile matrix sets: which tiles there are, where each lies, which of them hold data (OGC 17-083r4, TMS 2.0).

column 0   1   2   3      Row 0 is on top. A tile is addressed by matrix, row and column, in the order of OGC
row 0  +---+---+---+---+  API Tiles; `lonlat_box` gives its place in degrees, x = lon, y = lat, whatever the
    1  |   |   |   |   |  axis order of the set's CRS.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import morecantile

from tiles.projection import GEOGRAPHIC, MERCATOR, Transform

#: The sets by id: how kernels project to them, and the columns of matrix 0, which has one row. A set in
#: another CRS needs a kind of projection of its own.
SETS = {"WebMercatorQuad": (MERCATOR, 1), "WorldCRS84Quad": (GEOGRAPHIC, 2)}
#: The latitude at which the square of spherical Mercator ends.
MERCATOR_LAT = 85.0511287798066

Box = tuple[float, float, float, float]


class OutsideError(LookupError):
    """A tile address that the set, or the data's limits, do not have."""


@dataclass(frozen=True, slots=True)
class TileMatrixLimits:
    """The rows and columns of one matrix that hold data, both ends included."""

    zoom: int
    min_row: int
    max_row: int
    min_col: int
    max_col: int

    def contains(self, row: int, col: int) -> bool:
        """Whether a tile is within the limits."""
        return self.min_row <= row <= self.max_row and self.min_col <= col <= self.max_col

    def as_json(self) -> dict[str, Any]:
        """The limits as TMS 2.0, 7.2 writes them."""
        return {
            "tileMatrix": str(self.zoom),
            "minTileRow": self.min_row,
            "maxTileRow": self.max_row,
            "minTileCol": self.min_col,
            "maxTileCol": self.max_col,
        }


@dataclass(frozen=True)
class TileMatrixSet:
    """A quad tree of tiles in one CRS. Made by `get`; asking it costs no look-up of the library's."""

    id: str
    kind: int
    columns: int
    document: dict[str, Any]
    max_zoom: int
    min_zoom: int = 0

    @cached_property
    def crs(self) -> str:
        """The URI of the set's CRS."""
        return str(self.document["crs"])

    def matrix(self, zoom: int) -> tuple[int, int]:
        """Columns and rows of a matrix."""
        if not self.min_zoom <= zoom <= self.max_zoom:
            raise OutsideError(f"{self.id} has no tile matrix {zoom}")
        return self.columns << zoom, 1 << zoom

    def contains(self, zoom: int, row: int, col: int) -> bool:
        """Whether the set has that tile."""
        if not self.min_zoom <= zoom <= self.max_zoom:
            return False
        columns, rows = self.matrix(zoom)
        return 0 <= row < rows and 0 <= col < columns

    def transform(self, zoom: int, row: int, col: int, extent: int = 4096) -> Transform:
        """How kernels come from degrees to a tile's units; OutsideError when the set has no such tile."""
        if not self.contains(zoom, row, col):
            raise OutsideError(f"{self.id} has no tile {zoom}/{row}/{col}")
        columns, rows = self.matrix(zoom)
        x0, sx = col * 360 / columns - 180, columns * extent / 360
        if self.kind == MERCATOR:
            turn = 2 * math.pi / rows
            return Transform(MERCATOR, x0, math.pi - row * turn, sx, extent / turn)
        return Transform(GEOGRAPHIC, x0, 90 - row * 180 / rows, sx, rows * extent / 180)

    def lonlat_box(self, zoom: int, row: int, col: int, margin: float = 0.0) -> Box:
        """West, south, east, north in degrees of a tile grown on each side by `margin` tiles."""
        columns, rows = self.matrix(zoom)
        west = (col - margin) * 360 / columns - 180
        east = (col + 1 + margin) * 360 / columns - 180
        return west, self._lat(row + 1 + margin, rows), east, self._lat(row - margin, rows)

    def limits(self, extent: Box, min_zoom: int, max_zoom: int) -> tuple[TileMatrixLimits, ...]:
        """The limits of each matrix for data within west, south, east, north in degrees."""
        west, south, east, north = extent
        found = []
        for zoom in range(max(min_zoom, self.min_zoom), min(max_zoom, self.max_zoom) + 1):
            columns, rows = self.matrix(zoom)
            left, right = ((lon + 180) / 360 * columns for lon in (west, east))
            top, bottom = (self._row(lat, rows) for lat in (north, south))
            across = _index(left, columns), _index(right, columns)
            found.append(TileMatrixLimits(zoom, _index(top, rows), _index(bottom, rows), *across))
        return tuple(found)

    def _lat(self, row: float, rows: int) -> float:
        """The latitude of a row's upper edge."""
        if self.kind == GEOGRAPHIC:
            return 90 - row * 180 / rows
        return math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * row / rows))))

    def _row(self, lat: float, rows: int) -> float:
        """The row, and how far down in it, of a latitude."""
        if self.kind == GEOGRAPHIC:
            return (90 - lat) / 180 * rows
        lat = min(max(lat, -MERCATOR_LAT), MERCATOR_LAT)
        return (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * rows


@cache
def get(name: str) -> TileMatrixSet:
    """The set of that id or KeyError; read once, since the library copies a whole set on each look-up."""
    kind, columns = SETS[name]
    definition = morecantile.tms.get(name)
    document = definition.model_dump(mode="json", by_alias=True, exclude_none=True)
    return TileMatrixSet(name, kind, columns, document, definition.maxzoom, definition.minzoom)


def _index(position: float, count: int) -> int:
    return min(max(math.floor(position), 0), count - 1)
