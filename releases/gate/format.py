"""Texts have the form their field asks for, and are whole: pattern, length, no sign of a lost encoding."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from config.models import Field, Service, Text
from releases.faults import RowFault
from releases.findings import Finding
from releases.gate.distinct import Distinct
from releases.table import Table

#: U+FFFD stands where a program before us could not decode; control characters other than tab and line breaks
#: are no text at all, and XML cannot even carry them.
_DAMAGED = re.compile("[\ufffd\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def format_of_text(table: Table, service: Service) -> Iterator[Finding]:
    """Yield texts against their field's pattern or length, and damaged ones; of an array each counts."""
    for field in table.layer.fields:
        if field.type in ("string", "array"):
            values = Distinct.of(table.values[field.name], field.type == "array")
            for fault in _faults(values, field):
                yield from fault.findings(table, service.gate.listed)


def _faults(values: Distinct, field: Field) -> Iterator[RowFault]:
    def told(rule: str, is_broken: Callable[[str], object], zh: str, en: str) -> RowFault:
        rows, wrong = values.where(is_broken)

        def message(fault: int) -> Text:
            shown = repr(wrong[fault])[:80]
            return Text(
                zh=f"字段 {field.name} 的值 {shown} {zh}", en=f"the value {shown} of {field.name} {en}"
            )

        return RowFault(rule, rows, message, field.name)

    yield told("damaged-text", _DAMAGED.search, "含有乱码或控制字符", "holds characters of a lost encoding")
    if field.max_length is not None:
        most = field.max_length
        yield told(
            "max-length",
            lambda text: len(text) > most,
            f"超过 {most} 个字符",
            f"is longer than {most} characters",
        )
    if field.pattern is not None:
        matches = re.compile(field.pattern).fullmatch
        yield told(
            "pattern",
            lambda text: not matches(text),
            f"不符合 {field.pattern}",
            f"does not match {field.pattern}",
        )
