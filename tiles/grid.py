"""Tile matrix sets at work: which tiles there are, where each lies, which of them hold data (OGC 17-083r4, TMS 2.0).

column 0   1   2   3      Row 0 is on top. A tile is addressed by matrix, row and column, in the order of OGC
row 0  +---+---+---+---+  API Tiles; `lonlat_box` gives its place in degrees, x = lon, y = lat, whatever the
    1  |   |   |   |   |  axis order of the set's CRS.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, Final, NamedTuple

import morecantile
import numpy as np
import pyproj
from numpy.typing import NDArray
from pyproj.exceptions import ProjError

from tiles import patches, sets
from tiles.projection import GEOGRAPHIC, MERCATOR, NO_PATCHES, PATCHED, Patches, Transform
from tiles.sets import METRES_PER_DEGREE, UnusableError

#: Radius of spherical Mercator, and the latitude at which its square ends.
RADIUS: Final = 6_378_137.0
MERCATOR_LAT: Final = 85.0511287798066
#: Spherical Mercator needs none; for it and for degrees the domain is the world.
WORLD: Final = (-180.0, -90.0, 180.0, 90.0)
#: Points along an edge by which curved boxes are measured, and how much a box of degrees grows for what lies between.
_SAMPLES, _GROWTH = 9, 0.01

Box = tuple[float, float, float, float]
Array = NDArray[np.float64]


class OutsideError(LookupError):
    """A tile address that the set, or the data's limits, do not have."""


class Matrix(NamedTuple):
    """One tile matrix: its upper left corner and a tile's side in units of the CRS, x before y, and its size.

    `detail` is the zoom of WebMercatorQuad whose tile units are as fine as this matrix's or just finer.
    """

    id: str
    left: float
    top: float
    side: float
    columns: int
    rows: int
    detail: int


@dataclass(frozen=True, slots=True)
class TileMatrixLimits:
    """The rows and columns of one matrix that hold data, both ends included; `zoom` is the matrix's place."""

    zoom: int
    matrix: str
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
            "tileMatrix": self.matrix,
            "minTileRow": self.min_row,
            "maxTileRow": self.max_row,
            "minTileCol": self.min_col,
            "maxTileCol": self.max_col,
        }


