"""The canonical bytes of a feature, from which its digest is made: the same in any language and from any format.

    entry = JCS({"id": …, "properties": {…}}) || WKB

JCS is the JSON Canonicalization Scheme (RFC 8785). Properties are all fields of the layer, nulls too; a date is its
published text. An integer that no double holds, which JCS leaves to others, has all its digits. WKB is the geometry in
little-endian ISO well-known binary with two dimensions, in degrees, longitude first, as stored, and zero has no sign; a
null geometry has no bytes. JSON ends with its brace, so that nothing can be moved from one part to the other.

Not a library of RFC 8785 for each feature: in orjson's texts the numbers alone can differ from it, so these are looked
at by columns, and the few that do differ are written by one. That is a twentieth of the time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import orjson
import rfc8785
import shapely

from config.models import Layer
from releases.proof import merkle
from releases.proof.merkle import Digests
from releases.table import Objects, Table

#: Features made canonical at once: enough to make array calls cheap, few enough to hold in memory.
CHUNK: Final = 4096
#: Integers up to here are doubles too, and JCS gives a double that is one its digits.
_EXACT: Final = 2.0**53
#: Between these, a number that is no integer is written without exponent here and there (ECMA-262, 6.1.6.1.20).
_PLAIN: Final = (1e-4, 1e15)


def leaves(table: Table) -> Digests:
    """The digest of each feature of a table (n, 32), in its order, which is that of ids."""
    found = np.empty((len(table), merkle.SIZE), np.uint8)
    for start in range(0, len(table), CHUNK):
        part = slice(start, start + CHUNK)
        values = {name: column[part].tolist() for name, column in table.values.items()}
        shapes = wkb(table.geometry[part])
        texts = entries(table.layer, table.ids[part].tolist(), values, shapes)
        found[part] = merkle.digests(map(merkle.leaf, texts))
    return found


def entries(
    layer: Layer, ids: Sequence[Any], values: Mapping[str, Sequence[Any]], shapes: Sequence[bytes]
) -> list[bytes]:
    """The canonical bytes of some features.

    Parameters
    ----------
    ids : of each feature
    values : every field of the layer -> its value in each feature, as in the published text
    shapes : well-known binary of each geometry as `wkb` makes it, no bytes for a null one
    """
    # By UTF-16 code units, as RFC 8785 3.2.3 has it.
    names = sorted(values, key=lambda name: name.encode("utf-16-be"))
    numbers = {field.name for field in layer.fields if field.type == "number"}
    columns = [_numbers(values[name]) if name in numbers else values[name] for name in names]
    return [
        orjson.dumps({"id": identifier, "properties": dict(zip(names, row))}) + shape
        for identifier, shape, row in zip(ids, shapes, zip(*columns), strict=True)
    ]


def wkb(geometry: Objects) -> list[bytes]:
    """Well-known binary of each geometry (n,): little-endian, x and y; no bytes for a null one."""
    xy = shapely.get_coordinates(geometry)
    if (np.signbit(xy) & (xy == 0)).any():
        geometry = shapely.transform(geometry, lambda places: places + 0.0)
    shapes = shapely.to_wkb(geometry, byte_order=1, output_dimension=2, flavor="iso")
    return [shape or b"" for shape in shapes.tolist()]


def _numbers(column: Sequence[Any]) -> Sequence[Any]:
    """Numbers as something that orjson writes as JCS would."""
    size = np.array(column, np.float64)  # None is not a number
    whole = (size == np.trunc(size)) & (np.abs(size) <= _EXACT)
    plain = (np.abs(size) >= _PLAIN[0]) & (np.abs(size) < _PLAIN[1])
    found: Objects = np.array(column, object)
    found[whole] = size[whole].astype(np.int64)
    for place in np.flatnonzero(~(whole | plain | np.isnan(size))).tolist():
        found[place] = orjson.Fragment(rfc8785.dumps(float(column[place])))
    told: list[Any] = found.tolist()
    return told
