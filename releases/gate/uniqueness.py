"""A value that shall be unique stands once in a whole candidate, whichever layer and authority it is of.

Fields of one name are one space of values: an identification code (BSM) is not given to a county and again to a border.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import numpy as np

from config.models import Text
from releases.faults import RowFault, named
from releases.findings import Finding
from releases.gate.scene import Scene
from releases.table import Table

#: Row of a table -> the row of another one that has its value, and had it first.
_Before = dict[int, int]


def uniqueness(scene: Scene) -> Iterator[Finding]:
    """Yield each use of a value after the first, in the order of layers; of an id within its layer `identity` tells."""
    spaces: defaultdict[str, list[Table]] = defaultdict(list)
    for table in scene.candidate.tables:
        for field in table.layer.fields:
            if field.unique:
                spaces[field.name].append(table)
    for name, tables in spaces.items():
        columns = [[value for value in table.values[name].tolist() if value is not None] for table in tables]
        if len(set().union(*columns)) < sum(map(len, columns)):
            for table, other, before in _again(name, tables):
                yield from _fault(name, table, other, before).findings(table, scene.service.gate.listed)


def _again(name: str, tables: list[Table]) -> Iterator[tuple[Table, Table, _Before]]:
    """For each layer, and each that used some of its values before: which rows, and whose."""
    first: dict[Any, tuple[int, int]] = {}
    for number, table in enumerate(tables):
        before: defaultdict[int, _Before] = defaultdict(dict)
        is_id = table.layer.id_field.name == name
        for row, value in enumerate(table.values[name].tolist()):
            if value is None:
                continue
            other, theirs = first.setdefault(value, (number, row))
            if (other, theirs) != (number, row) and not (is_id and other == number):
                before[other][row] = theirs
        for other in sorted(before):
            yield table, tables[other], before[other]


def _fault(name: str, table: Table, other: Table, before: _Before) -> RowFault:
    rows, theirs = np.array(list(before), dtype=np.int64), list(before.values())

    def message(fault: int) -> Text:
        value, whose = table.values[name][rows[fault]], theirs[fault]
        authority, identifier = other.authority[whose], other.ids[whose]
        return Text(
            zh=f"字段 {name} 的值 {value!r} 与图层 {other.layer.id} 中 {authority} 的要素 {identifier} 相同，应全库唯一",
            en=f"the value {value!r} of {name} is also that of {identifier} of {authority} in {other.layer.id}, "
            "expected one of its own",
        )

    def others(fault: int) -> tuple[str, ...]:
        identifier = named(other.ids[theirs[fault]])
        return () if identifier is None else (identifier,)

    other_layer = None if other is table else other.layer.id
    return RowFault("unique", rows, message, name, others=others, other_layer=other_layer)
