"""Features in the order of their values: numbers by size, texts by code points, dates by the moment they begin.

False comes before true. What has no value comes last in both directions, and what is equal stands in the order of
keys. So an order is the same on every machine and in every language; who wants pinyin sorts by a field that has it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

import numpy as np
import orjson
from numpy.typing import NDArray

from config.models import Layer
from releases import geopackage, valuetable
from releases.attributes import Attribute
from releases.cql2.sqlite import TABLE
from releases.features import milliseconds, quoted
from releases.query import Keys, SortKey
from releases.valuetable import Prepare, Question

#: Small numbers in the order of values: what is equal in an order has the same, what is null the greatest.
Ranks = NDArray[np.unsignedinteger]


def sortable(layer: Layer) -> tuple[str, ...]:
    """The fields that an order may have: all but those that hold several values."""
    return tuple(field.name for field in layer.fields if field.type != "array")


def by_columns(
    attributes: Mapping[str, Attribute], order: tuple[SortKey, ...], keys: Keys | None, watch: Prepare
) -> Keys:
    """Some ascending keys, or those of all features, in an order of fields that there are columns of."""
    ranked = [_ranks(attributes[one.field], one.descending, keys, watch) for one in order]
    found = _sorted(ranked)
    return found + np.uint32(1) if keys is None else keys[found]


def by_database(
    connection: sqlite3.Connection, layer: Layer, order: tuple[SortKey, ...], keys: Keys | None = None
) -> Keys:
    """Some keys, or those of all features, in an order of sortable fields, where columns lack."""
    key, table = quoted(geopackage.key_column(layer)), f"{quoted(layer.id)} AS {TABLE}"
    terms = ", ".join([*(_term(layer, one) for one in order), key])
    some, values = "1", list[str]()
    if keys is not None:
        some, values = f"{key} IN (SELECT value FROM json_each(?))", [orjson.dumps(keys.tolist()).decode()]
    rows = connection.execute(f"SELECT {key} FROM {table} WHERE {some} ORDER BY {terms}", values)
    return np.fromiter((row[0] for row in rows), dtype=np.uint32)


def _term(layer: Layer, one: SortKey) -> str:
    field = layer.field(one.field)
    dated = field is not None and field.type == "date"
    value = milliseconds(one.field, table=TABLE) if dated else f"{TABLE}.{quoted(one.field)}"
    return f"{value} {'DESC' if one.descending else 'ASC'} NULLS LAST"


def _ranks(attribute: Attribute, descending: bool, keys: Keys | None, watch: Prepare) -> Ranks:
    """The ranks of all features, or of those of some keys."""
    ranks, null = attribute.codes if keys is None else attribute.codes[keys - 1], len(attribute.values)
    if attribute.field.type == "date":
        ranks = _moments(attribute, watch)[ranks]
    return np.where(ranks == null, ranks, null - ranks - 1) if descending else ranks


def _moments(attribute: Attribute, watch: Prepare) -> Ranks:
    """Of each date, and last of null, its rank: those of the same moment have the same."""
    # As text, half a second after noon would come before noon: "." is less than "Z".
    times = valuetable.asked(attribute, Question(milliseconds(attribute.field.name, table=TABLE)), watch)
    ranks = np.unique(np.array(times[:-1], dtype=np.int64), return_inverse=True)[1]
    return np.append(ranks, len(ranks)).astype(attribute.codes.dtype)


def _sorted(ranked: list[Ranks]) -> NDArray[np.uint32]:
    """Places in the order of ranks, of the first before those of the next, and where all are equal as they were."""
    count = len(ranked[0])
    widths = [int(ranks.max(initial=0)).bit_length() for ranks in ranked]
    width = count.bit_length()
    if sum(widths) + width > 64:
        return np.lexsort(ranked[::-1]).astype(np.uint32)
    # Numbers that hold the ranks and, last, the place are sorted five times as fast as places by their ranks.
    packed = np.zeros(count, dtype=np.uint64)
    for ranks, bits in zip([*ranked, np.arange(count, dtype=np.uint32)], [*widths, width]):
        packed <<= np.uint64(bits)
        packed |= ranks
    packed.sort()
    packed &= np.uint64(2**width - 1)
    return packed.astype(np.uint32)
