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
from releases.sources.fault import SourceFault
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

    `crs` is that of the source. SourceFault when all coordinates have their axes the wrong way round.
    """
    read = shapely.from_wkb(raw.wkb, on_invalid="ignore")
    geometry = to_storage(read, crs, service.crs, service.precision)
    _axes_in_order(read, crs, service)
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


def _axes_in_order(read: Objects, crs: pyproj.CRS, service: Service) -> None:
    """Raise SourceFault when projected coordinates make sense only with easting and northing exchanged.

    The gate finds exchanged degrees feature by feature; exchanged metres are nowhere once they are projected,
    so they have to be found here.
    """
    xy = shapely.get_coordinates(read)
    xy = xy[np.isfinite(xy).all(axis=1)]
    if not crs.is_projected or not len(xy):
        return
    middle = np.median(xy, axis=0)
    points = shapely.points([middle, middle[::-1]])
    region = shapely.box(*service.region.bbox)
    here, exchanged = shapely.within(to_storage(points, crs, service.crs, service.precision), region)
    if exchanged and not here:
        x, y = middle
        raise SourceFault(
            "swapped-axes",
            f"坐标的东、北两轴颠倒：{x:.0f}, {y:.0f} 应为东坐标在前",
            f"easting and northing are exchanged: in {x:.0f}, {y:.0f} the easting should come first",
        )
