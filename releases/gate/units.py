"""Codes of administrative units: they are of their authority, follow from the code above, and that unit exists.

By GB/T 2260 two digits name a province, two more a prefecture, two more a county, and zeros in place of the lower ones
mean the whole: 510000 is Sichuan, 510100 Chengdu, 510104 a district of it. GB/T 10114 adds three digits for a township.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from config.models import Authority, Service, Text
from releases.faults import RowFault
from releases.findings import Finding
from releases.gate.distinct import Distinct
from releases.gate.scene import Scene
from releases.table import Table

_WHOLE = re.compile("(00)*$")


def units(table: Table, service: Service) -> Iterator[Finding]:
    """Yield codes that their authority does not have, and codes that do not begin as the one above."""
    where = table.layer.units
    if where is None:
        return
    for authority in service.authorities:
        if authority.codes:
            yield from _foreign(table, where.code, authority).findings(table, service.gate.listed)
    if where.parent is not None:
        yield from _stray(table, where.code, where.parent).findings(table, service.gate.listed)


def orphans(scene: Scene) -> Iterator[Finding]:
    """Yield units above that their layer does not have; a layer that could not be read is not asked."""
    for table in scene.candidate.tables:
        where = table.layer.units
        above = scene.table(where.layer) if where and where.layer else None
        if where and where.parent and above and above.layer.units:
            fault = _orphaned(table, where.parent, above, above.layer.units.code)
            yield from fault.findings(table, scene.service.gate.listed)


def _foreign(table: Table, name: str, authority: Authority) -> RowFault:
    mine = np.flatnonzero(table.authority == authority.id)
    begins = authority.codes
    rows, codes = Distinct.of(table.values[name][mine]).where(lambda code: not code.startswith(begins))

    def message(fault: int) -> Text:
        shown = codes[fault]
        return Text(
            zh=f"字段 {name} 的代码 {shown!r} 不属于 {authority.title.zh}，应以 {'、'.join(begins)} 开头",
            en=f"the code {shown!r} of {name} is not one of {authority.title.en}, "
            f"expected to begin with {' or '.join(begins)}",
        )

    return RowFault("code-authority", mine[rows], message, name)


def _stray(table: Table, name: str, above: str) -> RowFault:
    codes, parents = table.values[name].tolist(), table.values[above].tolist()
    pairs = {pair for pair in set(zip(codes, parents)) if None not in pair}
    wrong = {(code, parent) for code, parent in pairs if not code.startswith(significant(parent))}
    rows = [row for row, pair in enumerate(zip(codes, parents)) if pair in wrong] if wrong else []

    def message(fault: int) -> Text:
        code, parent = codes[rows[fault]], parents[rows[fault]]
        return Text(
            zh=f"字段 {name} 的代码 {code!r} 与上级代码 {parent!r}（{above}）不符，应以 {significant(parent)} 开头",
            en=f"the code {code!r} of {name} does not follow from the one above, {parent!r} by {above}, "
            f"expected to begin with {significant(parent)}",
        )

    return RowFault("code-parent", np.array(rows, dtype=np.int64), message, name)


def _orphaned(table: Table, name: str, above: Table, code: str) -> RowFault:
    known, layer = frozenset(above.values[code].tolist()), above.layer.id
    rows, parents = Distinct.of(table.values[name]).where(lambda parent: parent not in known)

    def message(fault: int) -> Text:
        return Text(
            zh=f"字段 {name} 的上级代码 {parents[fault]!r} 不在图层 {layer} 中",
            en=f"the unit above, {parents[fault]!r} by {name}, is not in the layer {layer}, expected one that is",
        )

    return RowFault("code-orphan", rows, message, name, other_layer=layer)


def significant(code: str) -> str:
    """A code without the pairs of zeros at its end, which mean the whole: "51" of "510000"."""
    return _WHOLE.sub("", code)
