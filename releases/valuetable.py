"""The values of a field as a table of their own: what SQL says of a value it says of all features that have it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from typing import Any, NamedTuple

from releases.attributes import Attribute
from releases.cql2.sqlite import TABLE
from releases.features import quoted
from releases.geopackage import COLUMN_TYPES

#: What a connection is given before it is asked: a clock to look at, functions to call.
Prepare = Callable[[sqlite3.Connection], None]


class Question(NamedTuple):
    """An expression in SQL on the table TABLE of a layer, the values of its marks, and what it needs of a connection."""

    sql: str
    bound: Sequence[Any] = ()
    prepare: Prepare = lambda connection: None


def asked(attribute: Attribute, question: Question, watch: Prepare) -> list[Any]:
    """What an expression is that reads one field: for each of its values and, last, for null."""
    name = quoted(attribute.field.name)
    # Of the type that it has in the layer's table, by which SQLite decides how it compares.
    kind = COLUMN_TYPES.get(attribute.field.type, "TEXT")
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as database:
        watch(database)
        question.prepare(database)
        # One column alone, since any other might have the name of the field; without an index rows stay in order.
        database.execute(f"CREATE TABLE features ({name} {kind})")
        values = [*attribute.values.to_pylist(), None]
        database.executemany("INSERT INTO features VALUES (?)", ((value,) for value in values))
        rows = database.execute(f"SELECT {question.sql} FROM features AS {TABLE}", question.bound)
        return [found for (found,) in rows]
