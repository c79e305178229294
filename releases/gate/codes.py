"""A coded field holds only values of its code list."""

from __future__ import annotations

from collections.abc import Iterator

from config.models import CodeList, Field, Service, Text
from config.nearest import nearest
from releases.faults import RowFault
from releases.findings import Finding
from releases.gate.distinct import Distinct
from releases.table import Table


def codes(table: Table, service: Service) -> Iterator[Finding]:
    """Yield values outside the code list; of an array each element counts."""
    for field in table.layer.fields:
        if field.codelist is not None:
            fault = _outside(table, field, service.codelists[field.codelist])
            yield from fault.findings(table, service.gate.listed)


def _outside(table: Table, field: Field, codelist: CodeList) -> RowFault:
    known = tuple(code.value for code in codelist.codes)
    allowed = frozenset(known)
    # Codes are texts, whatever the type of the field.
    rows, values = Distinct.of(table.values[field.name], field.type == "array").where(
        lambda value: str(value) not in allowed
    )

    def message(fault: int) -> Text:
        value = str(values[fault])
        shown = nearest(value, known) or ", ".join(known[:12])
        return Text(
            zh=f"字段 {field.name} 的值 {value!r} 不在代码表 {codelist.id} 中；应为 {shown} 等",
            en=f"the value {value!r} of {field.name} is not in the code list {codelist.id}; "
            f"expected e.g. {shown}",
        )

    return RowFault("code-list", rows, message, field.name)
