"""Faults of a table that are of one rule, found with arrays and told one by one: from masks to findings.

A check looks at a whole column at once and knows row numbers. Texts are made only for the faults that are listed, so
that a million faults cost no more than those.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from config.models import Text
from releases.findings import Finding, rest
from releases.table import Table

Place = tuple[float, float]
#: Degrees that a shape is wider than rounding makes it, on each side: two steps of the finest grid.
_HAIR = 2e-7


@dataclass(frozen=True, slots=True, eq=False)
class RowFault:
    """Faults of one rule in one table; what is a function is asked with the number of a fault, from 0.

    Parameters
    ----------
    rule : a stable id
    rows : (n,) the table's row of each fault, ascending; a row with two faults stands there twice
    message : says how, and what was expected
    field : at fault, None where it is the geometry or the whole
    place : lon, lat of the fault itself; without, the feature's first vertex
    geometry : of the fault itself, where it has a shape
    others : ids of the other features that have a part in it
    other_layer : theirs where it is another
    measured : (n,) size in the unit of the rule
    """

    rule: str
    rows: NDArray[np.int64]
    message: Text | Callable[[int], Text]
    field: str | None = None
    place: Callable[[int], Place | None] | None = None
    geometry: Callable[[int], shapely.Geometry | None] | None = None
    others: Callable[[int], tuple[str, ...]] | None = None
    other_layer: str | None = None
    measured: NDArray[np.float64] | None = None

    def findings(self, table: Table, listed: int) -> Iterator[Finding]:
        """The first `listed` of each authority, then one that counts its rest; in the order of the rows."""
        authority = table.authority[self.rows]
        for name in dict.fromkeys(authority.tolist()):
            mine = np.flatnonzero(authority == name)
            found = [self._finding(table, fault) for fault in mine[:listed].tolist()]
            yield from found
            if len(mine) > len(found):
                yield rest(found[0], len(mine) - len(found))

    def _finding(self, table: Table, fault: int) -> Finding:
        row = int(self.rows[fault])
        return Finding(
            self.rule,
            self.message if isinstance(self.message, Text) else self.message(fault),
            authority=table.authority[row],
            layer=table.layer.id,
            field=self.field,
            feature=named(table.ids[row]),
            row=int(table.row[row]),
            place=self.place(fault) if self.place else first_vertex(table.geometry[row]),
            geometry=self.geometry(fault) if self.geometry else None,
            others=self.others(fault) if self.others else (),
            other_layer=self.other_layer,
            measured=None if self.measured is None else float(self.measured[fault]),
        )


def named(identifier: Any) -> str | None:
    """A feature's id as findings name it; None where it has none."""
    return None if identifier is None else str(identifier)


def first_vertex(geometry: shapely.Geometry | None) -> Place | None:
    """Where to look for a feature when a fault has no place of its own; None without a finite coordinate."""
    if geometry is None or geometry.is_empty:
        return None
    x, y = shapely.get_coordinates(geometry)[0].tolist()
    return (x, y) if np.isfinite(x) and np.isfinite(y) else None


def inner_point(shape: shapely.Geometry) -> Place:
    """Where to look for a fault that has a shape of its own: a point in it, in its largest part.

    An overlay's shape may have hairs, which rounding makes where a long edge meets the same edge in pieces. Somebody who
    is led there sees nothing, so they do not count as long as there is anything else.
    """
    core = shapely.buffer(shape, -_HAIR, quad_segs=1)
    parts = shapely.get_parts(shape if core.is_empty else core)
    point = shapely.point_on_surface(parts[np.argmax(shapely.area(parts))])
    return (float(point.x), float(point.y))
