"""Compile or load every kernel before the first request."""

from __future__ import annotations

import numpy as np
import shapely

from tiles import grid, mvt, search
from tiles.columns import Attribute, Columns, build


def warm() -> None:
    """Encode a tiny tile twice; numba then has code for every call that a server makes.

    To numba, read-only and writable arrays are two types, each with code of its own. Columns that were built
    or mapped are read-only; a store that fills arrays of its own may hand over writable ones.
    """
    shapes = [shapely.Point(0, 0), shapely.LineString([(0, 0), (1, 1)]), shapely.box(-1, -1, 1, 1)]
    ids = np.arange(len(shapes), dtype=np.uint64)
    columns = build(np.array(shapes, dtype=object), ids, [Attribute("name", ["a", None, 1])])
    whole = grid.get("WebMercatorQuad")
    writable = Columns(**{name: array.copy() for name, array in columns._asdict().items()})
    for variant in (columns, writable):
        rows = search.rows(variant, whole.lonlat_box(0, 0, 0))
        mvt.encode_layer("warm", variant, rows, whole.transform(0, 0, 0))
