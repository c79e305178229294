"""Geometries are valid as the Simple Features standard defines it (OGC 06-103r4), after rounding."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import shapely

from config.models import Service, Text
from releases.faults import Place, RowFault
from releases.findings import Finding
from releases.gate.soundness import finite, valid
from releases.table import Table

#: What GEOS says is wrong, in Chinese.
REASONS: dict[str, str] = {
    "Topology Validation Error": "拓扑错误",
    "Repeated Point": "重复点",
    "Hole lies outside shell": "洞在外环之外",
    "Holes are nested": "洞相互嵌套",
    "Interior is disconnected": "内部不连通",
    "Self-intersection": "自相交",
    "Ring Self-intersection": "环自相交",
    "Nested shells": "外环相互嵌套",
    "Duplicate Rings": "环重复",
    "Too few points in geometry component": "点数太少",
    "Invalid Coordinate": "坐标无效",
    "Ring is not closed": "环未闭合",
}
_REASON = re.compile(r"(?P<what>[^\[]+)(\[(?P<x>\S+) (?P<y>[^\s\]]+))?")


def validity(table: Table, service: Service) -> Iterator[Finding]:
    """Yield invalid geometries, but not those that are not finite: their check tells them."""
    invalid = ~(shapely.is_missing(table.geometry) | valid(table)) & finite(table)
    rows = np.flatnonzero(invalid)

    def message(fault: int) -> Text:
        what, _ = _reason(table, int(rows[fault]))
        return Text(zh=f"几何无效：{REASONS.get(what, what)}", en=f"the geometry is invalid: {what}")

    def place(fault: int) -> Place | None:
        return _reason(table, int(rows[fault]))[1]

    yield from RowFault("geometry-invalid", rows, message, place=place).findings(table, service.gate.listed)


def _reason(table: Table, row: int) -> tuple[str, Place | None]:
    """GEOS says e.g. `Self-intersection[106.5 29.5]`."""
    told = _REASON.match(shapely.is_valid_reason(table.geometry[row]))
    if told is None:
        return "", None
    place = (float(told["x"]), float(told["y"])) if told["x"] else None
    return told["what"].strip(), place
