"""Tiles as others would make them: features as published, places by PROJ, clipping by GEOS, numbers by numpy.

What is shared with the product are the manifest (which level serves a tile matrix) and, where a level was
generalised or thinned, its column file, read here by its offsets alone. Everything is done for many tiles at once.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pyproj
import shapely
from mapbox_vector_tile.Mapbox import vector_tile_pb2

from releases.manifest import PublishedLayer, PublishedLevel
from releases.release import Release
from tiles import columnfile
from tiles.featureid import tile_id
from tiles.grid import TileMatrixSet

Array = np.ndarray[Any, Any]
EXTENT, BUFFER = 4096, 64
POINT, LINE, POLYGON = 1, 2, 3


class Rows(NamedTuple):
    """Geometry of one kind of a feature, one row each: its place in the order of ids, its number in tiles."""

    feature: Array
    number: Array
    kind: Array
    geometry: Array


class Tile(NamedTuple):
    """A tile by its matrix's place in the set, and its square in the plane of the set."""

    zoom: int
    row: int
    col: int


class Found(NamedTuple):
    """The features of some tiles by a plain reading of the specification: f features, k paths, v vertices.

    Paths of polygons are open here: ClosePath repeats no vertex.
    """

    tile: Array  # (f,) index of the tile
    id: Array  # (f,)
    kind: Array  # (f,)
    properties: list[dict[str, Any]]
    feature_path: Array  # (f + 1,)
    path: Array  # (k + 1,) first vertex
    xy: Array  # (v, 2)


# -- what is published


@cache
def _documents(path: Any) -> tuple[dict[str, Any], ...]:
    return tuple(json.loads(line.strip(b"\x1e\n")) for line in path.read_bytes().splitlines())


def features(release: Release, layer: PublishedLayer) -> tuple[dict[str, Any], ...]:
    """All features of a layer in the order of ids, from the text that items are made of."""
    return _documents(release.path / layer.file)


def rows(release: Release, layer: PublishedLayer, level: PublishedLevel) -> Rows:
    """The rows of a level in degrees: of an exact one by the items themselves."""
    if level.generalised or level.reduction != "none":
        return read_columns(columnfile.read(release.path / level.file))
    found = [document["geometry"] for document in features(release, layer)]
    present = [at for at, geometry in enumerate(found) if geometry]
    shapes = shapely.from_geojson([json.dumps(found[at]) for at in present])
    parts, of = shapely.get_parts(shapes, return_index=True)
    while (shapely.get_type_id(parts) >= 4).any():
        parts, deeper = shapely.get_parts(parts, return_index=True)
        of = of[deeper]
    # Columns keep 1e-7 degree, and so does what is published: nothing is rounded here.
    kinds = shapely.get_dimensions(parts) + 1
    keys, row = np.unique(np.column_stack([np.array(present)[of], kinds]), axis=0, return_inverse=True)
    geometry = np.empty(len(keys), dtype=object)
    for kind, make in (
        (POINT, shapely.multipoints),
        (LINE, shapely.multilinestrings),
        (POLYGON, shapely.multipolygons),
    ):
        chosen = np.flatnonzero(kinds == kind)
        if len(chosen):
            order = chosen[np.argsort(row[chosen], kind="stable")]
            wanted = np.unique(row[order])
            geometry[wanted] = make(parts[order], indices=np.searchsorted(wanted, row[order]))
    numbers = np.array([tile_id(document["id"]) for document in features(release, layer)], np.uint64)
    return Rows(keys[:, 0], numbers[keys[:, 0]], keys[:, 1], geometry)


def read_columns(columns: Any) -> Rows:
    """The rows of columns in degrees."""
    geometry = np.empty(len(columns.row_kind), dtype=object)
    degrees = columns.xy / 1e7
    for r, kind in enumerate(columns.row_kind.tolist()):
        parts: list[Any] = []
        for p in range(columns.row_path[r], columns.row_path[r + 1]):
            path = degrees[columns.path_start[p] : columns.path_start[p + 1]]
            if kind != POLYGON:
                parts.append(path if kind == LINE else path[0])
            elif columns.path_outer[p]:
                parts.append((path, []))
            else:
                parts[-1][1].append(path)
        make = {POINT: shapely.MultiPoint, LINE: shapely.MultiLineString, POLYGON: shapely.MultiPolygon}[kind]
        geometry[r] = make(parts)
    return Rows(columns.row_feature, columns.row_id, columns.row_kind.astype(np.int64), geometry)


# -- where tiles lie


