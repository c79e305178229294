"""The attributes of a layer as columns: of each field the values that occur, sorted, and which of them each feature has.

So what a value must be is looked at once for each value and not for each feature, and an order of features is an order
of small numbers. A release never changes, so the columns are written when it is published, as an Arrow file that is
mapped and not read: a field that nobody asks for costs nothing, and all workers share what was read.

Not the layer's GeoParquet, which is compressed, in the order of a curve, and has dates as its readers want them: here
stand the values of the published text, in the order of keys. Arrays are left to the database.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from config.models import Field, Layer
from releases.table import Objects, Table

#: For each feature by its key the place of its value, in as few bytes as will do.
Codes = NDArray[np.unsignedinteger[Any]]

#: So many values are looked at one by one; a thousandth of a second for each thousand.
FEW: Final = 20_000
_TYPES: Final = {
    "string": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.string(),
}


@dataclass(frozen=True, slots=True, eq=False)
class Attribute:
    """One field of all features.

    Parameters
    ----------
    field : what the configuration says about it
    values : (m,) that occur, each once: numbers by size, texts and dates by code points, false before true
    codes : (n,) places in `values` of the features' values in the order of keys; m: it has none
    """

    field: Field
    values: pa.Array
    codes: Codes

    @property
    def few(self) -> bool:
        """Whether its values may be looked at one by one."""
        return len(self.values) <= FEW

    def first(self, value: Any) -> int:
        """The place of the first value that is not less than another."""
        return bisect_left(self.values, value, key=_plain)

    def behind(self, value: Any) -> int:
        """The place of the first value that is greater than another."""
        return bisect_right(self.values, value, key=_plain)


def read(path: Path, layer: Layer) -> Mapping[str, Attribute]:
    """The columns in a file by the names of their fields, mapped for as long as anybody holds one of them."""
    with pa.memory_map(str(path)) as source:
        batch = pa.ipc.open_file(source).get_batch(0)
    return {field.name: _attribute(batch.column(field.name), field) for field in _held(layer)}


def write(table: Table, path: Path) -> None:
    """Write the columns of a table to a new file; key k is row k of the table, from 1."""
    save({field.name: _column(field, table.values[field.name]) for field in _held(table.layer)}, path)


def save(columns: Mapping[str, pa.DictionaryArray], path: Path) -> None:
    """Write columns to a new file."""
    batch = pa.record_batch(dict(columns))
    with path.open("xb") as file, pa.ipc.new_file(file, batch.schema) as writer:
        writer.write_batch(batch)


def _held(layer: Layer) -> Iterator[Field]:
    return (field for field in layer.fields if field.type in _TYPES)


def _column(field: Field, values: Objects) -> pa.DictionaryArray:
    """Codes and sorted values, of which the last is null."""
    plain = values.tolist()
    if field.type == "number":
        # As the database has them: doubles, and zero has no sign.
        plain = [None if value is None else float(value) + 0.0 for value in plain]
    found = pa.array(plain, _TYPES[field.type]).dictionary_encode()
    return _sorted(found.dictionary, found.indices.fill_null(len(found.dictionary)).to_numpy())


def encoded(attribute: Attribute) -> pa.DictionaryArray:
    """An attribute as the column that it was read from."""
    values = pa.concat_arrays([attribute.values, pa.nulls(1, attribute.values.type)])
    return pa.DictionaryArray.from_arrays(pa.array(attribute.codes), values)


def packed(field: Field, codes: NDArray[np.int64], values: Sequence[Any]) -> pa.DictionaryArray:
    """The column of features with these codes (n,) among values, of which one may be null and some nobody's."""
    used, places = np.unique(codes, return_inverse=True)
    found = pa.array([values[code] for code in used.tolist()], _TYPES[field.type])
    null = found.is_null().to_numpy(zero_copy_only=False)
    # What is null comes behind all others, under the number that is how many these are.
    rank = np.where(null, (~null).sum(), np.cumsum(~null) - 1)
    return _sorted(found.drop_null(), rank[places])


def _sorted(values: pa.Array, codes: NDArray[Any]) -> pa.DictionaryArray:
    """Values (m,) in their order with null behind, and codes (n,) that follow them; code m is null."""
    order = pc.array_sort_indices(values).to_numpy()
    null = len(order)
    places = np.empty(null + 1, dtype=np.min_scalar_type(null))
    places[order] = np.arange(null)
    places[null] = null
    whole = pa.concat_arrays([values.take(pa.array(order)), pa.nulls(1, values.type)])
    return pa.DictionaryArray.from_arrays(pa.array(places[codes]), whole)


def _attribute(column: pa.DictionaryArray, field: Field) -> Attribute:
    indices = column.indices
    # As the buffer that it is: `to_numpy` imports pandas where there is one, 200 ms and 30 MB of every worker.
    kind = f"<u{indices.type.bit_width // 8}"
    codes = np.frombuffer(indices.buffers()[1], dtype=kind, count=len(indices), offset=0)
    return Attribute(field, column.dictionary[:-1], codes)


def _plain(value: pa.Scalar) -> Any:
    """The value as Python has it, whose numbers compare exactly whatever their types and whose texts by code points."""
    return value.as_py()
