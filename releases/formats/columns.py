"""Features as Arrow columns: what GeoParquet and FlatGeobuf are written from, whole layers and selections alike.

A date field is a column of dates when all its values are full-dates, of instants in UTC when all are date-times, else of
text: a day is not its midnight. Which of them is decided for the whole layer, and a selection has the same columns.
Geometry is the last column: WKB, x, y.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from config.models import Field, Lang, Layer
from releases import geopackage
from releases.formats.subject import Subject
from releases.records import read
from releases.table import Objects, Table
from tiles import hilbert

#: Features turned into a batch at once.
CHUNK: Final = 4096

_DAY, _INSTANT = pa.date32(), pa.timestamp("us", tz="UTC")
_TYPES: Final = {
    "string": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "array": pa.list_(pa.string()),
}


def geometry_name(layer: Layer) -> str:
    """The name of the column of geometries, "geometry" unless a field has it."""
    return geopackage.free("geometry", layer)


def of_table(table: Table, lang: Lang) -> pa.Schema:
    """The columns of a whole layer, as its values demand."""
    types = {field.name: _type(field, table.values[field.name]) for field in table.layer.fields}
    return _schema(table.layer, table.layer.fields, types, lang, geometry=True)


def of_moments(layer: Layer, moments: Mapping[str, Collection[str]], lang: Lang) -> pa.Schema:
    """The columns of a whole layer of whose date fields is known whether there are a "day" and a "time" among them."""
    types = {
        field.name: _moment({kind == "day" for kind in moments.get(field.name, ())})
        if field.type == "date"
        else _TYPES[field.type]
        for field in layer.fields
    }
    return _schema(layer, layer.fields, types, lang, geometry=True)


def of_subject(subject: Subject) -> pa.Schema:
    """The columns of a selection: those of the layer's own file that are shown."""
    written = pq.read_schema(subject.whole)
    types = {field.name: written.field(field.name).type for field in subject.fields}
    return _schema(
        subject.layer.layer, subject.fields, types, subject.lang, geometry=subject.rendition.geometry
    )


def from_table(table: Table, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    """All features of a layer, neighbours near each other: in the order of a Hilbert curve, those without a place last."""
    order = _order(table.geometry)
    for start in range(0, len(order), CHUNK):
        rows = order[start : start + CHUNK]
        values = {name: column[rows] for name, column in table.values.items()}
        yield batch(schema, values, table.geometry[rows])


def from_texts(texts: list[bytes], schema: pa.Schema, subject: Subject) -> pa.RecordBatch:
    """Some published features in their own order, as the subject shows them."""
    records = read(texts, subject.rendition)
    known = subject.layer.layer.id_field.name
    values = {
        field.name: records.ids if field.name == known else [row[field.name] for row in records.properties]
        for field in subject.fields
    }
    return batch(schema, values, records.geometry)


def geometries(batch: pa.RecordBatch) -> Objects:
    """The geometries of a batch again, which are its last column."""
    found: Objects = shapely.from_wkb(batch.column(batch.num_columns - 1).to_numpy(zero_copy_only=False))
    return found


def _schema(
    layer: Layer, fields: Iterable[Field], types: Mapping[str, pa.DataType], lang: Lang, geometry: bool
) -> pa.Schema:
    columns = [pa.field(field.name, types[field.name], metadata=_said(field, lang)) for field in fields]
    if geometry:
        columns.append(pa.field(geometry_name(layer), pa.binary()))
    return pa.schema(columns)


def _said(field: Field, lang: Lang) -> Mapping[str, str]:
    """Title and description, under the names by which GDAL knows them."""
    said = {"GDAL:OGR:alternative_name": field.title.of(lang)}
    if field.description:
        said["GDAL:OGR:comment"] = field.description.of(lang)
    return said


def _type(field: Field, values: Objects) -> pa.DataType:
    if field.type != "date":
        return _TYPES[field.type]
    return _moment({len(value) == len("2025-01-31") for value in values if value is not None})


def _moment(kinds: set[bool]) -> pa.DataType:
    """The type of dates of which some are days, some are not."""
    return {frozenset({True}): _DAY, frozenset({False}): _INSTANT}.get(frozenset(kinds), pa.string())


def batch(
    schema: pa.Schema, values: Mapping[str, Sequence[Any] | Objects], geometry: Objects
) -> pa.RecordBatch:
    """Some features in their own order; ArrowInvalid for a value that a column has no place for."""
    columns = []
    for column in schema:
        if pa.types.is_binary(column.type):
            columns.append(pa.array(shapely.to_wkb(geometry, byte_order=1), column.type))
        elif column.type in (_DAY, _INSTANT):
            columns.append(pa.array(values[column.name], pa.string()).cast(column.type))
        else:
            columns.append(pa.array(values[column.name], column.type))
    return pa.record_batch(columns, schema=schema)


def _order(geometry: Objects) -> np.ndarray[Any, np.dtype[np.int64]]:
    bounds = shapely.bounds(geometry)
    centre = (bounds[:, :2] + bounds[:, 2:]) / 2
    nowhere = np.isnan(centre[:, 0])
    place = hilbert.position(*np.where(nowhere, 0.0, centre.T))
    return np.lexsort((place, nowhere))
