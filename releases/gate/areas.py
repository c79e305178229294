"""What a field states as its feature's area is the area of its polygons on the ellipsoid of the release's CRS.

The norm for surveys of land measures just so: each edge closes a trapezoid between two parallels, whose area is known
(TD/T 1055-2019, the area of parcels on the ellipsoid).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from config.layers import AREAS
from config.models import Field, Service, Text
from releases.faults import RowFault
from releases.findings import Finding
from releases.gate.chains import HOLE, SHELL, Floats, Ints, blocks
from releases.gate.rules import Rules
from releases.gate.soundness import polygons
from releases.table import Table, nulls


def areas(table: Table, service: Service) -> Iterator[Finding]:
    """Yield values of fields with `measure: area` that are off by more than the limit, a part of the area measured.

    `measured` is that part: (stated - measured) / measured, without its sign.
    """
    fields = [field for field in table.layer.fields if field.measure == "area"]
    if not fields:
        return
    rows = polygons(table)
    measured = _measured(table, rows, service)
    for field in fields:
        fault = _fault(table, field, rows, measured, Rules.of(service.gate).limit("area-stated"))
        yield from fault.findings(table, service.gate.listed)


def _measured(table: Table, rows: Ints, service: Service) -> Floats:
    """The area (n,) of the features at some rows in m²."""
    area = np.zeros(len(table))
    for chains in blocks(table.geometry, rows):
        sign = (chains.kind == SHELL).astype(float) - (chains.kind == HOLE)
        area += np.bincount(chains.row, sign * chains.areas(service.crs), minlength=len(table))
    return area[rows]


def _fault(table: Table, field: Field, rows: Ints, measured: Floats, limit: float) -> RowFault:
    column = table.values[field.name]
    # What has no area at all is empty, which another check tells.
    said = ~nulls(column[rows]) & (measured > 0)
    rows, measured = rows[said], measured[said]
    stated = column[rows].astype(np.float64)
    unit = field.unit or ""
    off = np.abs(stated * AREAS[unit] - measured) / measured
    wrong = off > limit
    rows, measured, stated, off = rows[wrong], measured[wrong] / AREAS[unit], stated[wrong], off[wrong]

    def message(fault: int) -> Text:
        there, said = f"{measured[fault]:.2f} {unit}", f"{stated[fault]:.2f} {unit}"
        return Text(
            zh=f"字段 {field.name} 填报 {said}，图形的椭球面积为 {there}，相差 {off[fault]:.2%}，应不超过 {limit:.2%}",
            en=f"{field.name} states {said}, the polygon has {there} on the ellipsoid: {off[fault]:.2%} off, "
            f"expected at most {limit:.2%}",
        )

    return RowFault("area-stated", rows, message, field.name, measured=off)
