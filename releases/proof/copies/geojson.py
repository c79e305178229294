"""Copies as GeoJSON (RFC 7946): collections and sequences, of our own server or of any other program."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson

from config.models import Layer
from releases.proof import wkb
from releases.proof.copies import jsontext
from releases.proof.copies.rows import CopyUnreadable, Rows
from releases.proof.wkb import Shapeless


def read(path: Path, layer: Layer) -> Iterator[Rows]:
    """The features of a file; CopyUnreadable when it holds none or ends too early."""
    with path.open("rb") as file:
        for texts in jsontext.objects(file):
            yield parsed(texts, layer)


def parsed(texts: Sequence[bytes], layer: Layer) -> Rows:
    """The features of some texts, one each; CopyUnreadable when one is none."""
    try:
        with _undisturbed():
            return rows([orjson.loads(text) for text in texts], layer)
    except (orjson.JSONDecodeError, AttributeError, TypeError) as fault:
        raise CopyUnreadable(f"不是 GeoJSON 要素：{fault}", f"no feature in GeoJSON: {fault}") from fault


def rows(features: Sequence[dict[str, Any]], layer: Layer) -> Rows:
    """Features that were parsed: a field that they do not have is null, and what is no field is left out."""
    known = layer.id_field
    properties = [feature.get("properties") or {} for feature in features]
    ids = [_identifier(feature, row, layer) for feature, row in zip(features, properties)]
    values = {field.name: [row.get(field.name) for row in properties] for field in layer.fields}
    if properties and known.name not in properties[0]:
        values[known.name] = ids
    return Rows(ids, values, [_shape(feature.get("geometry")) for feature in features])


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Without a search for cycles, of which there are none in what a reader of JSON makes: it takes three quarters of the
    time, since coordinates are many small lists.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _identifier(feature: dict[str, Any], row: dict[str, Any], layer: Layer) -> Any:
    known = layer.id_field
    found = feature.get("id", row.get(known.name))
    # Some programs write every id as a text.
    if known.type == "integer" and type(found) is str and found.removeprefix("-").isdecimal():
        return int(found)
    return found


def _shape(geometry: Any) -> bytes:
    try:
        return wkb.from_geojson(geometry)
    except Shapeless:
        return b"?"