class Plane:
    """The plane of a tile matrix set by the numbers of its document and by PROJ."""

    def __init__(self, tms: TileMatrixSet) -> None:
        self.matrices = tms.document["tileMatrices"]
        self._swapped = str(tms.document["orderedAxes"][0]) in ("Lat", "N", "Y")
        crs = tms.document["crs"]
        self._project = pyproj.Transformer.from_crs(
            "EPSG:4490", crs if isinstance(crs, str) else crs["uri"], always_xy=True
        ).transform

    def projected(self, geometry: Array) -> Array:
        """Geometries in the plane, polygons made valid where projecting makes them meet themselves."""
        flat = shapely.transform(geometry, lambda xy: np.column_stack(self._project(xy[:, 0], xy[:, 1])))
        wrong = (shapely.get_dimensions(flat) == 2) & ~shapely.is_valid(flat)
        flat[wrong] = shapely.make_valid(flat[wrong], method="structure", keep_collapsed=False)
        return flat  # type: ignore[no-any-return]

    def corner(self, tiles: Array) -> tuple[Array, Array]:
        """Upper left corners (n, 2) of tiles (n, 3) and their sides (n,)."""
        origin = np.array([matrix["pointOfOrigin"] for matrix in self.matrices])[tiles[:, 0]]
        side = np.array([m["cellSize"] * m["tileWidth"] for m in self.matrices])[tiles[:, 0]]
        left_top = origin[:, ::-1] if self._swapped else origin
        return left_top + np.column_stack([tiles[:, 2], -tiles[:, 1]]) * side[:, None], side

    def boxes(self, tiles: Array, grown: float = BUFFER) -> Array:
        """The squares of tiles (n, 3), grown by units."""
        (left, top), side = self.corner(tiles)[0].T, self.corner(tiles)[1]
        more = side * grown / EXTENT
        return shapely.box(left - more, top - side - more, left + side + more, top + more)  # type: ignore[no-any-return]

    def tiles_at(self, zoom: int, xy: Array) -> Array:
        """The tiles (n, 3) of a matrix in which places lie."""
        (corner,), (side,) = self.corner(np.array([[zoom, 0, 0]]))
        col, row = np.floor((xy - corner) / side * [1, -1]).astype(np.int64).T
        return np.column_stack([np.full(len(xy), zoom), row, col])

    def in_units(self, geometry: Array, tiles: Array) -> Array:
        """Geometries (n,) in units of tiles (n, 3), y down."""
        xy, of = shapely.get_coordinates(geometry, return_index=True)
        corner, side = self.corner(tiles)
        units = (xy - corner[of]) * [1, -1] * (EXTENT / side[of])[:, None]
        return shapely.set_coordinates(geometry.copy(), units)  # type: ignore[no-any-return]

    def clipped(self, rows: Rows, flat: Array, tiles: Array) -> tuple[Array, Array, Array]:
        """Which tile, which row, and what of it is in the grown tile, in units: those that touch it, too."""
        boxes = self.boxes(tiles)
        at, row = shapely.STRtree(flat).query(boxes, predicate="intersects")
        pieces = np.empty(len(at), dtype=object)
        area = rows.kind[row] != LINE
        pieces[area] = shapely.intersection(flat[row[area]], boxes[at[area]])
        for tile in np.unique(at[~area]):
            # Overlay would cut lines where they cross themselves.
            mine = ~area & (at == tile)
            pieces[mine] = shapely.clip_by_rect(flat[row[mine]], *boxes[tile].bounds)
        return at, row, self.in_units(pieces, tiles[at])


# -- what tiles hold


def message(tile: bytes) -> Any:
    """A tile by the specification's own schema."""
    parsed = vector_tile_pb2.tile()
    parsed.ParseFromString(tile)
    return parsed


def read(tiles: list[bytes], name: str) -> Found:
    """Read tiles of one layer of that name, and hold them against what MVT 2.1 demands of every tile."""
    of, ids, kinds = [], [], []
    properties: list[dict[str, Any]] = []
    counts: list[int] = []
    paths: list[Array] = []
    for at, tile in enumerate(tiles):
        if not tile:
            continue
        [layer] = message(tile).layers
        assert (layer.version, layer.name, layer.extent) == (2, name, EXTENT)
        keys, values = list(layer.keys), [_value(value) for value in layer.values]
        assert len(set(keys)) == len(keys) and len(layer.features) > 0
        for feature in layer.features:
            tags = feature.tags
            pairs = {keys[tags[i]]: values[tags[i + 1]] for i in range(0, len(tags), 2)}
            assert 2 * len(pairs) == len(tags)  # no key twice, no half pair
            read = _paths(np.array(feature.geometry, dtype=np.int64), feature.type)
            of.append(at), ids.append(feature.id), kinds.append(feature.type)
            properties.append(pairs), counts.append(len(read))
            paths += read
    starts = np.concatenate([[0], np.cumsum([len(path) for path in paths])]).astype(np.int64)
    xy = np.concatenate([np.empty((0, 2), np.int64), *paths])
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    return Found(
        np.array(of, np.int64),
        np.array(ids, np.uint64),
        np.array(kinds, np.int64),
        properties,
        offsets,
        starts,
        xy,
    )


