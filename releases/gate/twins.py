"""No two features of a layer are the same line or polygon, however it is wound and wherever its rings begin.

Points are not asked: two things may well stand in one place.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely

from config.models import Service, Text
from releases.faults import RowFault, named
from releases.findings import Finding
from releases.gate.chains import Ints
from releases.gate.soundness import finite
from releases.table import Table


def twins(table: Table, service: Service) -> Iterator[Finding]:
    """Yield each feature whose geometry an earlier one has."""
    rows, first = _again(table)

    def message(fault: int) -> Text:
        other = first[fault]
        return Text(
            zh=f"几何与 {table.authority[other]} 的要素 {table.ids[other]} 完全相同；每个几何应只属于一个要素",
            en=f"the geometry is also that of {table.ids[other]} of {table.authority[other]}, "
            "expected one feature for each",
        )

    def others(fault: int) -> tuple[str, ...]:
        name = named(table.ids[first[fault]])
        return () if name is None else (name,)

    fault = RowFault("duplicate-geometry", rows, message, others=others)
    yield from fault.findings(table, service.gate.listed)


def _again(table: Table) -> tuple[Ints, Ints]:
    """Rows whose geometry was there before, ascending, and the row that had it first."""
    geometry = table.geometry
    there = np.flatnonzero(
        (shapely.get_dimensions(geometry) > 0) & ~shapely.is_empty(geometry) & finite(table)
    )
    # Equal geometries have equal boxes, which few others have: only those are compared vertex by vertex.
    there = there[_repeated(shapely.bounds(geometry[there]))]
    first: dict[bytes, int] = {}
    before = [
        first.setdefault(wkb, row)
        for wkb, row in zip(shapely.to_wkb(shapely.normalize(geometry[there])).tolist(), there.tolist())
    ]
    again = np.array(before, dtype=np.int64) != there
    return there[again], np.array(before, dtype=np.int64)[again]


def _repeated(
    boxes: np.ndarray[tuple[int, int], np.dtype[np.float64]],
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which rows (n,) of an array (n, 4) stand in it more than once."""
    order = np.lexsort(boxes.T)
    same = (boxes[order][1:] == boxes[order][:-1]).all(axis=1)
    repeated = np.zeros(len(boxes), dtype=bool)
    repeated[order[1:][same]] = True
    repeated[order[:-1][same]] = True
    return repeated
