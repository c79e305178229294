"""Which features of a layer match a query's conditions: their keys.

The whole answer is found at once and not page by page: a bbox needs the exact predicate on what crosses its
edge, the count must be exact, and a walk asks for the same conditions again and again. So a store keeps
selections (4 bytes a feature), and every further page is a slice.

What costs least is asked first - attributes as columns, words by their index, boxes and shapes by the R-tree - and
the next only of what was found; what is left is decided feature by feature in the layer's GeoPackage.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from threading import Semaphore
from time import monotonic
from typing import Any, Final

import numpy as np
import orjson

from config.models import Box, Layer
from releases import geopackage, meeting, search
from releases.attributes import Attribute
from releases.conditions import Test, conditions, of_filter
from releases.cql2.columns import TRUE, Columns
from releases.cql2.sqlite import TABLE
from releases.features import quoted
from releases.order import by_columns, by_database
from releases.query import Frame, Keys, SortKey, TooCostly, Value, Where
from releases.valuetable import Question

#: So long may a database look for what matches.
SECONDS: Final = 10.0
#: So many look through columns at once, each with up to 30 bytes for every feature; there are few cores to do more.
_TURNS: Final = Semaphore(2)
#: Of the features of a layer; to look up one of these by its key takes as long as to look at some in a row.
_FEW: Final = 0.1
#: Steps of SQLite's machine between two looks at the clock, a millisecond or less.
_STEPS: Final = 10_000


def select(
    connection: sqlite3.Connection,
    layer: Layer,
    where: Where,
    order: tuple[SortKey, ...] = (),
    attributes: Mapping[str, Attribute] | None = None,
) -> Keys:
    """The keys that match, ascending or in an order; TooCostly when they are not found in SECONDS.

    `attributes` are those that there are columns of, by their names; the database is asked about all others.
    """
    end = monotonic() + SECONDS

    def watch(connection: sqlite3.Connection) -> None:
        connection.set_progress_handler(lambda: monotonic() > end, _STEPS)

    columns = Columns(attributes or {}, end, watch, partial(of_filter, layer, end=end))
    watch(connection)
    try:
        found = None if order and where.everything else _matching(connection, layer, where, columns)
        if found is not None and not order:
            return found
        if all(one.field in columns.attributes for one in order):
            with _turn(end):
                return by_columns(columns.attributes, order, found, watch)
        return by_database(connection, layer, order, found)
    except sqlite3.OperationalError as fault:
        if monotonic() > end:
            raise TooCostly from fault
        raise
    finally:
        connection.set_progress_handler(None, 0)


@contextmanager
def _turn(end: float) -> Iterator[None]:
    """Wait for a turn at the columns; TooCostly when `end` comes first."""
    if not _TURNS.acquire(timeout=max(end - monotonic(), 0.0)):
        raise TooCostly
    try:
        yield
    finally:
        _TURNS.release()


def key_of(connection: sqlite3.Connection, layer: Layer, feature_id: Value) -> int | None:
    """The key of the feature with an id of the id field's type, None when there is none."""
    key, name = quoted(geopackage.key_column(layer)), quoted(layer.id_field.name)
    row = connection.execute(
        f"SELECT {key} FROM {quoted(layer.id)} WHERE {name} = ?", (feature_id,)
    ).fetchone()
    return None if row is None else int(row[0])


def _matching(connection: sqlite3.Connection, layer: Layer, where: Where, columns: Columns) -> Keys:
    with _turn(columns.end):
        asked = conditions(layer, where, columns)
        found = _passing(asked.tests) if asked.tests else None
        if where.words:
            called = search.find(connection, where.words)
            found = called if found is None else np.intersect1d(found, called, assume_unique=True)
    places: tuple[Box | Frame, ...] = (*where.boxes, *where.frames)
    if places:
        found = meeting.touching(connection, layer, places, found, columns.end)
    for call in asked.shapes:
        found = meeting.meeting(connection, layer, call, found, columns.end)
    if asked.questions or found is None:
        found = _answering(connection, layer, asked.questions, found)
    return found


def _passing(tests: list[Test]) -> Keys:
    """The keys of the features that pass all tests; once they are few, only they are tested."""
    first, *others = tests
    passed = first(None) == TRUE
    while others and np.count_nonzero(passed) > _FEW * len(passed):
        passed &= others.pop(0)(None) == TRUE
    found = (np.flatnonzero(passed) + 1).astype(np.uint32)
    for test in others:
        found = found[test(found) == TRUE]
    return found


def _answering(
    connection: sqlite3.Connection, layer: Layer, questions: list[Question], among: Keys | None
) -> Keys:
    """Keys, ascending, of the features for which all holds, or of those among some keys."""
    key, asked = f"{TABLE}.{quoted(geopackage.key_column(layer))}", list(questions)
    for question in questions:
        question.prepare(connection)
    if among is not None:
        listed = orjson.dumps(among.tolist()).decode()
        asked.insert(0, Question(f"{key} IN (SELECT value FROM json_each(?))", (listed,)))
    sql = " AND ".join(f"({question.sql})" for question in asked) or "1"
    bound: list[Any] = [value for question in asked for value in question.bound]
    rows = connection.execute(f"SELECT {key} FROM {quoted(layer.id)} AS {TABLE} WHERE {sql}", bound)
    found = np.fromiter((row[0] for row in rows), dtype=np.uint32)
    found.sort()
    return found