def _value(value: Any) -> Any:
    [(field, held)] = value.ListFields()  # exactly one (MVT 2.1, 4.1)
    return bool(held) if field.name == "bool_value" else held


def _paths(numbers: Array, kind: int) -> list[Array]:
    """The paths of a geometry in their order (MVT 2.1, 4.3); AssertionError where commands are not as they must be."""
    found: list[Array] = []
    cursor, at = np.zeros(2, np.int64), 0
    while at < len(numbers):
        assert numbers[at] & 7 == 1
        count = int(numbers[at] >> 3)
        assert count > 0 and (kind == POINT or count == 1)
        path, at = _moves(numbers, at + 1, count, cursor)
        if kind != POINT:
            assert numbers[at] & 7 == 2
            count = int(numbers[at] >> 3)
            assert count >= (1 if kind == LINE else 2)
            more, at = _moves(numbers, at + 1, count, path[-1])
            path = np.vstack([path, more])
        cursor = path[-1]
        if kind == POLYGON:
            assert numbers[at] == (7 | 1 << 3)
            at += 1
        found.append(path)
    assert found and (kind != POINT or len(found) == 1) and kind in (POINT, LINE, POLYGON)
    return found


def _moves(numbers: Array, at: int, count: int, cursor: Array) -> tuple[Array, int]:
    end = at + 2 * count
    zigzag = numbers[at:end].reshape(count, 2)
    return cursor + np.cumsum((zigzag >> 1) ^ -(zigzag & 1), axis=0), end


def areas(start: Array, xy: Array) -> Array:
    """The areas of open rings by the surveyor's formula."""
    x, y = xy.T.astype(np.float64)
    after = following(start)
    return np.add.reduceat(x * y[after] - x[after] * y, start[:-1]) / 2 if len(xy) else np.empty(0)


def following(start: Array) -> Array:
    """The index of the vertex after each, that after the last being the first of its path."""
    after = np.arange(1, start[-1] + 1)
    after[start[1:] - 1] = start[:-1]
    return after


def geometry(found: Found) -> Array:
    """The features of a reading as multi kinds: a ring of positive area begins a polygon (MVT 2.1, 4.3.3.3)."""
    out = np.empty(len(found.id), dtype=object)
    path_kind = np.repeat(found.kind, np.diff(found.feature_path))
    of_path = np.repeat(np.arange(len(found.id)), np.diff(found.feature_path))
    vertex_path = np.repeat(np.arange(len(path_kind)), np.diff(found.path))
    for kind, make in ((POINT, shapely.multipoints), (LINE, shapely.multilinestrings)):
        chosen, vertices = found.kind == kind, path_kind[vertex_path] == kind
        if chosen.any():
            if kind == POINT:
                parts, of = shapely.points(found.xy[vertices].astype(float)), of_path[vertex_path[vertices]]
            else:
                number = np.cumsum(path_kind == kind) - 1
                parts = shapely.linestrings(
                    found.xy[vertices].astype(float), indices=number[vertex_path[vertices]]
                )
                of = of_path[path_kind == kind]
            out[chosen] = make(parts, indices=(np.cumsum(chosen) - 1)[of])
    chosen, rings = found.kind == POLYGON, path_kind == POLYGON
    if chosen.any():
        vertices = rings[vertex_path]
        number = np.cumsum(rings) - 1
        made = shapely.linearrings(found.xy[vertices].astype(float), indices=number[vertex_path[vertices]])
        outer = areas(found.path, found.xy)[rings] > 0
        assert outer[np.searchsorted(np.flatnonzero(rings), found.feature_path[:-1][chosen])].all()
        # Of the rings of one index the first is the exterior.
        parts = shapely.polygons(made, indices=np.cumsum(outer) - 1)
        out[chosen] = shapely.multipolygons(parts, indices=(np.cumsum(chosen) - 1)[of_path[rings][outer]])
    return out
