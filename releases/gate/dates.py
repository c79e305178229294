"""What is valid from one day to another begins before it ends."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from config.models import Service, Text
from releases.faults import RowFault
from releases.findings import Finding
from releases.table import Table, nulls

#: Characters of a full-date (RFC 3339 5.6), with which a date-time begins.
_DAY = 10


def dates(table: Table, service: Service) -> Iterator[Finding]:
    """Yield features whose validity ends before it begins; within a day only where both sides say the time."""
    if table.layer.validity is None:
        return
    begin, end = table.layer.validity
    begins, ends = table.values[begin], table.values[end]
    both = np.flatnonzero(~(nulls(begins) | nulls(ends)))
    # Dates are of ten characters and times are UTC, so the order of texts is that of time.
    first, last = begins[both].astype(np.str_), ends[both].astype(np.str_)
    by_day = (np.strings.str_len(first) == _DAY) | (np.strings.str_len(last) == _DAY)
    later = np.where(by_day, first.astype(f"U{_DAY}") > last.astype(f"U{_DAY}"), first > last)
    rows = both[later]

    def message(fault: int) -> Text:
        row = rows[fault]
        return Text(
            zh=f"{end} 为 {ends[row]}，早于 {begin} 的 {begins[row]}；应不早于开始日期",
            en=f"{end} is {ends[row]}, before {begin}, which is {begins[row]}; expected no end before the beginning",
        )

    yield from RowFault("dates-order", rows, message, end).findings(table, service.gate.listed)
