"""What the tests of tiles share: a tile made of geometries, and three ways to look into it that are not ours."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import mapbox_vector_tile
import numpy as np
import pytest
import shapely
from mapbox_vector_tile.Mapbox import vector_tile_pb2
from shapely.geometry import shape

from tiles import coverage, grid, mvt, search
from tiles.columns import Attribute, Columns, build

Array = np.ndarray[Any, Any]


class Place(NamedTuple):
    """A tile of a set, as the tests' own arithmetic sees it."""

    zoom: int = 7
    row: int = 52
    col: int = 101
    extent: int = mvt.EXTENT
    buffer: int = mvt.BUFFER
    tms: str = "WebMercatorQuad"

    @property
    def box(self) -> Any:
        """The grown tile in its own units."""
        return shapely.box(-self.buffer, -self.buffer, self.extent + self.buffer, self.extent + self.buffer)

    @property
    def lonlat(self) -> tuple[float, float, float, float]:
        """West, south, east, north of the tile."""
        return grid.get(self.tms).lonlat_box(self.zoom, self.row, self.col)

    def units(self, geometry: Any) -> Any:
        """Geometry in degrees projected to tile units by formulas other than the kernel's."""
        scale = 2**self.zoom * self.extent

        def project(lonlat: Array) -> Array:
            lonlat = np.rint(lonlat * 1e7) / 1e7
            x = (lonlat[:, 0] + 180) / 360 * scale
            y = (1 - np.arcsinh(np.tan(np.radians(lonlat[:, 1]))) / np.pi) / 2 * scale
            if self.tms == "WorldCRS84Quad":
                x, y = 2 * x, (90 - lonlat[:, 1]) / 180 * scale
            return np.column_stack([x - self.col * self.extent, y - self.row * self.extent])

        return shapely.transform(geometry, project)

    def lonlats(self, x: float, y: float) -> tuple[float, float]:
        """The degrees of a place in units, in Web Mercator."""
        side = 2**self.zoom
        lon = (self.col + x / self.extent) / side * 360 - 180
        lat = np.degrees(np.arctan(np.sinh(np.pi * (1 - 2 * (self.row + y / self.extent) / side))))
        return lon, float(lat)


HERE = Place()


def array(*geometries: Any) -> Array:
    """An object array; numpy alone would take geometries apart."""
    out = np.empty(len(geometries), dtype=object)
    out[:] = geometries
    return out


def columns_of(geometry: Array, **fields: list[Any]) -> Columns:
    """Columns whose ids are 1, 2, 3 ..."""
    attributes = [Attribute(name, values) for name, values in fields.items()]
    return build(geometry, np.arange(1, len(geometry) + 1, dtype=np.uint64), attributes)


def is_coverage(geometry: Array) -> bool:
    """Whether geometries are a coverage, as the pyramid asks."""
    return coverage.is_coverage(columns_of(geometry), geometry)


def geometry_of(columns: Columns) -> Array:
    """The geometry of each row as a multi kind, by the order of features."""
    kinds = {1: shapely.MultiPoint, 2: shapely.MultiLineString}
    found = {}
    for r in range(len(columns.row_kind)):
        parts: list[Any] = []
        for p in range(columns.row_path[r], columns.row_path[r + 1]):
            path = columns.xy[columns.path_start[p] : columns.path_start[p + 1]] / 1e7
            if columns.row_kind[r] != 3:
                parts.append(path if columns.row_kind[r] == 2 else path[0])
            elif columns.path_outer[p]:
                parts.append((path, []))
            else:
                parts[-1][1].append(path)
        found[(columns.row_feature[r], r)] = kinds.get(columns.row_kind[r], shapely.MultiPolygon)(parts)
    return array(*(found[key] for key in sorted(found)))


def encoded(columns: Columns, place: Place = HERE) -> bytes:
    """The tile of columns at a place, the way a server makes it."""
    tms = grid.get(place.tms)
    rows = search.rows(columns, tms.lonlat_box(*place[:3], margin=place.buffer / place.extent))
    transform = tms.transform(*place[:3], place.extent)
    return mvt.encode_layer("layer", columns, rows, transform, place.extent, place.buffer)


