"""The index of a layer's texts with some features called otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from config.models import CodeList, Layer
from releases import search
from releases.attributes import Attribute
from releases.table import Table


def touched(layer: Layer, before: Table, after: Table) -> bool:
    """Whether any feature is called otherwise than before."""
    names = (field.name for field in search.fields(layer))
    return any(before.values[name].tolist() != after.values[name].tolist() for name in names)


def write(
    layer: Layer, attributes: Mapping[str, Attribute], codelists: Mapping[str, CodeList], path: Path
) -> None:
    """Write the index anew from the layer's columns, of which it needs only those that are searched."""
    search.put(
        layer,
        {field.name: _values(attributes[field.name]) for field in search.fields(layer)},
        codelists,
        path,
    )


def _values(attribute: Attribute) -> list[Any]:
    plain = pa.concat_arrays([attribute.values, pa.nulls(1, attribute.values.type)])
    found = np.array(plain.to_pylist(), dtype=object)
    values: list[Any] = found[attribute.codes].tolist()
    return values
