"""Texts have the form their field asks for, and are whole: pattern, length, no sign of a lost encoding."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import numpy as np

from config.models import Field, Service, Text
from releases.faults import RowFault
from releases.findings import Finding
from releases.table import Table

#: U+FFFD stands where a program before us could not decode; control characters other than tab and line breaks
#: are no text at all, and XML cannot even carry them.
_DAMAGED = re.compile("[\ufffd\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def format_of_text(table: Table, service: Service) -> Iterator[Finding]:
    """Yield texts against their field's pattern or length, and damaged ones; of an array each counts."""
    for field in table.layer.fields:
        if field.type in ("string", "array"):
            yield from _field(table, field)


def _field(table: Table, field: Field) -> Iterator[Finding]:
    values = table.values[field.name].tolist()
    texts = [value if isinstance(value, list) else [] if value is None else [value] for value in values]

    def told(rule: str, broken: Callable[[str], object], zh: str, en: str) -> Iterator[Finding]:
        wrong = {row: text for row, elements in enumerate(texts) for text in elements if broken(text)}
        rows = np.array(list(wrong), dtype=np.int64)

        def message(row: int) -> Text:
            shown = repr(wrong[row])[:80]
            return Text(
                zh=f"字段 {field.name} 的值 {shown} {zh}", en=f"the value {shown} of {field.name} {en}"
            )

        return RowFault(rule, rows, message, field.name).findings(table)

    yield from told(
        "damaged-text", _DAMAGED.search, "含有乱码或控制字符", "holds characters of a lost encoding"
    )
    if field.max_length is not None:
        most = field.max_length
        yield from told(
            "max-length",
            lambda text: len(text) > most,
            f"超过 {most} 个字符",
            f"is longer than {most} characters",
        )
    if field.pattern is not None:
        matches = re.compile(field.pattern).fullmatch
        yield from told(
            "pattern",
            lambda text: not matches(text),
            f"不符合 {field.pattern}",
            f"does not match {field.pattern}",
        )
