"""Leave the first in rank where points crowd: one to a cell of a grid that each finer zoom parts in four.

+-------+-------+      The cells of zoom z + 1 are quarters of those of zoom z. Whoever is first in a cell is so in
|  2    | .   . |      its quarter too, so what is there at one zoom is there at every finer one.
|     . |   1   |
+-------+-------+
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import shapely
from numpy.typing import NDArray

from tiles import plane
from tiles.columns import SCALE
from tiles.plane import TILE_PIXELS

Order = Literal["ascending", "descending"] | tuple[str, ...]


def ranks(values: Sequence[Any] | NDArray[np.object_], order: Order) -> NDArray[np.int64]:
    """Ranks (n,) from 0, the best: by size, or by place in a list; null and what is not in the list come last."""
    if isinstance(order, tuple):
        place = {value: i for i, value in enumerate(order)}
        return np.array([place.get(str(value), len(place)) for value in values], dtype=np.int64)
    known = sorted({value for value in values if value is not None}, reverse=order == "descending")
    place = {value: i for i, value in enumerate(known)}
    return np.array([place.get(value, len(place)) for value in values], dtype=np.int64)


def kept(points: NDArray[np.object_], rank: NDArray[np.int64], zoom: int, pixels: int) -> NDArray[np.int64]:
    """Indices (ascending) of the features that are the first in rank of their cell, the first of equal ones.

    Parameters
    ----------
    points : (n,) in degrees; null and empty ones are not kept. Several points stand where their middle is
    rank : (n,) the least is the first
    zoom, pixels : a cell is so many of the 512 pixels wide that a tile of this zoom has; a power of two
    """
    there = np.flatnonzero(~(shapely.is_missing(points) | shapely.is_empty(points)))
    if not len(there):
        return there
    bounds = shapely.bounds(points[there])
    middle = (bounds[:, :2] + bounds[:, 2:]) / 2
    places = plane.of_units(np.rint(middle / SCALE).astype(np.int32))
    side = 360.0 / (1 << zoom) * pixels / TILE_PIXELS
    column, row = np.floor((places + 180.0) / side).astype(np.int64).T
    order = np.lexsort((there, rank[there], row, column))
    first = np.r_[True, (np.diff(column[order]) != 0) | (np.diff(row[order]) != 0)]
    return np.sort(there[order[first]])
