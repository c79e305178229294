"""Columns: one layer at one level of detail as flat arrays, the only road from a geometry to a tile.

A row is one feature's geometry of one kind; rows lie in Hilbert order, 256 to a block. Offsets are
cumulative: item i of a block, row, path or field is  start[i] : start[i + 1]:

block_row   0 ---------------- 256 -------- ...      bounds of a block cover its rows
row_path    0 -- 1 ------ 4 -- 5 ---------- ...      a polygon's exterior comes before its holes
path_start  0 -- 17 -- 40 ----- ...                  vertices; rings are closed (first = last)
xy          lon, lat as int32, 1e-7 degree a unit

Arrays are read-only: columns are shared by all threads of a worker and by every tile that is made from them.
Attribute values are encoded as MVT messages once, here, and only copied when a tile is made.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from tiles import hilbert
from tiles.values import Attribute, coded

__all__ = ["SCALE", "Attribute", "Columns", "build"]

#: Degrees of one unit of `Columns.xy`: 1.1 cm on the ground.
SCALE = 1e-7
DECIMALS = 7
#: What int32 spans at that scale, rounded down. Sound longitudes end at 180; this is only where numbers do.
FARTHEST = 214.0
BLOCK_ROWS = 256
POINT, LINE, POLYGON = 1, 2, 3

#: Kind of a row by shapely's type id: point, line string, ring, polygon.
_KIND = np.array([POINT, LINE, LINE, POLYGON], dtype=np.uint8)


class Columns(NamedTuple):
    """See the drawing above; v vertices, p paths, r rows, b blocks, f fields, n distinct values."""

    xy: NDArray[np.int32]  # (v, 2) lon, lat
    path_start: NDArray[np.int64]  # (p + 1,)
    path_outer: NDArray[np.uint8]  # (p,) 0 for a hole, else 1
    row_path: NDArray[np.int64]  # (r + 1,)
    row_kind: NDArray[np.uint8]  # (r,) MVT GeomType: 1 point, 2 line, 3 polygon
    row_bounds: NDArray[np.int32]  # (r, 4) xmin, ymin, xmax, ymax
    row_id: NDArray[np.uint64]  # (r,) MVT feature id
    row_feature: NDArray[np.int64]  # (r,) index of the feature, or of the first of those that the row unites
    block_row: NDArray[np.int64]  # (b + 1,)
    block_bounds: NDArray[np.int32]  # (b, 4)
    codes: NDArray[np.int32]  # (f, r) index of the value among its field's, -1 for null
    field_value: NDArray[np.int64]  # (f + 1,) first value of each field
    value_start: NDArray[np.int64]  # (n + 1,) bytes of each value
    value_bytes: NDArray[np.uint8]  # Layer.values entries, tag and length included
    key_start: NDArray[np.int64]  # (f + 1,)
    key_bytes: NDArray[np.uint8]  # Layer.keys entries, tag and length included

    @property
    def vertices(self) -> int:
        """How many vertices all rows have together."""
        return len(self.xy)


def build(
    geometry: NDArray[np.object_],
    ids: NDArray[np.uint64],
    attributes: Sequence[Attribute],
    features: NDArray[np.int64] | None = None,
) -> Columns:
    """Lay out features as columns; equal features in equal order give equal columns.

    Parameters
    ----------
    geometry : (n,) shapely geometries in degrees, x = lon, y = lat; null and empty ones get no row, and a
        collection of several kinds gets a row for each, under one id
    ids : (n,) MVT feature ids
    attributes : the fields, each with n values
    features : (n,) what `Columns.row_feature` says of each, by default its place in this order

    Raises
    ------
    ValueError : a coordinate is no number that int32 can hold
    TypeError : an attribute value is none that a tile can hold
    """
    parts, feature, kind = _parts_by_row(geometry)
    first = _run_starts(feature * 4 + kind)
    row_feature, row_kind = feature[first], kind[first]
    paths, part_of, path_outer = _paths(parts)
    xy, path_of = shapely.get_coordinates(paths, return_index=True)
    part_path = offsets(np.bincount(part_of, minlength=len(parts)))
    units, path_start = _units(xy), offsets(np.bincount(path_of, minlength=len(paths)))
    row_path = part_path[np.append(first, len(parts))]
    # From the vertices: to shapely a polygon's bounds are its exterior's, even when a faulty hole is outside.
    row_bounds = bounds_of(units, units, path_start[row_path[:-1]])
    block_row = np.append(np.arange(0, len(row_kind), BLOCK_ROWS), len(row_kind))
    fields = [coded(attribute.values) for attribute in attributes]
    columns = Columns(
        xy=units,
        path_start=path_start,
        path_outer=path_outer,
        row_path=row_path,
        row_kind=row_kind,
        row_bounds=row_bounds,
        row_id=np.asarray(ids, dtype=np.uint64)[row_feature],
        row_feature=row_feature if features is None else np.asarray(features, dtype=np.int64)[row_feature],
        block_row=block_row.astype(np.int64),
        block_bounds=bounds_of(row_bounds[:, :2], row_bounds[:, 2:], block_row[:-1]),
        codes=_stacked([field.codes[row_feature] for field in fields], len(row_feature)),
        field_value=offsets([len(field.distinct) for field in fields]),
        **_joined("value", [value for field in fields for value in field.distinct]),
        **_joined("key", [attribute.key for attribute in attributes]),
    )
    return frozen(columns)


def with_paths(columns: Columns, xy: NDArray[np.int32], path_start: NDArray[np.int64]) -> Columns:
    """The same rows with other vertices, at least one a path; rows stay in their order."""
    row_bounds = bounds_of(xy, xy, path_start[columns.row_path[:-1]])
    block_bounds = bounds_of(row_bounds[:, :2], row_bounds[:, 2:], columns.block_row[:-1])
    return frozen(
        columns._replace(xy=xy, path_start=path_start, row_bounds=row_bounds, block_bounds=block_bounds)
    )


def frozen(columns: Columns) -> Columns:
    """The same columns, whose arrays nobody can write to."""
    for array in columns:
        array.flags.writeable = False
    return columns


def _parts_by_row(
    geometry: NDArray[np.object_],
) -> tuple[NDArray[np.object_], NDArray[np.int64], NDArray[np.uint8]]:
    """All points, lines and polygons, with feature and kind; those of one row together, rows in order.

    A row's place on the Hilbert curve is that of its bounds' centre; rows at one place follow the features.
    """
    parts, feature = _simple_parts(geometry)
    kind = _KIND[shapely.get_type_id(parts)]
    order = np.lexsort((kind, feature))
    parts, feature, kind = parts[order], feature[order], kind[order]
    first = _run_starts(feature * 4 + kind)
    corners = shapely.bounds(parts).reshape(-1, 4)
    bounds = bounds_of(corners[:, :2], corners[:, 2:], first)
    centre = (bounds[:, :2] + bounds[:, 2:]) / 2
    sizes = np.diff(np.append(first, len(parts)))
    place = np.repeat(hilbert.position(centre[:, 0], centre[:, 1]), sizes)
    order = np.lexsort((kind, feature, place))
    return parts[order], feature[order], kind[order]


def _simple_parts(geometry: NDArray[np.object_]) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """Points, lines and polygons of all features, collections taken apart, and the feature of each."""
    kept = np.flatnonzero(~(shapely.is_missing(geometry) | shapely.is_empty(geometry)))
    parts, index = shapely.get_parts(np.asarray(geometry, dtype=object)[kept], return_index=True)
    feature = kept[index]
    # A collection may hold multi kinds and collections again.
    while (nested := shapely.get_type_id(parts) >= len(_KIND)).any():
        inner, index = shapely.get_parts(parts[nested], return_index=True)
        at = np.concatenate([np.flatnonzero(~nested), np.flatnonzero(nested)[index]])
        order = np.argsort(at, kind="stable")
        parts = np.concatenate([parts[~nested], inner])[order]
        feature = np.concatenate([feature[~nested], feature[nested][index]])[order]
    full = ~shapely.is_empty(parts)
    return parts[full], feature[full].astype(np.int64)


def _paths(parts: NDArray[np.object_]) -> tuple[NDArray[np.object_], NDArray[np.int64], NDArray[np.uint8]]:
    """Rings, lines and points, the part each belongs to, and whether it bounds from outside."""
    polygon = shapely.get_type_id(parts) == 3
    rings, ring_of = shapely.get_rings(parts[polygon], return_index=True)
    at = np.concatenate([np.flatnonzero(polygon)[ring_of], np.flatnonzero(~polygon)]).astype(np.int64)
    order = np.argsort(at, kind="stable")
    paths, part = np.concatenate([rings, parts[~polygon]])[order], at[order]
    outer = np.zeros(len(paths), dtype=np.uint8)
    outer[_run_starts(part)] = 1
    return paths, part, outer


def _units(degrees: NDArray[np.float64]) -> NDArray[np.int32]:
    """Degrees as int32 units; ValueError for what is none."""
    sound = np.abs(degrees) <= FARTHEST  # false for NaN
    if not sound.all():
        raise ValueError(f"not a coordinate in degrees: {degrees[~sound][0]}, expected at most {FARTHEST}")
    return np.ascontiguousarray(np.rint(degrees / SCALE).astype(np.int32))


def _run_starts(keys: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where runs of equal keys begin."""
    return np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]])[: len(keys)])


def bounds_of[Number: np.generic](
    low: NDArray[Number], high: NDArray[Number], first: NDArray[np.int64]
) -> NDArray[Number]:
    """Bounds (m, 4) of m runs of corners (n, 2), which begin at `first`."""
    if not len(first):
        return np.empty((0, 4), dtype=low.dtype)
    both = np.minimum.reduceat(low, first, axis=0), np.maximum.reduceat(high, first, axis=0)
    return np.ascontiguousarray(np.hstack(both))


def offsets(sizes: Sequence[int] | NDArray[Any]) -> NDArray[np.int64]:
    """Where each of several stretches begins, and where the last ends."""
    return np.concatenate([[0], np.cumsum(np.asarray(sizes, dtype=np.int64))]).astype(np.int64)


def _stacked(codes: list[NDArray[np.int32]], rows: int) -> NDArray[np.int32]:
    return np.concatenate([np.empty(0, dtype=np.int32), *codes]).reshape(len(codes), rows)


def _joined(name: str, messages: list[bytes]) -> dict[str, Any]:
    return {
        f"{name}_start": offsets([len(message) for message in messages]),
        f"{name}_bytes": np.frombuffer(b"".join(messages), dtype=np.uint8),
    }
