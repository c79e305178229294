"""Some features of a copy, with values as they were published, and their digests."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import compress
from typing import Any, Final, NamedTuple

import orjson

from config.layers import FieldType
from config.models import Field, Layer, Text
from releases.proof import canonical, merkle
from releases.proof.merkle import Digests

#: Stands where something is no value of its field at all: no published feature has it.
_STRANGE: Final = b"\xff"


class CopyUnreadable(Exception):
    """A file that is no copy of a layer, or not one that can be read to its end; `message` says why."""

    def __init__(self, zh: str, en: str) -> None:
        self.message = Text(zh=zh, en=en)
        super().__init__(en)


class Rows(NamedTuple):
    """Features in the order of the copy.

    Parameters
    ----------
    ids : of each feature, as the id field's type says
    values : every field of the layer -> (n,) values as the copy has them
    shapes : well-known binary of each geometry (`canonical.wkb`), no bytes for a null one
    """

    ids: Sequence[Any]
    values: Mapping[str, Sequence[Any]]
    shapes: Sequence[bytes]


def digested(layer: Layer, rows: Rows) -> tuple[list[str | int], Digests]:
    """Ids and digests of features; CopyUnreadable when one has no id."""
    ids, texts = entries(layer, rows)
    return ids, merkle.digests(map(merkle.leaf, texts))


def entries(layer: Layer, rows: Rows) -> tuple[list[str | int], list[bytes]]:
    """Ids and canonical bytes of features; CopyUnreadable when one has no id."""
    known = layer.id_field
    ids = _cast(known, rows.ids)
    wrong = [one for one in ids if type(one) not in _TYPES[known.type]]
    if wrong:
        raise CopyUnreadable(
            f"有要素没有可用的标识（{known.name}）：{wrong[0]!r}",
            f"there is a feature without a proper id ({known.name}): {wrong[0]!r}",
        )
    shapes, values = list(rows.shapes), {}
    for field in layer.fields:
        column = _cast(field, rows.values[field.name])
        strange = _strange(field, column)
        if strange:
            column = list(column)
            for place in strange:
                column[place] = None
                shapes[place] = _STRANGE
        values[field.name] = column
    return list(ids), canonical.entries(layer, ids, values, shapes)


def _cast(field: Field, column: Sequence[Any]) -> Sequence[Any]:
    """Values as they were published, as far as another way of writing them is all that is between."""
    kinds = set(map(type, column))
    to_type = _CASTS.get(field.type)
    if to_type is None or not kinds - _TYPES[field.type] - {type(None)}:
        return column
    return [to_type(value) for value in column]


def _strange(field: Field, column: Sequence[Any]) -> list[int]:
    """The places of what is no value of that field."""
    known = _TYPES[field.type] | {type(None)}
    wrong: Iterable[bool]
    if field.type == "number":
        wrong = (type(value) not in known or (value is not None and not _finite(value)) for value in column)
    elif field.type == "array":
        wrong = (value is not None and not _texts(value) for value in column)
    elif set(map(type, column)) <= known:
        return []
    else:
        wrong = (type(value) not in known for value in column)
    return list(compress(range(len(column)), wrong))


def _finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:
        return False


def _texts(value: Any) -> bool:
    return type(value) is list and all(type(member) is str for member in value)


def _integer(value: Any) -> Any:
    return int(value) if type(value) is float and value.is_integer() else value


def _boolean(value: Any) -> Any:
    return bool(value) if type(value) in (int, float) and value in (0, 1) else value


def _array(value: Any) -> Any:
    try:
        return orjson.loads(value) if type(value) is str else value
    except orjson.JSONDecodeError:
        return value


_TYPES: Final[Mapping[FieldType, frozenset[type]]] = {
    "string": frozenset({str}),
    "integer": frozenset({int}),
    "number": frozenset({int, float}),
    "boolean": frozenset({bool}),
    "date": frozenset({str}),
    "array": frozenset({list}),
}
#: Formats without integers have them as floats, without truth as 0 and 1, without arrays as the text of one.
_CASTS: Final[Mapping[FieldType, Callable[[Any], Any]]] = {
    "integer": _integer,
    "boolean": _boolean,
    "array": _array,
}
