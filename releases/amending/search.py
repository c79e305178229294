"""The index of a layer's texts with some features called otherwise."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from config.models import CodeList, Layer
from releases import search
from releases.attributes import Attribute
from releases.query import Keys
from releases.table import Table


def touched(layer: Layer, before: Table, after: Table) -> bool:
    """Whether any feature is called otherwise than before."""
    names = (field.name for field in search.fields(layer))
    return any(before.values[name].tolist() != after.values[name].tolist() for name in names)


def write(
    layer: Layer, attributes: Mapping[str, Attribute], codelists: Mapping[str, CodeList], path: Path
) -> None:
    """Write the index anew from the layer's columns, of which it needs only those that are searched."""
    held: defaultdict[str, list[Keys]] = defaultdict(list)
    for field in search.fields(layer):
        titles = search.titles_of(field, codelists)
        for value, keys in _keys(attributes[field.name]):
            for text in (*([value] if field.searchable else []), *titles.get(str(value), ())):
                held[text].append(keys)
    search.put({text: np.concatenate(keys) for text, keys in held.items()}, path)


def _keys(attribute: Attribute) -> Iterator[tuple[Any, Keys]]:
    """Each value that occurs, and the keys of the features that have it, ascending."""
    order = np.argsort(attribute.codes, kind="stable")
    starts = np.searchsorted(attribute.codes[order], np.arange(len(attribute.values) + 1))
    keys = (order + 1).astype(np.uint32)
    for value, start, end in zip(attribute.values.to_pylist(), starts.tolist(), starts[1:].tolist()):
        yield value, keys[start:end]
