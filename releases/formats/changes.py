"""Changes between two releases as they leave: a JSON document, a sequence of features, and FlatGeobuf.

In the last two a change is a feature as it is now, with one member or column more, `change`; a tombstone is the id of what
is gone, with nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import orjson
import pyarrow as pa

from config.models import Layer
from releases import geopackage
from releases.changes.change import Change
from releases.formats import columns, flatgeobuf
from releases.formats.subject import Subject

_BEGIN, _END = b"\x1e", b"\n"


def document(head: Mapping[str, Any], changes: Iterator[list[Change]], before: bool) -> Iterator[bytes]:
    """A JSON object of a head, which is not empty, and the changes; with features as they were when `before`."""
    yield orjson.dumps(head)[:-1] + b',"changes":['
    between = b""
    for some in changes:
        yield between + b",\n".join(_entry(one, before) for one in some)
        between = b",\n"
    yield b"]}"


def _entry(one: Change, before: bool) -> bytes:
    said = {"change": one.kind, "id": one.id, "fields": one.fields, "geometry": one.geometry}
    text = orjson.dumps(said)[:-1]
    if one.after is not None:
        text += b',"feature":' + one.after
    if before and one.before is not None:
        text += b',"before":' + one.before
    return text + b"}"


def sequence(changes: Iterator[list[Change]]) -> Iterator[bytes]:
    """A GeoJSON text sequence (RFC 8142), `change` being a foreign member (RFC 7946 6.1)."""
    for some in changes:
        yield b"".join(_BEGIN + _feature(one) + _END for one in some)


def _feature(one: Change) -> bytes:
    if one.after is None:
        tombstone = {
            "type": "Feature",
            "id": one.id,
            "change": one.kind,
            "geometry": None,
            "properties": None,
        }
        return orjson.dumps(tombstone)
    return b'%b,"change":"%b"}' % (one.after[:-1], one.kind.encode())


def table(changes: Iterator[list[Change]], subject: Subject) -> Iterator[bytes]:
    """FlatGeobuf: the layer's columns behind `change`. Where something is gone there is no index, since it has no place."""
    plain = columns.of_subject(subject)
    name = change_column(subject.layer.layer)
    schema = pa.schema([pa.field(name, pa.string()), *plain])
    yield from flatgeobuf.written((_batch(some, schema, plain, subject) for some in changes), schema, subject)


def change_column(layer: Layer) -> str:
    """The name of the column that says what a change is, "change" unless a field has it."""
    return geopackage.free("change", layer)


def _batch(some: Iterable[Change], schema: pa.Schema, plain: pa.Schema, subject: Subject) -> pa.RecordBatch:
    changes = list(some)
    nothing = dict.fromkeys(field.name for field in subject.layer.layer.fields)
    texts = [_tombstone(one, nothing) if one.after is None else one.after for one in changes]
    rows = columns.from_texts(texts, plain, subject)
    return pa.record_batch([pa.array([one.kind for one in changes]), *rows.columns], schema=schema)


def _tombstone(one: Change, nothing: Mapping[str, None]) -> bytes:
    """A published text of nothing but an id."""
    return orjson.dumps({"type": "Feature", "id": one.id, "geometry": None, "properties": nothing})
