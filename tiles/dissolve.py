"""Unite neighbours of one class where single polygons are too small to be seen, cell by cell of a grid.

+----+----+        Members of a group are all polygons of equal class values whose middle lies in one cell: a tile
|aab |aacc|        of Web Mercator at the level's largest zoom. They become one row with as many parts as they
|abb |acc |        hang together in. Not one row for the land: a tile would carry it whole. Polygons are not cut, and
+----+----+        no vertex is new, so what was a coverage is one still.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from tiles import featureid, plane
from tiles.columns import SCALE, Attribute, Columns, build


class Group(NamedTuple):
    """What a dissolved row stands for: its first member's feature, and the cell as column and row."""

    feature: int
    column: int
    row: int
    geometry: Any


def dissolved(
    layer: Columns, attributes: Sequence[Attribute], taken: NDArray[np.uint64], zoom: int
) -> Columns:
    """Unite the rows of a coverage that have equal attributes and lie in one cell.

    Parameters
    ----------
    layer : columns of polygons that meet in shared vertices and nowhere overlap; they may be dissolved already
    attributes : the class fields, each with the values of all features of the layer
    taken : numbers that tiles know features by, which no group may have
    zoom : of the tiles that are the cells

    Returns
    -------
    Columns with no other fields than those. A row's number is made from its place and its values, the same
    wherever they are; `row_feature` is the first of its members' features.
    """
    groups = list(_groups(layer, _classes(attributes, layer), zoom))
    features = np.array([group.feature for group in groups], dtype=np.int64)
    chosen = [attribute.take(features) for attribute in attributes]
    values = list(zip(*(attribute.values for attribute in chosen)))
    texts = [
        f"{zoom}/{group.row}/{group.column} {json.dumps(list(map(str, value)), ensure_ascii=False)}"
        for group, value in zip(groups, values)
    ]
    geometry = np.empty(len(groups), dtype=object)
    geometry[:] = [group.geometry for group in groups]
    return build(geometry, _numbers(texts, taken), chosen, features)


def _groups(layer: Columns, kind: NDArray[np.int64], zoom: int) -> Iterator[Group]:
    """The groups in the order of cells and classes."""
    column, row = cells(layer, zoom)
    order = np.lexsort((layer.row_feature, kind, row, column))
    sorted_rows = np.column_stack([column, row, kind])[order]
    starts = np.flatnonzero(np.r_[True, (np.diff(sorted_rows, axis=0) != 0).any(axis=1)])
    polygons, first = _polygons(layer)
    for members in np.split(order, starts[1:]):
        parts = np.concatenate([polygons[first[r] : first[r + 1]] for r in members.tolist()])
        lead = members[0]
        yield Group(
            int(layer.row_feature[lead]), int(column[lead]), int(row[lead]), shapely.coverage_union_all(parts)
        )


def _classes(attributes: Sequence[Attribute], layer: Columns) -> NDArray[np.int64]:
    """The number (r,) of the class of each row, from the values of its feature."""
    kind = np.zeros(len(layer.row_feature), dtype=np.int64)
    for attribute in attributes:
        values = np.asarray(attribute.values, dtype=object)[layer.row_feature]
        known: dict[Any, int] = {}
        code = np.fromiter(
            (known.setdefault((type(value), str(value)), len(known)) for value in values),
            dtype=np.int64,
            count=len(values),
        )
        kind = np.unique(kind * (len(known) + 1) + code, return_inverse=True)[1].astype(np.int64)
    return kind


def cells(layer: Columns, zoom: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The tile's column and row that the middle of each row's bounds lies in."""
    places = plane.of_units(
        ((layer.row_bounds[:, :2].astype(np.int64) + layer.row_bounds[:, 2:]) // 2).astype(np.int32)
    )
    side = 360.0 / (1 << zoom)
    return (
        np.floor((places[:, 0] + 180.0) / side).astype(np.int64),
        np.floor((180.0 - places[:, 1]) / side).astype(np.int64),
    )


def _polygons(layer: Columns) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """All polygons of the layer, and which is the first of each row (r + 1,)."""
    outer = np.flatnonzero(layer.path_outer)
    starts = layer.path_start, np.append(outer, len(layer.path_outer))
    polygons = shapely.from_ragged_array(shapely.GeometryType.POLYGON, layer.xy * SCALE, starts)
    return polygons, np.searchsorted(outer, layer.row_path)


def _numbers(texts: list[str], taken: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """A number for each text that is none of those taken: a click must not lead to what it is not."""
    numbers = featureid.tile_ids(texts)
    for i in np.flatnonzero(np.isin(numbers, taken)):
        while numbers[i] in taken:
            texts[i] += "."
            numbers[i] = featureid.tile_id(texts[i])
    return numbers