@dataclass(frozen=True)
class TileMatrixSet:
    """A set of tile matrices in one CRS, from coarse to fine. Made by `get`; asking it costs no look-up.

    A matrix is named by its place in the set, `zoom`; its id in addresses, `matrix_id`, may be another. `domain`
    (west, south, east, north in degrees) is where the data may lie: tiles elsewhere exist and are empty.
    """

    id: str
    kind: int
    matrices: tuple[Matrix, ...]
    document: dict[str, Any]
    projection: pyproj.CRS
    domain: Box
    patches: Patches = NO_PATCHES
    min_zoom: int = 0

    @cached_property
    def crs(self) -> str:
        """The CRS as the document writes it: a URI, or what else an operator's own set has."""
        written = self.document["crs"]
        return str(written if isinstance(written, str) else written.get("uri", written))

    @property
    def uri(self) -> str | None:
        """The URI of the definition, None for a set that no register has."""
        return self.document.get("uri")

    @property
    def max_zoom(self) -> int:
        """The place of the finest matrix."""
        return len(self.matrices) - 1

    @cached_property
    def _places(self) -> dict[str, int]:
        return {matrix.id: zoom for zoom, matrix in enumerate(self.matrices)}

    def zoom_of(self, matrix_id: str) -> int:
        """The place of a matrix by its id; OutsideError when the set has none of that id."""
        try:
            return self._places[matrix_id]
        except KeyError:
            raise OutsideError(f"{self.id} has no tile matrix {matrix_id!r}") from None

    def matrix_id(self, zoom: int) -> str:
        """The id of a matrix by its place."""
        return self._matrix(zoom).id

    def detail(self, zoom: int) -> int:
        """The zoom of WebMercatorQuad whose detail the tiles of a matrix need."""
        return self._matrix(zoom).detail

    def places(self, min_detail: int, max_detail: int) -> list[int]:
        """The places of the matrices of these details, from coarse to fine."""
        return [zoom for zoom, one in enumerate(self.matrices) if min_detail <= one.detail <= max_detail]

    def matrix(self, zoom: int) -> tuple[int, int]:
        """Columns and rows of a matrix."""
        matrix = self._matrix(zoom)
        return matrix.columns, matrix.rows

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
        matrix = self.matrices[zoom]
        left, top = matrix.left + col * matrix.side, matrix.top - row * matrix.side
        scale = extent / matrix.side
        if self.kind == MERCATOR:
            degree = math.radians(RADIUS)
            return Transform(MERCATOR, left / degree, top / RADIUS, scale * degree, scale * RADIUS)
        return Transform(self.kind, left, top, scale, scale, self.patches)

    def lonlat_box(self, zoom: int, row: int, col: int, margin: float = 0.0) -> Box:
        """West, south, east, north in degrees of a tile grown on each side by `margin` tiles.

        Of a set whose tiles are curved in degrees, a box round the part within the domain; OutsideError when
        the tile has none.
        """
        matrix = self._matrix(zoom)
        left, right = (matrix.left + (col + edge) * matrix.side for edge in (-margin, 1 + margin))
        top, bottom = (matrix.top - (row + edge) * matrix.side for edge in (-margin, 1 + margin))
        if self.kind == GEOGRAPHIC:
            return left, bottom, right, top
        if self.kind == MERCATOR:
            south, north = (math.degrees(math.atan(math.sinh(y / RADIUS))) for y in (bottom, top))
            return math.degrees(left / RADIUS), south, math.degrees(right / RADIUS), north
        return self._curved_box((left, bottom, right, top))

    def limits(self, extent: Box, min_detail: int, max_detail: int) -> tuple[TileMatrixLimits, ...]:
        """The limits of each matrix of these details, for data within west, south, east, north in degrees."""
        left, bottom, right, top = self._plane_box(extent)
        found = []
        for zoom in self.places(min_detail, max_detail):
            matrix = self.matrices[zoom]
            rows = (_index((matrix.top - y) / matrix.side, matrix.rows) for y in (top, bottom))
            cols = (_index((x - matrix.left) / matrix.side, matrix.columns) for x in (left, right))
            found.append(TileMatrixLimits(zoom, matrix.id, *rows, *cols))
        return tuple(found)

    def _matrix(self, zoom: int) -> Matrix:
        if not self.min_zoom <= zoom <= self.max_zoom:
            raise OutsideError(f"{self.id} has no tile matrix {zoom}")
        return self.matrices[zoom]

    def _plane_box(self, extent: Box) -> Box:
        """The box of degrees in the plane of the CRS: left, bottom, right, top."""
        west, south, east, north = extent
        if self.kind == GEOGRAPHIC:
            return extent
        if self.kind == MERCATOR:
            lats = (min(max(lat, -MERCATOR_LAT), MERCATOR_LAT) for lat in (south, north))
            bottom, top = (RADIUS * math.asinh(math.tan(math.radians(lat))) for lat in lats)
            return RADIUS * math.radians(west), bottom, RADIUS * math.radians(east), top
        left, bottom, right, top = _bounds(self._transformer.transform(*_net(extent)))
        # Between two points of the net a function leaves what they span by this much at most.
        bend, step = self.patches.bend, 1 / (_SAMPLES - 1)
        sag = float(bend[0] * ((east - west) * step) ** 2 + bend[1] * ((north - south) * step) ** 2) / 8
        return left - sag, bottom - sag, right + sag, top + sag

    @cached_property
    def _transformer(self) -> pyproj.Transformer:
        # To make one takes PROJ ten times as long as a tile takes us.
        return patches.transformer(self.projection)

    @cached_property
    def _domain_box(self) -> Box:
        return self._plane_box(self.domain)

    def _curved_box(self, tile: Box) -> Box:
        left, bottom, right, top = self._domain_box
        # Far from the domain a projection may have no way back.
        part = max(tile[0], left), max(tile[1], bottom), min(tile[2], right), min(tile[3], top)
        if part[0] > part[2] or part[1] > part[3]:
            raise OutsideError(f"no data can be in this tile of {self.id}")
        west, south, east, north = _bounds(self._transformer.transform(*_net(part), direction="INVERSE"))
        across, up = _GROWTH * (east - west), _GROWTH * (north - south)
        return west - across, south - up, east + across, north + up


