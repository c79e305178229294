"""Every feature has an id, and no two of a layer have the same, whoever delivered them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from config.models import Service, Text
from releases.faults import RowFault
from releases.findings import Finding
from releases.table import Table, nulls
from tiles.featureid import collisions, tile_ids


def identity(table: Table, service: Service) -> Iterator[Finding]:
    """Yield ids that are missing, ids that were used before, and ids whose number in tiles another has."""
    name = table.layer.id_field.name
    missing = nulls(table.ids)
    none = Text(zh=f"标识字段 {name} 为空", en=f"the id field {name} is null")
    yield from RowFault("missing-id", np.flatnonzero(missing), none, name).findings(table)

    there = np.flatnonzero(~missing)
    first: dict[object, int] = {}
    for row, identifier in zip(there.tolist(), table.ids[there].tolist()):
        first.setdefault(identifier, row)
    again = np.array([row for row in there.tolist() if first[table.ids[row]] != row], dtype=np.int64)

    def twice(row: int) -> Text:
        other = first[table.ids[row]]
        authority, number = table.authority[other], table.row[other]
        return Text(
            zh=f"{name} 与 {authority} 第 {number} 行相同：{table.ids[row]}",
            en=f"{name} {table.ids[row]} is also that of row {number} of {authority}",
        )

    yield from RowFault("duplicate-id", again, twice, name).findings(table)

    single = np.array(list(first.values()), dtype=np.int64)
    same = single[collisions(tile_ids(table.ids[single]))]
    number = Text(
        zh="标识在瓦片中的编号与另一要素相同，请换一个标识",
        en="in tiles this id has the number of another, choose another id",
    )
    yield from RowFault("tile-id", same, number, name).findings(table)
