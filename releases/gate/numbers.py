"""Integers are of those that every reader of JSON holds exactly: I-JSON (RFC 7493 2.2), from -(2^53 - 1) to 2^53 - 1.

Beyond, two different integers are one number to JavaScript, and so to every web map.
"""

from __future__ import annotations

from collections.abc import Iterator

from config.models import Field, Service, Text
from releases.faults import RowFault
from releases.findings import Finding
from releases.gate.distinct import Distinct
from releases.table import Table

LARGEST = 2**53 - 1


def numbers(table: Table, service: Service) -> Iterator[Finding]:
    """Yield integers that JSON cannot carry."""
    for field in table.layer.fields:
        if field.type == "integer":
            yield from _beyond(table, field).findings(table, service.gate.listed)


def _beyond(table: Table, field: Field) -> RowFault:
    rows, wrong = Distinct.of(table.values[field.name]).where(lambda value: abs(value) > LARGEST)

    def message(fault: int) -> Text:
        return Text(
            zh=f"字段 {field.name} 的值 {wrong[fault]} 超出 ±{LARGEST}，JSON 中会失真；过大的编号应作为文字",
            en=f"the value {wrong[fault]} of {field.name} is beyond ±{LARGEST}, which JSON cannot carry; "
            "expected a smaller number, or a text",
        )

    return RowFault("number-range", rows, message, field.name)
