"""A page of features as it came, read into a table: the one place where text from a network becomes values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import orjson
import shapely

from config.models import Layer
from releases import records
from releases.harvest.failure import NotTrusted
from releases.rendition import PLAIN
from releases.table import Objects, Table

#: What a text that is no feature of the layer makes its readers raise.
_FAULTS = (ValueError, KeyError, TypeError, AttributeError, shapely.errors.ShapelyError)


def table(layer: Layer, body: bytes) -> Table:
    """The features of a GeoJSON text sequence (RFC 8142). NotTrusted when it is none of that layer's features."""
    texts = [text for text in body.removeprefix(b"\x1e").rstrip(b"\n").split(b"\n\x1e") if text]
    try:
        read = records.read(texts, PLAIN)
        return of_rows(layer, read.ids, read.properties, read.geometry)
    except _FAULTS as fault:
        raise _strange(layer, fault) from fault


def of_features(layer: Layer, features: Sequence[Mapping[str, Any]]) -> Table:
    """A few features that were parsed already, in their order."""
    try:
        ids = [feature["id"] for feature in features]
        properties = [feature["properties"] for feature in features]
        texts = [_text(feature["geometry"]) for feature in features]
        geometry: Objects = shapely.from_geojson(np.array(texts, dtype=object))
        return of_rows(layer, ids, properties, geometry)
    except _FAULTS as fault:
        raise _strange(layer, fault) from fault


def of_rows(
    layer: Layer, ids: Sequence[Any], properties: Sequence[Mapping[str, Any]], geometry: Objects
) -> Table:
    """The table of rows that run in parallel."""
    count = len(ids)
    names = [field.name for field in layer.fields]
    values = {name: column([row[name] for row in properties]) for name in names}
    return Table(layer, column(ids), geometry, values, np.full(count, ""), np.arange(1, count + 1))


def column(values: Sequence[Any]) -> Objects:
    """Values as an array (n,), lists among them too."""
    return np.fromiter(values, dtype=object, count=len(values))


def _text(geometry: Any) -> str | None:
    return None if geometry is None else orjson.dumps(geometry).decode()


def _strange(layer: Layer, fault: Exception) -> NotTrusted:
    return NotTrusted(
        f"{layer.id} 的应答不是该图层的要素：{fault}", f"{layer.id}: the answer is no features of it: {fault}"
    )
