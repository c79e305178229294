"""A column of attribute values as codes and a dictionary of MVT values, made once and only copied into tiles.

values   渝中区   null   江北区   渝中区        a code is the place of a value's first appearance,
codes      0      -1      1        0          -1 for null
distinct   [0A 09 渝中区] [0A 09 江北区]        Value messages as they stand in a tile (MVT 2.1, 4.1 and 4.4)
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tiles.varint import encoded, message

#: Tags of Layer.keys and Layer.values in the tile's schema.
KEY, VALUE = 0x1A, 0x22


class Attribute(NamedTuple):
    """A field: its name and one value a feature (str, int, float, bool, list or None)."""

    name: str
    values: Sequence[Any] | NDArray[np.object_]

    @property
    def key(self) -> bytes:
        """The field's name as an entry of Layer.keys."""
        return message(KEY, self.name.encode())

    def take(self, features: NDArray[np.int64]) -> Attribute:
        """The same field of some features (m,) in their order."""
        return Attribute(self.name, np.asarray(self.values, dtype=object)[features])


class Coded(NamedTuple):
    """Codes (n,) of n values, and the distinct values as entries of Layer.values."""

    codes: NDArray[np.int32]
    distinct: list[bytes]


def coded(values: Iterable[Any]) -> Coded:
    """Encode values; NaN is no value, a list is its JSON text. TypeError for what a tile cannot hold."""
    plain = [json_text(value) if isinstance(value, list | tuple) else value for value in values]
    # 1, 1.0 and True are equal, yet different values of a tile: the type is part of the key.
    keys = [None if value is None or value != value else (type(value), value) for value in plain]
    found = [key for key in dict.fromkeys(keys) if key is not None]
    distinct = [message(VALUE, value_message(value)) for _, value in found]
    codes: dict[Any, int] = {None: -1, **dict(zip(found, range(len(found))))}
    return Coded(np.fromiter(map(codes.__getitem__, keys), dtype=np.int32, count=len(keys)), distinct)


def json_text(value: Sequence[Any]) -> str:
    """Write a list as JSON, since a tile's values are scalars (MVT 2.1, 4.4)."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def value_message(value: Any) -> bytes:
    """A tile's Value message without its tag: string 1, double 3, uint 5, sint 6 or bool 7."""
    if isinstance(value, str):
        return message(0x0A, value.encode())
    if isinstance(value, bool | np.bool_):
        return bytes([0x38, bool(value)])
    if isinstance(value, int | np.integer):
        number = int(value)
        if not -(2**63) <= number < 2**64:
            raise TypeError(f"a tile cannot hold an integer of more than 64 bits: {number}")
        return b"\x28" + encoded(number) if number >= 0 else b"\x30" + encoded(-2 * number - 1)
    if isinstance(value, float | np.floating):
        return b"\x19" + np.float64(value).tobytes()
    raise TypeError(f"a tile cannot hold a value of type {type(value).__name__}: {value!r}")
