"""What is wrong with a filter: said in both languages, all of it at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from config.models import Text
from config.nearest import nearest
from releases.cql2.nodes import Type
from releases.cql2.shown import shown

#: So many names are listed when none is near.
_LISTED = 12
_NAMES: Final[Mapping[Type, Text]] = {
    "boolean": Text(zh="真假值（true 或 false）或条件", en="true, false or a condition"),
    "text": Text(zh="文字，写在单引号内，如 '01'", en="a text in single quotes, as '01'"),
    "number": Text(zh="数", en="a number"),
    "instant": Text(zh="DATE('2025-01-31') 或 TIMESTAMP('2025-01-31T08:00:00Z')", en="DATE('2025-01-31') or TIMESTAMP('2025-01-31T08:00:00Z')"),
    "interval": Text(zh="INTERVAL('2025-01-01','..')", en="INTERVAL('2025-01-01','..')"),
    "geometry": Text(zh="几何字段 geometry、WKT 或 BBOX(…)", en="the property geometry, WKT or BBOX(…)"),
    "array": Text(zh="数组，如 ('a','b')", en="an array, as ('a','b')"),
}  # fmt: skip

#: The way from the whole of a filter in CQL2 JSON to a part of it: names of members and places in lists.
Path = tuple[str | int, ...]


class FilterFault(NamedTuple):
    """One thing wrong with a filter: what, what is expected, and the way to the part that is at fault."""

    message: Text
    expected: Text
    path: Path = ()


class FilterError(ValueError):
    """A filter that cannot be understood, or that makes no sense for a layer."""

    def __init__(self, *faults: FilterFault) -> None:
        super().__init__("; ".join(fault.message.en for fault in faults))
        self.faults = faults

    def under(self, *steps: str | int) -> FilterError:
        """The same faults, seen from an expression that has the part at fault at the end of these steps."""
        return FilterError(*(fault._replace(path=(*steps, *fault.path)) for fault in self.faults))


def fault(zh: str, en: str, expected: Text) -> FilterFault:
    """A fault of a message in both languages."""
    return FilterFault(Text(zh=zh, en=en), expected)


def one_of(name: str, known: tuple[str, ...]) -> Text:
    """What is expected instead of a wrong name: the nearest first, else the names there are."""
    near = nearest(name[:80], known)
    listed = ", ".join(known[:_LISTED]) + (", …" if len(known) > _LISTED else "")
    if near is not None:
        return Text(zh=f"{near}（最接近的名称）", en=f"{near}, the nearest name")
    return Text(zh=f"以下之一：{listed}", en=f"one of {listed}") if known else Text(zh="无", en="nothing")


def unfit(tree: Any, whole: Any, wanted: Type) -> FilterFault:
    """The fault of an operand, in the expression `whole`, of another type than is needed."""
    where = "" if tree is whole else f"{shown(whole)}: "
    return fault(
        f"{where}{shown(tree)} 的类型不合", f"{where}{shown(tree)} is of another type", _NAMES[wanted]
    )