def tile_of(geometry: Array, place: Place = HERE, **fields: list[Any]) -> bytes:
    """The tile of geometries and fields at a place."""
    return encoded(columns_of(geometry, **fields), place)


def decoded(tile: bytes) -> list[dict[str, Any]]:
    """The features as mapbox-vector-tile reads them, y down."""
    if not tile:
        return []
    found = mapbox_vector_tile.decode(tile, default_options={"y_coord_down": True})
    return found["layer"]["features"]  # type: ignore[no-any-return]


def message(tile: bytes) -> Any:
    """The first layer as the specification's own schema reads it."""
    parsed = vector_tile_pb2.tile()
    parsed.ParseFromString(tile)
    return parsed.layers[0]


def paths(feature: Any) -> Iterator[Array]:
    """The paths of a feature by a plain reading of MVT 2.1, 4.3; a ring ends with its first vertex."""
    numbers = iter(feature.geometry)
    at = np.zeros(2, dtype=np.int64)
    path: list[tuple[int, ...]] = []
    for command in numbers:
        name, count = command & 7, command >> 3
        if name == 7:
            assert count == 1
            path.append(path[0])
        for _ in range(count if name in (1, 2) else 0):
            if name == 1 and path:
                yield np.array(path)
                path = []
            at += [(number >> 1) ^ -(number & 1) for number in (next(numbers), next(numbers))]
            path.append(tuple(at.tolist()))
    yield np.array(path)


def surveyor(ring: Array) -> float:
    """The area of a closed ring by the surveyor's formula."""
    x, y = ring[:, 0], ring[:, 1]
    return float(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1])) / 2


def filled(feature: dict[str, Any]) -> Any:
    """What a renderer fills: each exterior less its holes (which may run along the tile's border)."""
    parts = []
    for polygon in shapely.get_parts(shape(feature["geometry"])):
        exterior = shapely.make_valid(shapely.Polygon(polygon.exterior))
        holes = shapely.union_all([shapely.make_valid(shapely.Polygon(ring)) for ring in polygon.interiors])
        parts.append(shapely.difference(exterior, holes))
    return shapely.union_all(parts)


@pytest.fixture(scope="session")
def mosaic() -> Array:
    """Polygons that tile the land around HERE and share all their vertices, on the grid of columns."""
    west, south, east, north = HERE.lonlat
    rng = np.random.default_rng(7)
    seeds = shapely.multipoints(rng.uniform([west - 1, south - 1], [east + 1, north + 1], (400, 2)))
    cells = shapely.get_parts(shapely.voronoi_polygons(seeds))
    return shapely.set_precision(cells, 1e-7)  # type: ignore[no-any-return]


@pytest.fixture(scope="session")
def rough(mosaic: Array) -> Array:
    """Cells of the mosaic with many more vertices on shared edges, wobbling as far as a coarse level sees."""

    def wobble(xy: Array) -> Array:
        phase = np.rint(xy * 1e6) @ np.array([[12.9898, 39.346], [78.233, 11.135]])
        return np.round(xy + 0.0004 * np.sin(phase), 7)

    edges = shapely.line_merge(shapely.union_all(shapely.boundary(mosaic)))  # each shared edge once
    wobbly = shapely.transform(shapely.segmentize(shapely.get_parts(edges), 0.002), wobble)
    cells = shapely.get_parts(shapely.polygonize(wobbly))[:150]
    assert shapely.coverage_is_valid(cells)
    return cells  # type: ignore[no-any-return]


@pytest.fixture(scope="session")
def star() -> Callable[[int], Any]:
    """A star-shaped polygon of so many vertices around the middle of HERE."""

    def star(vertices: int) -> Any:
        angle = np.linspace(0, 2 * np.pi, vertices + 1)[:-1]
        radius = 0.5 + 0.05 * np.sin(angle * 300)
        return shapely.Polygon(
            np.column_stack([105.4 + radius * np.cos(angle), 30.7 + radius * np.sin(angle)])
        )

    return star
