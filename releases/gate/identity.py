"""Every feature has an id, and no two of a layer have the same, whoever delivered them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from config.models import Service, Text
from releases.faults import RowFault
from releases.findings import Finding
from releases.table import Table, nulls
from tiles.featureid import collisions, tile_ids


def identity(table: Table, service: Service) -> Iterator[Finding]:
    """Yield ids that are missing, ids that were used before, and ids whose number in tiles another has."""
    name, listed = table.layer.id_field.name, service.gate.listed
    missing = nulls(table.ids)
    none = Text(zh=f"标识字段 {name} 为空", en=f"the id field {name} is null")
    yield from RowFault("missing-id", np.flatnonzero(missing), none, name).findings(table, listed)

    there = np.flatnonzero(~missing)
    again, first = _again(table, there)

    def twice(fault: int) -> Text:
        authority, number = table.authority[first[fault]], table.row[first[fault]]
        identifier = table.ids[again[fault]]
        return Text(
            zh=f"{name} 与 {authority} 第 {number} 行相同：{identifier}",
            en=f"{name} {identifier} is also that of row {number} of {authority}",
        )

    yield from RowFault("duplicate-id", again, twice, name).findings(table, listed)

    single = np.setdiff1d(there, again, assume_unique=True)
    same = single[collisions(tile_ids(table.ids[single].tolist()))]
    number = Text(
        zh="标识在瓦片中的编号与另一要素相同，请换一个标识",
        en="in tiles this id has the number of another, choose another id",
    )
    yield from RowFault("tile-id", same, number, name).findings(table, listed)


def _again(table: Table, there: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows whose id was used before, ascending, and the row that used it first, of the rows that have one."""
    identifiers = table.ids[there].tolist()
    if len(set(identifiers)) == len(identifiers):
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    first: dict[object, int] = {}
    for row, identifier in zip(there.tolist(), identifiers):
        first.setdefault(identifier, row)
    before = np.array([first[identifier] for identifier in identifiers], dtype=np.int64)
    again = before != there
    return there[again], before[again]
