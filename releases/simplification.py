"""Geometry as simple as a map of some zoom may have it (OGC 24-020, draft).

A vertex is left out that lies within half a pixel of what stays, or a little more where a ring begins. Each geometry is
simplified by itself and keeps its kind, its parts and rings; vertices that stay are not moved. (Tiles are made from levels
that keep common borders common.)
"""

from __future__ import annotations

from typing import Final

import numpy as np
import shapely
from shapely import GeometryType

from releases.table import Objects

#: Degrees of longitude that a tile of zoom 0 covers, and its pixels (OGC 17-083r4, WebMercatorQuad).
_WORLD, _PIXELS = 360.0, 256
#: GEOS gives a geometry that has one part as that part; by these it becomes again what it was.
_WRAPS: Final = {
    GeometryType.MULTIPOINT: shapely.multipoints,
    GeometryType.MULTILINESTRING: shapely.multilinestrings,
    GeometryType.MULTIPOLYGON: shapely.multipolygons,
    GeometryType.GEOMETRYCOLLECTION: shapely.geometrycollections,
}
#: Of a pixel: what moves less is not seen.
_ALLOWED: Final = 0.5


def simplify(geometry: Objects, zoom: float) -> Objects:
    """Geometries (n,) in degrees, x = lon, without the vertices that a map of that zoom (0 or more) can do without.

    A pixel is as many degrees of longitude everywhere, and fewer degrees of latitude towards the poles; each
    geometry is held to the fewest it meets. A polygon that would not be valid afterwards stays as it is.
    """
    bounds = shapely.bounds(geometry)
    highest = np.fmax(np.abs(bounds[:, 1]), np.abs(bounds[:, 3]))
    pixel = _WORLD / _PIXELS * 2.0**-zoom
    tolerance = np.nan_to_num(_ALLOWED * pixel * np.cos(np.radians(highest)))
    simple: Objects = shapely.simplify(geometry, tolerance, preserve_topology=True)
    kinds = shapely.get_type_id(geometry)
    for kind, wrap in _WRAPS.items():
        bare = np.flatnonzero((kinds == kind) & (shapely.get_type_id(simple) != kind))
        simple[bare] = wrap(simple[bare], indices=np.arange(len(bare)))
    broken = ~shapely.is_valid(simple) & ~shapely.is_missing(simple)
    simple[broken] = geometry[broken]
    return simple
