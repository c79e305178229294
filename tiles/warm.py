"""Compile or load every kernel before the first request, for arrays in memory and for those mapped read-only."""

from __future__ import annotations

import numpy as np
import shapely

from tiles import grid, mvt, search
from tiles.columns import Attribute, Columns, build


def warm() -> None:
    """Encode a tiny tile with columns of both kinds; numba then has code for every call that a server makes."""
    shapes = np.array(
        [
            shapely.Point(0, 0),
            shapely.LineString([(0, 0), (1, 1)]),
            shapely.box(-1, -1, 1, 1),
        ],
        dtype=object,
    )
    columns = build(shapes, np.arange(3, dtype=np.uint64), [Attribute("name", ["a", None, 1])])
    sets = grid.get("WebMercatorQuad")
    for variant in (columns, _read_only(columns)):
        rows = search.rows(variant, sets.lonlat_box(0, 0, 0))
        mvt.encode_layer("warm", variant, rows, sets.transform(0, 0, 0))


def _read_only(columns: Columns) -> Columns:
    def frozen(array: np.ndarray) -> np.ndarray:  # type: ignore[type-arg]
        view = array.view()
        view.flags.writeable = False
        return view

    return Columns(*(frozen(array) for array in columns))
