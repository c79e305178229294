"""Compile or load every kernel before the first request."""

from __future__ import annotations

import numpy as np
import shapely

from tiles import grid, mvt, search
from tiles.columns import Attribute, build


def warm() -> None:
    """Encode a tiny tile; numba then has code for every call that a server makes.

    To numba, read-only and writable arrays are two types, each with code of its own. Columns are read-only.
    """
    bow_tie = shapely.Polygon(
        [(-40, -40), (40, 40), (40, -40), (-40, 40)]
    )  # for the kernel that writes what is mended
    shapes = [shapely.Point(0, 0), shapely.LineString([(0, 0), (1, 1)]), shapely.box(-1, -1, 1, 1), bow_tie]
    ids = np.arange(len(shapes), dtype=np.uint64)
    columns = build(np.array(shapes, dtype=object), ids, [Attribute("name", ["a", None, 1, "b"])])
    whole = grid.get("WebMercatorQuad")
    rows = search.rows(columns, whole.lonlat_box(0, 0, 0))
    mvt.encode_layer("warm", columns, rows, whole.transform(0, 0, 0))
