"""A mandatory field has a value in every feature."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from config.models import Service, Text
from releases.faults import RowFault
from releases.findings import Finding
from releases.table import Table, nulls


def mandatory(table: Table, service: Service) -> Iterator[Finding]:
    """Yield the nulls of mandatory fields; the id field's are told by the check of ids."""
    for field in table.layer.fields:
        if not field.mandatory or field.role == "id":
            continue
        rows = np.flatnonzero(nulls(table.values[field.name]))
        message = Text(
            zh=f"必填字段 {field.name}（{field.title.zh}）为空",
            en=f"the mandatory field {field.name} ({field.title.en}) is null",
        )
        yield from RowFault("mandatory", rows, message, field.name).findings(table, service.gate.listed)
