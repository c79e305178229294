"""The attributes of a layer as columns, with the values of some features changed.

A value that is among the field's already is another code in its place. One that is not, or one that nobody has any more,
makes the field's column anew from what all features have: values alone are looked at, each once.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from releases import attributes
from releases.attributes import Attribute
from releases.table import Table


def write(
    known: Mapping[str, Attribute], before: Table, after: Table, keys: np.ndarray, path: Path
) -> Mapping[str, Attribute]:
    """Write the columns of a release whose features of `keys` (m,) were `before` and are `after`; what they are now."""
    columns = {}
    for name, attribute in known.items():
        values = after.values[name].tolist()
        same = values == before.values[name].tolist()
        columns[name] = attributes.encoded(attribute) if same else _column(attribute, values, keys)
    attributes.save(columns, path)
    return attributes.read(path, after.layer)


def _column(attribute: Attribute, values: list[Any], keys: np.ndarray) -> pa.DictionaryArray:
    """The column with other values at some keys, as `attributes` makes it of a whole table."""
    was = attribute.values.to_pylist()
    place = {value: code for code, value in enumerate(was)}
    null = len(was)
    codes = attribute.codes.astype(np.int64)
    added: dict[Any, int] = {}
    for key, value in zip(keys.tolist(), values):
        if value is None:
            codes[key - 1] = null
            continue
        plain = float(value) + 0.0 if attribute.field.type == "number" else value
        code = place.get(plain)
        codes[key - 1] = added.setdefault(plain, null + 1 + len(added)) if code is None else code
    return attributes.packed(attribute.field, codes, [*was, None, *added])