@cache
def get(name: str, domain: Box = WORLD) -> TileMatrixSet:
    """The set of that id or KeyError; read once, since the library copies a whole set on each look-up.

    `domain` is where the data may lie: a set in a CRS other than degrees and spherical Mercator needs one.
    """
    return build(sets.document(name), domain)


def build(document: Mapping[str, Any], domain: Box) -> TileMatrixSet:
    """Make a set of its definition; UnusableError when it is none, or in a CRS that PROJ cannot follow."""
    definition = sets.parsed(document)
    crs = _crs(definition)
    kind = _kind(crs)
    matrices = tuple(
        _matrix(definition, place, crs.is_geographic) for place in range(len(definition.tileMatrices))
    )
    try:
        fitted = patches.fit(crs, domain) if kind == PATCHED else NO_PATCHES
    except (patches.RoughError, ProjError) as fault:
        raise UnusableError(f"{definition.id}: {fault}") from fault
    return TileMatrixSet(str(definition.id), kind, matrices, dict(document), crs, domain, fitted)


def _crs(definition: morecantile.TileMatrixSet) -> pyproj.CRS:
    crs = pyproj.CRS.from_wkt(definition.crs.to_wkt())
    if len(crs.axis_info) != 2 or not (crs.is_geographic or crs.is_projected):
        raise UnusableError(f"{definition.id}: {crs.name} has not two dimensions on the earth, expected two")
    return crs


def _kind(crs: pyproj.CRS) -> int:
    """The quickest projection that is exact: degrees of the release's own datum and spherical Mercator are plain."""
    if crs.to_epsg() == 3857:
        return MERCATOR
    plain = crs.to_epsg() in (4326, 4490) or crs.to_authority() == ("OGC", "CRS84")
    return GEOGRAPHIC if plain else PATCHED


def _matrix(definition: morecantile.TileMatrixSet, place: int, degrees: bool) -> Matrix:
    matrix = definition.tileMatrices[place]
    # Which of pointOfOrigin's numbers is x depends on the set's axes: the library knows.
    corner = definition.xy_bounds(morecantile.Tile(0, 0, int(matrix.id)))
    side = matrix.cellSize * matrix.tileWidth
    in_degrees = side if degrees else side / METRES_PER_DEGREE
    detail = max(math.ceil(math.log2(360 / in_degrees) - 1e-6), 0)
    return Matrix(
        str(matrix.id), corner.left, corner.top, side, matrix.matrixWidth, matrix.matrixHeight, detail
    )


def _net(box: Box) -> tuple[Array, Array]:
    """x and y of a net over a box."""
    x, y = np.meshgrid(np.linspace(box[0], box[2], _SAMPLES), np.linspace(box[1], box[3], _SAMPLES))
    return x.reshape(-1), y.reshape(-1)


def _bounds(xy: tuple[Array, Array]) -> Box:
    x, y = (np.asarray(values)[np.isfinite(values)] for values in xy)
    return float(x.min()), float(y.min()), float(x.max()), float(y.max())


def _index(position: float, count: int) -> int:
    return min(max(math.floor(position), 0), count - 1)
