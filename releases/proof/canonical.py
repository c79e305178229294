"""The canonical bytes of a feature, from which its digest is made: the same in any language and from any format.

    entry = JCS({"id": …, "properties": {…}}) || WKB

JCS is the JSON Canonicalization Scheme (RFC 8785); properties are all fields of the layer, nulls too. An integer that
no double holds, which JCS leaves open, has all its digits. WKB is the geometry in little-endian ISO well-known binary
with two dimensions, in degrees, longitude first, as stored; a null geometry has no bytes. JSON ends with its brace, so
that nothing can be moved from one part to the other.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson
import rfc8785
import shapely

from releases.proof import merkle
from releases.table import Table


def leaves(table: Table) -> Iterator[bytes]:
    """The digest of each feature of a table, in its order, which is that of ids."""
    # By UTF-16 code units, as RFC 8785 3.2.3 has it.
    names = sorted(table.values, key=lambda name: name.encode("utf-16-be"))
    keys = [orjson.dumps(name) + b":" for name in names]
    shapes = shapely.to_wkb(table.geometry, byte_order=1, output_dimension=2)
    columns = [table.values[name] for name in names]
    for identifier, shape, *row in zip(table.ids, shapes, *columns):
        members = b",".join(key + _text(value) for key, value in zip(keys, row))
        text = b'{"id":%b,"properties":{%b}}' % (_text(identifier), members)
        yield merkle.leaf(text + (shape or b""))


def _text(value: Any) -> bytes:
    return rfc8785.dumps(value) if isinstance(value, float) else orjson.dumps(value)
