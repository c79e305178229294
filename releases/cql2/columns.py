"""Filters on columns: a checked condition as truth values of all features at once.

Null lies between false and true, so AND is the least of its operands, OR the greatest and NOT the distance from the
other end (21-065r2, table 1). Below them stand conditions on one field, which are decided for each of its values and
not for each feature: comparisons with literals by places in the sorted values, all else, where the values are few, by
asking SQLite's dialect about each, so that nothing but comparing has two meanings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from time import monotonic
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from releases import valuetable
from releases.attributes import Attribute
from releases.cql2.nodes import Array, Call, Column, Filter, Interval, Node, Value
from releases.query import Keys, TooCostly
from releases.valuetable import Prepare, Question

#: Truth values: of each feature, or of each value of a field and, last, of null.
Truth = NDArray[np.uint8]
FALSE, UNKNOWN, TRUE = 0, 1, 2
#: Places in the sorted values of a field: from, and up to.
Range = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a layer, which are asked until `end` of the monotonic clock, then TooCostly.

    `watch` makes a connection look at that clock, `written` makes a question to SQLite of a filter.
    """

    attributes: Mapping[str, Attribute]
    end: float
    watch: Prepare
    written: Callable[[Filter], Question]

    def able(self, node: Node) -> bool:
        """Whether a condition can be asked here."""
        attribute = self._only(node)
        if attribute is not None and (attribute.few or _is_ranged(node)):
            return True
        return isinstance(node, Call) and node.op in _LOGIC and all(map(self.able, node.args))

    def truth(self, node: Node, keys: Keys | None = None) -> Truth:
        """Of each feature, or of those of some keys, whether a condition holds that can be asked here."""
        if monotonic() > self.end:
            raise TooCostly
        attribute = self._only(node)
        if attribute is not None and isinstance(node, Call) and _is_ranged(node):
            return taken(attribute, _of_ranges(attribute, node), keys)
        if attribute is not None and attribute.few:
            question = self.written(Filter(node, (attribute.field.name,), spatial=False))
            return self.of_values(attribute, question, keys)
        assert isinstance(node, Call)
        return _LOGIC[node.op]([self.truth(arg, keys) for arg in node.args])

    def of_values(self, attribute: Attribute, question: Question, keys: Keys | None = None) -> Truth:
        """The same of a condition in SQL that reads one field of few values."""
        found = valuetable.asked(attribute, question, self.watch)
        table = np.array([UNKNOWN if one is None else TRUE if one else FALSE for one in found])
        return taken(attribute, table, keys)

    def _only(self, node: Node) -> Attribute | None:
        """The one field that a node reads; None when it reads several, none, or one without a column."""
        names = set(_names(node))
        return self.attributes.get(names.pop()) if len(names) == 1 else None


def equal(attribute: Attribute, value: Any, keys: Keys | None = None) -> Truth:
    """Of each feature, or of those of some keys, whether its value is that one, dates as they are written."""
    return taken(attribute, _table(attribute, [(attribute.first(value), attribute.behind(value))]), keys)


def taken(attribute: Attribute, table: NDArray[Any], keys: Keys | None) -> Truth:
    """Of each feature, or of those of some keys, what a table has for its value."""
    codes = attribute.codes if keys is None else attribute.codes[keys - 1]
    found: Truth = np.take(table.astype(np.uint8, copy=False), codes)
    return found


def _names(node: Node) -> Iterator[str]:
    match node:
        case Column():
            yield node.name
        case Call():
            for arg in node.args:
                yield from _names(arg)
        case Array():
            for member in node.members:
                yield from _names(member)
        case Interval():
            yield from (column.name for column in node.columns)


def _is_ranged(node: Node) -> bool:
    """Whether a condition compares a field as it is with literals, times apart: a day is more than one value."""
    if not isinstance(node, Call) or node.op not in _RANGES:
        return False
    column, *literals = node.args
    return isinstance(column, Column) and all(isinstance(literal, Value) for literal in literals)


def _of_ranges(attribute: Attribute, call: Call) -> Truth:
    literals = [literal.value for literal in call.args[1:] if isinstance(literal, Value)]
    return _table(attribute, _RANGES[call.op](attribute, *literals))


def _table(attribute: Attribute, ranges: Sequence[Range]) -> Truth:
    table = np.full(len(attribute.values) + 1, FALSE, dtype=np.uint8)
    table[-1] = UNKNOWN
    for start, end in ranges:
        table[start:end] = TRUE
    return table


def _least(truths: list[Truth]) -> Truth:
    return reduce(np.minimum, truths)


def _greatest(truths: list[Truth]) -> Truth:
    return reduce(np.maximum, truths)


def _opposite(truths: list[Truth]) -> Truth:
    found: Truth = TRUE - truths[0]
    return found


_LOGIC: Final[Mapping[str, Callable[[list[Truth]], Truth]]] = {
    "and": _least,
    "or": _greatest,
    "not": _opposite,
}
#: Comparison -> the ranges of sorted values, behind which is null, for which it holds.
_RANGES: Final[Mapping[str, Callable[..., Sequence[Range]]]] = {
    "isNull": lambda field: [(len(field.values), len(field.values) + 1)],
    "=": lambda field, value: [(field.first(value), field.behind(value))],
    "<>": lambda field, value: [(0, field.first(value)), (field.behind(value), len(field.values))],
    "<": lambda field, value: [(0, field.first(value))],
    ">": lambda field, value: [(field.behind(value), len(field.values))],
    "<=": lambda field, value: [(0, field.behind(value))],
    ">=": lambda field, value: [(field.first(value), len(field.values))],
    "between": lambda field, low, high: [(field.first(low), field.behind(high))],
    "in": lambda field, *values: [(field.first(value), field.behind(value)) for value in values],
}
