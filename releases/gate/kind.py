"""A feature has a geometry of the layer's kind, or none at all where none is needed."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely

from config.models import Service, Text
from releases.faults import RowFault
from releases.findings import Finding
from releases.table import Table

KINDS: dict[str, str] = {
    "Point": "点",
    "LineString": "线",
    "LinearRing": "环",
    "Polygon": "面",
    "MultiPoint": "多点",
    "MultiLineString": "多线",
    "MultiPolygon": "多面",
    "GeometryCollection": "几何集合",
}
#: Kinds of layers as shapely numbers them.
TYPES = {
    "Point": shapely.GeometryType.POINT,
    "MultiPoint": shapely.GeometryType.MULTIPOINT,
    "MultiLineString": shapely.GeometryType.MULTILINESTRING,
    "MultiPolygon": shapely.GeometryType.MULTIPOLYGON,
}


def kind(table: Table, service: Service) -> Iterator[Finding]:
    """Yield null geometries where one is required, empty ones, and those of another kind than the layer's."""
    layer, listed = table.layer, service.gate.listed
    null = shapely.is_missing(table.geometry)
    empty = shapely.is_empty(table.geometry)  # a null is missing, not empty
    if layer.geometry_required:
        none = Text(
            zh="几何为空（null），而图层要求有几何", en="the geometry is null, but the layer requires one"
        )
        yield from RowFault("geometry-missing", np.flatnonzero(null), none).findings(table, listed)
    nothing = Text(
        zh="几何不含坐标；没有位置应写 null", en="the geometry is empty; no position is written null"
    )
    yield from RowFault("geometry-empty", np.flatnonzero(empty), nothing).findings(table, listed)
    if layer.geometry == "Geometry":
        return
    other = ~null & ~empty & (shapely.get_type_id(table.geometry) != TYPES[layer.geometry])

    rows = np.flatnonzero(other)

    def message(fault: int) -> Text:
        name = table.geometry[rows[fault]].geom_type
        return Text(
            zh=f"几何是{KINDS[name]}（{name}），应为{KINDS[layer.geometry]}（{layer.geometry}）",
            en=f"the geometry is a {name}, expected {layer.geometry}",
        )

    yield from RowFault("geometry-kind", rows, message).findings(table, listed)
