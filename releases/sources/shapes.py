"""The geometries of a source in the form the release keeps them: one CRS, one grid, one kind, one winding.

Nothing is repaired. What GDAL or shapely cannot hold (broken WKB, arcs, heights, measures) is a fault of the
feature; what is merely another spelling of the same shape (a polygon where the layer has multipolygons, a
ring the other way round) is spelt the layer's way.
"""

from __future__ import annotations

import numpy as np
import pyproj
import shapely
from shapely import GeometryType

from config.models import Geometry, Service, Text
from releases.crs import to_storage
from releases.faults import RowFault
from releases.sources.placement import placed
from releases.sources.raw import Raw
from releases.table import Objects, not_finite, nulls

#: Layer kind -> the single kind that is promoted to it, and the constructor that does it.
PROMOTED = {
    "MultiPoint": (GeometryType.POINT, shapely.multipoints),
    "MultiLineString": (GeometryType.LINESTRING, shapely.multilinestrings),
    "MultiPolygon": (GeometryType.POLYGON, shapely.multipolygons),
}
MESSAGES = {
    "geometry-unreadable": Text(zh="几何无法读取", en="the geometry cannot be read"),
    "geometry-curve": Text(
        zh="几何含有圆弧，应为折线", en="the geometry has arcs, expected straight segments"
    ),
    "geometry-z": Text(zh="几何带有高程（Z），应为二维", en="the geometry has heights (Z), expected x, y"),
    "geometry-measured": Text(
        zh="几何带有测量值（M），应为二维", en="the geometry has measures (M), expected x, y"
    ),
}


def shapes(
    raw: Raw, kind: Geometry, crs: pyproj.CRS, service: Service
) -> tuple[Objects, tuple[RowFault, ...]]:
    """The geometries (n,) of a source in storage form, and the rows at fault.

    `crs` is that of the source. SourceFault when the coordinates are plainly in another.
    """
    read = shapely.from_wkb(raw.wkb, on_invalid="ignore")
    placed(read, crs, service)
    geometry = to_storage(read, crs, service.crs, service.precision)
    if kind in PROMOTED:
        single, promote = PROMOTED[kind]
        rows = np.flatnonzero((shapely.get_type_id(geometry) == single) & ~shapely.is_empty(geometry))
        geometry[rows] = promote(geometry[rows], indices=np.arange(len(rows)))
    marks = {
        "geometry-unreadable": raw.lost | (~nulls(raw.wkb) & shapely.is_missing(read)),
        "geometry-curve": raw.curved,
        "geometry-z": shapely.has_z(read),
        "geometry-measured": raw.measured,
    }
    faults = (RowFault(rule, np.flatnonzero(mask), MESSAGES[rule]) for rule, mask in marks.items())
    # RFC 7946 3.1.6: exterior rings are counter-clockwise; shapefiles have them the other way round. GEOS
    # cannot tell the winding of a ring with NaN, which the gate finds.
    finite = ~not_finite(geometry)
    geometry[finite] = shapely.orient_polygons(geometry[finite], exterior_cw=False)
    return geometry, tuple(fault for fault in faults if len(fault.rows))
