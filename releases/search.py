"""The index of what a layer's features are called: names, and the titles of codes.

A row is one text, however many features have it: 200,000 zones have 141 county names and eight titles of zones. The
full-text index (FTS5) says which texts hold all tokens of a question, the text itself whether they stand in a row, and
beside it are the keys of its features. So a field's text never runs on into the next, and the index is as small as
there is little to tell apart.

Why FTS5 is not asked for a phrase: it looks for one without a glance at the clock, and a character that stands in each
of a million texts, asked for 200 times in a row, held a worker of a busy machine for 19 seconds.
"""

from __future__ import annotations

import sqlite3
from array import array
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from config.models import CodeList, Field, Layer
from releases import databasefile
from releases.query import Keys
from releases.table import Table
from releases.words import Words, tokens

#: The name that the index goes by on a connection to the layer's GeoPackage.
SCHEMA: Final = "search"
#: Without texts, places and counts: which texts hold a token is all that is asked. Only ASCII is looked at by this
#: tokenizer, so no version of SQLite's Unicode tables is part of a release. `said` is tokens with a space before each.
_TABLES: Final = (
    "CREATE VIRTUAL TABLE tokens USING fts5(said, content='', columnsize=0, detail=none, tokenize='ascii')",
    "CREATE TABLE texts (id INTEGER PRIMARY KEY, said TEXT NOT NULL, keys BLOB NOT NULL)",
)
_HOLDING: Final = (
    f"SELECT id FROM {SCHEMA}.texts WHERE id IN (SELECT rowid FROM {SCHEMA}.tokens(?)) AND instr(said, ?)"
)
#: Tokens of a term that the index is asked for beside its last; the text is asked for all.
_SOUGHT: Final = 7


def fields(layer: Layer) -> tuple[Field, ...]:
    """The fields that are searched, in the layer's order."""
    return tuple(field for field in layer.fields if field.searchable or field.codelist)


def write(table: Table, codelists: Mapping[str, CodeList], path: Path) -> None:
    """Write the index of a table's texts; key k is row k of the table, from 1."""
    put(_held(table, codelists), path)


def put(held: Mapping[str, Sequence[int] | Keys], path: Path) -> None:
    """Write the index of texts and the keys of the features that are called so, some of which may stand twice."""
    texts = sorted(held.items())
    with databasefile.created(path) as connection:
        for statement in _TABLES:
            connection.execute(statement)
        rows = [(i, "".join(f" {token}" for token in tokens(text))) for i, (text, _) in enumerate(texts, 1)]
        connection.executemany("INSERT INTO tokens (rowid, said) VALUES (?, ?)", rows)
        blobs = ((i, said, _blob(keys)) for (i, said), (_, keys) in zip(rows, texts))
        connection.executemany("INSERT INTO texts VALUES (?, ?, ?)", blobs)
        # One segment: a question looks at one place for each token.
        connection.execute("INSERT INTO tokens (tokens) VALUES ('optimize')")


def find(connection: sqlite3.Connection, words: Words) -> Keys:
    """The keys of features that are called so, ascending; the index is attached to the connection as SCHEMA."""
    holding = " UNION ".join(_HOLDING for _ in words.terms)
    rows = connection.execute(
        f"SELECT keys FROM {SCHEMA}.texts WHERE id IN ({holding})",
        [one for term in words.terms for one in _question(term)],
    )
    found = b"".join(keys for (keys,) in rows)
    held = np.frombuffer(found, dtype="<u4")
    # A mark for each key instead of sorting them: 10 ms instead of 500 where three texts name each of a million.
    marks = np.zeros(int(held.max(initial=0)) + 1, dtype=bool)
    marks[held] = True
    return np.flatnonzero(marks).astype(np.uint32)


def _question(term: tuple[str, ...]) -> tuple[str, str]:
    """A term to the index and to a text. Tokens hold no quotes, so nothing that was asked is a syntax."""
    whole = [f'"{token}"' for token in dict.fromkeys(term[:-1])][:_SOUGHT]
    return " AND ".join([*whole, f'"{term[-1]}" *']), "".join(f" {token}" for token in term)


def _held(table: Table, codelists: Mapping[str, CodeList]) -> dict[str, array[int]]:
    """Every text, and the keys of the features that are called so; some of them twice."""
    held: defaultdict[str, array[int]] = defaultdict(lambda: array("I"))
    for field in fields(table.layer):
        titles = titles_of(field, codelists)
        for key, value in enumerate(table.values[field.name], start=1):
            for member in value if isinstance(value, list) else (value,):
                if member is not None and field.searchable:
                    held[member].append(key)
                for title in titles.get(str(member), ()):
                    held[title].append(key)
    return held


def _blob(keys: Sequence[int] | Keys) -> bytes:
    """Keys, ascending and each once, as the index holds them. Most names are one feature's, and need no sorting."""
    return (np.unique(keys) if len(keys) > 1 else np.asarray(keys)).astype("<u4").tobytes()


def titles_of(field: Field, codelists: Mapping[str, CodeList]) -> dict[str, tuple[str, ...]]:
    """What each code of the field's list is called, in both languages."""
    if field.codelist is None:
        return {}
    return {code.value: (code.title.zh, code.title.en) for code in codelists[field.codelist].codes}
