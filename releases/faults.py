"""Rows of a table that break one rule, found with arrays and told one by one: from masks to findings.

A check looks at a whole column at once and knows row numbers. Texts are made only for the rows that are
listed, so that a million faults cost no more than twenty.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from config.models import Severity, Text
from releases.findings import LISTED, Finding, rest
from releases.table import Table

Place = tuple[float, float]


@dataclass(frozen=True, slots=True, eq=False)
class RowFault:
    """Rows (indices into a table) that break one rule; `message` says how, for one row, and `place` where."""

    rule: str
    rows: NDArray[np.int64]
    message: Text | Callable[[int], Text]
    field: str | None = None
    severity: Severity = "refuse"
    place: Callable[[int], Place | None] | None = None

    def findings(self, table: Table) -> Iterator[Finding]:
        """The first of each authority, then one that counts its rest; in the order of the rows."""
        authority = table.authority[self.rows]
        for name in dict.fromkeys(authority.tolist()):
            rows = self.rows[authority == name].tolist()
            # A rest of one would cost a line as well and say less.
            listed = rows if len(rows) <= LISTED + 1 else rows[:LISTED]
            found = [self._finding(table, row) for row in listed]
            yield from found
            if len(rows) > len(listed):
                yield rest(found[0], len(rows) - len(listed))

    def _finding(self, table: Table, row: int) -> Finding:
        identifier = table.ids[row]
        return Finding(
            self.rule,
            self.severity,
            self.message if isinstance(self.message, Text) else self.message(row),
            authority=table.authority[row],
            layer=table.layer.id,
            field=self.field,
            feature=None if identifier is None else str(identifier),
            row=int(table.row[row]),
            place=self.place(row) if self.place else first_vertex(table.geometry[row]),
        )


def first_vertex(geometry: shapely.Geometry | None) -> Place | None:
    """Where to look for a feature when a fault has no place of its own; None without a finite coordinate."""
    if geometry is None or geometry.is_empty:
        return None
    x, y = shapely.get_coordinates(geometry)[0].tolist()
    return (x, y) if np.isfinite(x) and np.isfinite(y) else None
