"""Coordinates are numbers, in degrees, longitude first, and lie where the region is."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely
from numpy.typing import NDArray

from config.models import Service, Text
from releases.faults import RowFault
from releases.findings import Finding
from releases.gate.soundness import finite
from releases.table import Table


def coordinates(table: Table, service: Service) -> Iterator[Finding]:
    """Yield features with coordinates that are not finite, exchanged, or outside the region's box.

    A feature is inside when all of it is: the box is one of sanity, and a single stray vertex is a fault.
    """
    listed = service.gate.listed
    infinite = ~finite(table)
    text = Text(
        zh="坐标含有 NaN 或无穷大（也可能是坐标系错误，无法投影）",
        en="a coordinate is NaN or infinite (which is also what a wrong CRS can lead to)",
    )
    yield from RowFault("not-finite", np.flatnonzero(infinite), text).findings(table, listed)

    there = ~(shapely.is_missing(table.geometry) | shapely.is_empty(table.geometry) | infinite)
    box = shapely.bounds(table.geometry)
    outside = there & ~_within(box, service.region.bbox)
    exchanged = outside & _within(box[:, [1, 0, 3, 2]], service.region.bbox)
    swapped = Text(
        zh="经纬度颠倒：应为经度在前、纬度在后", en="the axes are exchanged: longitude comes before latitude"
    )
    yield from RowFault("swapped-axes", np.flatnonzero(exchanged), swapped).findings(table, listed)

    rows = np.flatnonzero(outside & ~exchanged)

    def message(fault: int) -> Text:
        xmin, ymin, xmax, ymax = (f"{value:.7g}" for value in box[rows[fault]].tolist())
        region = ", ".join(f"{value:g}" for value in service.region.bbox)
        return Text(
            zh=f"要素范围 {xmin}, {ymin}, {xmax}, {ymax} 超出区域 {region}",
            en=f"the feature's extent {xmin}, {ymin}, {xmax}, {ymax} is not within the region {region}",
        )

    yield from RowFault("outside-region", rows, message).findings(table, listed)


def _within(box: NDArray[np.float64], region: tuple[float, float, float, float]) -> NDArray[np.bool_]:
    xmin, ymin, xmax, ymax = region
    inside: NDArray[np.bool_] = (
        (box[:, 0] >= xmin) & (box[:, 1] >= ymin) & (box[:, 2] <= xmax) & (box[:, 3] <= ymax)
    )
    return inside
