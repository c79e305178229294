"""Where the name of an area stands: one point each, for the style's source "names".

A vector tile holds a piece of an area, and a map letters every piece: a county on four tiles is named four times. So the
areas that the style names are given to it as points, made when a release is published and part of its style.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

import numpy as np
import shapely
from numpy.typing import NDArray

from config.models import Layer
from styles import expressions

SOURCE = "names"
#: The property that tells which layer a point belongs to.
LAYER = "blueprint:layer"
#: How near to the middle a point must come, as a part of the area's width: no eye sees less.
_TOLERANCE = 0.01
#: Decimals of a degree; 10 m is less than a pixel at every zoom where areas are named.
_DECIMALS = 4


class Rows(Protocol):
    """The features of a layer: geometry (n,) with x = lon, null where None, and values (n,) of each field."""

    @property
    def layer(self) -> Layer: ...

    @property
    def geometry(self) -> NDArray[np.object_]: ...

    @property
    def values(self) -> Mapping[str, NDArray[np.object_]]: ...


def with_names(style: Mapping[str, Any], tables: Iterable[Rows]) -> dict[str, Any]:
    """The style with the points of the areas it names; lines that it names along themselves stay lines."""
    wanted = _fields(style)
    features = [
        one for rows in tables if rows.layer.id in wanted for one in _named(rows, wanted[rows.layer.id])
    ]
    data = {"type": "FeatureCollection", "features": features}
    return {**style, "sources": {**style["sources"], SOURCE: {**style["sources"][SOURCE], "data": data}}}


def layers(style: Mapping[str, Any]) -> Iterable[str]:
    """The layers whose areas a style names."""
    return _fields(style).keys()


def _fields(style: Mapping[str, Any]) -> dict[str, set[str]]:
    """Layer -> the fields that its names need."""
    found: dict[str, set[str]] = {}
    for one in style["layers"]:
        if one.get("source") == SOURCE:
            read = found.setdefault(one["source-layer"], set())
            for part in (one.get("filter"), one.get("metadata"), one.get("layout"), one.get("paint")):
                for value in part.values() if isinstance(part, dict) else [part]:
                    read |= expressions.fields(value)
    return found


def _named(rows: Rows, fields: Iterable[str]) -> Iterable[dict[str, Any]]:
    names = sorted(rows.values.keys() & set(fields))
    for at, geometry in enumerate(rows.geometry):
        if geometry is None or geometry.is_empty or geometry.geom_type not in ("Polygon", "MultiPolygon"):
            continue
        said = {name: value for name in names if (value := rows.values[name][at]) is not None}
        lon, lat = middle(geometry)
        yield {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [round(lon, _DECIMALS), round(lat, _DECIMALS)]},
            "properties": {LAYER: rows.layer.id, **said},
        }


def middle(area: shapely.Geometry) -> tuple[float, float]:
    """The centre of the largest circle inside the largest part of an area; lon, lat."""
    largest = max(shapely.get_parts(area), key=lambda part: part.area)
    west, south, east, north = largest.bounds
    circle = shapely.maximum_inscribed_circle(largest, tolerance=_TOLERANCE * max(east - west, north - south))
    lon, lat = circle.coords[0]
    return float(lon), float(lat)
