"""Features in the order of their values: numbers by size, texts by code points, dates by the moment they begin.

False comes before true. What has no value comes last in both directions, and what is equal stands in the order of
keys. So an order is the same on every machine and in every language; who wants pinyin sorts by a field that has it.

SQLite does it alone: of 1,000,000 features it takes 0.3 to 0.5 s by one field, whose index has all that is asked, and
1.2 to 1.6 s by several, for which it goes through the table; ranks of each field, sorted by NumPy, took twice that.
"""

from __future__ import annotations

import sqlite3

import numpy as np
import orjson
from numpy.typing import NDArray

from config.models import Layer
from releases import geopackage
from releases.features import milliseconds, quoted
from releases.query import SortKey

Keys = NDArray[np.uint32]


def sortable(layer: Layer) -> tuple[str, ...]:
    """The fields that an order may have: all but those that hold several values."""
    return tuple(field.name for field in layer.fields if field.type != "array")


def ordered(
    connection: sqlite3.Connection, layer: Layer, order: tuple[SortKey, ...], keys: Keys | None = None
) -> Keys:
    """Some keys, or those of all features, in an order of sortable fields."""
    key, table = quoted(geopackage.key_column(layer)), f"{quoted(layer.id)} AS l"
    terms = ", ".join([*(_term(layer, one) for one in order), key])
    if keys is None:
        rows = connection.execute(f"SELECT {key} FROM {table} ORDER BY {terms}")
    else:
        some = f"{key} IN (SELECT value FROM json_each(?))"
        rows = connection.execute(
            f"SELECT {key} FROM {table} WHERE {some} ORDER BY {terms}",
            (orjson.dumps(keys.tolist()).decode(),),
        )
    return np.fromiter((row[0] for row in rows), dtype=np.uint32)


def _term(layer: Layer, one: SortKey) -> str:
    field = layer.field(one.field)
    # As text, half a second after noon would come before noon: "." is less than "Z".
    dated = field is not None and field.type == "date"
    value = milliseconds(one.field, table="l") if dated else f"l.{quoted(one.field)}"
    return f"{value} {'DESC' if one.descending else 'ASC'} NULLS LAST"
