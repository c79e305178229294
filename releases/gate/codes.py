"""A coded field holds only values of its code list."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from config.models import CodeList, Field, Service, Text
from config.nearest import nearest
from releases.faults import RowFault
from releases.findings import Finding
from releases.table import Table


def codes(table: Table, service: Service) -> Iterator[Finding]:
    """Yield values outside the code list; of an array each element counts."""
    for field in table.layer.fields:
        if field.codelist is not None:
            yield from _outside(table, field, service.codelists[field.codelist])


def _outside(table: Table, field: Field, codelist: CodeList) -> Iterator[Finding]:
    known = tuple(code.value for code in codelist.codes)
    allowed = set(known)
    values = table.values[field.name].tolist()
    wrong = {row: text for row, value in enumerate(values) for text in _texts(value) if text not in allowed}

    def message(row: int) -> Text:
        shown = nearest(wrong[row], known) or ", ".join(known[:12])
        return Text(
            zh=f"字段 {field.name} 的值 {wrong[row]!r} 不在代码表 {codelist.id} 中；应为 {shown} 等",
            en=f"the value {wrong[row]!r} of {field.name} is not in the code list {codelist.id}; "
            f"expected e.g. {shown}",
        )

    rows = np.array(list(wrong), dtype=np.int64)
    yield from RowFault("code-list", rows, message, field.name).findings(table)


def _texts(value: object) -> list[str]:
    """The codes of a value, as text because a code list is text whatever the field's type."""
    if value is None:
        return []
    return [str(element) for element in value] if isinstance(value, list) else [str(value)]
