"""What a query asks of attributes, each condition where it is answered: by columns, or as a question to the database."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final

from config.models import Layer
from releases import conjuncts
from releases.cql2 import Filter, sqlite
from releases.cql2.columns import Columns, Truth, equal
from releases.cql2.nodes import Call
from releases.features import milliseconds, quoted
from releases.query import Interval, Keys, TooCostly, Value, Where
from releases.valuetable import Question

#: Characters of a condition; SQLite takes a million bytes of SQL. Hundreds of long intervals would have more.
LONGEST: Final = 500_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

#: Of each feature, or of those of some keys, whether a condition holds.
Test = Callable[[Keys | None], Truth]


@dataclass(frozen=True, slots=True)
class Conditions:
    """What features must meet: `tests` of their attributes, `shapes` that they are related to as operators say, and
    `questions` that the database is left with.
    """

    tests: list[Test] = field(default_factory=list)
    shapes: list[Call] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)


def conditions(layer: Layer, where: Where, columns: Columns) -> Conditions:
    """The conditions of a query but for words and boxes."""
    found = Conditions()
    for name, value in where.equals:
        attribute = columns.attributes.get(name)
        if attribute is None:
            found.questions.append(_equality(layer, name, value))
        else:
            found.tests.append(partial(equal, attribute, value))
    for name, question in _intersection(layer, where.interval):
        attribute = columns.attributes.get(name)
        if attribute is None or not attribute.few:
            found.questions.append(question)
        else:
            found.tests.append(partial(columns.of_values, attribute, question))
    if where.filter:
        parts = conjuncts.parted(where.filter, columns.able)
        found.tests.extend(partial(columns.truth, part) for part in parts.attributes)
        found.shapes.extend(parts.shapes)
        if parts.rest:
            found.questions.append(columns.written(parts.rest))
    return found


def of_filter(layer: Layer, filter: Filter, end: float) -> Question:
    """A filter as a question, whose functions look at the clock until `end`; TooCostly when it is too long."""
    found = sqlite.condition(filter, layer)
    if len(found.text) > LONGEST:
        raise TooCostly

    def prepare(connection: sqlite3.Connection) -> None:
        # What a condition calls goes to the connection, which one thread holds.
        sqlite.install(connection, found, layer, end)

    return Question(found.text, found.values, prepare)


def _equality(layer: Layer, name: str, value: Value) -> Question:
    known = layer.field(name)
    if known is not None and known.type == "array":
        # No index: arrays stand in small registers, and the answer is kept.
        return Question(
            f"EXISTS (SELECT 1 FROM json_each(l.{quoted(name)}) AS member WHERE member.value = ?)", (value,)
        )
    return Question(f"l.{quoted(name)} = ?", (value,))


def _intersection(layer: Layer, interval: Interval | None) -> Iterator[tuple[str, Question]]:
    """What features meet whose time intersects the interval, to the millisecond, each with the field that it reads.

    A missing start or end is open, so a feature without either matches always (17-069r4 7.15.4).
    """
    if not layer.temporal_fields or interval is None:
        return
    first, last = layer.temporal_fields[0], layer.temporal_fields[-1]
    start, end = milliseconds(first, table="l"), milliseconds(last, end=True, table="l")
    if interval[0] is not None:
        yield last, Question(f"({end} >= ? OR {end} IS NULL)", (_since_epoch(interval[0]),))
    if interval[1] is not None:
        yield first, Question(f"({start} <= ? OR {start} IS NULL)", (_since_epoch(interval[1]),))


def _since_epoch(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(milliseconds=1)
