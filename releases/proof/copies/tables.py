"""Copies as tables: GeoPackage and FlatGeobuf, read by GDAL, and GeoParquet, read by Arrow."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError

from config.models import Field, Layer
from releases.formats import columns
from releases.proof import canonical
from releases.proof.copies.rows import CopyUnreadable, Rows

#: Features read at once.
CHUNK: Final = 8192
#: GDAL's quick way to give FlatGeobuf to Arrow counts wrongly where a geometry is null; its plain way does not.
_PLAINLY: Final = {"OGR_FLATGEOBUF_STREAM_BASE_IMPL": True}


def names(path: Path) -> list[str]:
    """The tables of a file that GDAL reads; CopyUnreadable when it reads none."""
    try:
        with _quietly():
            return [str(name) for name in pyogrio.list_layers(path)[:, 0]]
    except (DataSourceError, DataLayerError) as fault:
        raise _unreadable(path, fault) from fault


def read(path: Path, table: str, layer: Layer) -> Iterator[Rows]:
    """The features of a table in a GeoPackage or a FlatGeobuf."""
    pyogrio.set_gdal_config_options(_PLAINLY)
    try:
        with ExitStack() as kept:
            with _quietly():
                source = pyogrio.open_arrow(path, layer=table, batch_size=CHUNK, use_pyarrow=True)
                said, reader = kept.enter_context(source)
            shape = said["geometry_name"] or "wkb_geometry"
            for batch in reader:
                yield _rows(batch, shape, layer)
    except (DataSourceError, DataLayerError, pa.ArrowException, OSError) as fault:
        raise _unreadable(path, fault) from fault


@contextmanager
def _quietly() -> Iterator[None]:
    """Without GDAL's remarks, of which one is that a GeoPackage should be named .gpkg."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        yield


def collection(path: Path) -> str | None:
    """Which layer a Parquet file says that it is, None when it does not say."""
    said = _opened(path).schema_arrow.metadata or {}
    return said[b"collection"].decode() if b"collection" in said else None


def read_parquet(path: Path, layer: Layer) -> Iterator[Rows]:
    """The features of a GeoParquet file."""
    file = _opened(path)
    try:
        shape = _geometry(file, layer)
        wanted = [
            name
            for name in (shape, *(field.name for field in layer.fields))
            if name in file.schema_arrow.names
        ]
        for batch in file.iter_batches(CHUNK, columns=wanted):
            yield _rows(batch, shape, layer)
    except (pa.ArrowException, OSError) as fault:
        raise _unreadable(path, fault) from fault


def _opened(path: Path) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(path)
    except (pa.ArrowException, OSError) as fault:
        raise _unreadable(path, fault) from fault


def _geometry(file: pq.ParquetFile, layer: Layer) -> str:
    """The column of geometries, as the file says or as we name it."""
    said = (file.schema_arrow.metadata or {}).get(b"geo")
    try:
        return str(orjson.loads(said)["primary_column"]) if said else columns.geometry_name(layer)
    except (ValueError, KeyError, TypeError) as fault:
        raise CopyUnreadable(
            f"GeoParquet 元数据有误：{fault}", f"the metadata of GeoParquet are wrong: {fault}"
        ) from fault


def _rows(batch: pa.RecordBatch, shape: str, layer: Layer) -> Rows:
    held = set(batch.schema.names)
    nothing = [None] * batch.num_rows
    values = {
        field.name: _values(batch.column(field.name), field) if field.name in held else nothing
        for field in layer.fields
    }
    shapes = [b""] * batch.num_rows
    if shape in held:
        found = shapely.from_wkb(np.array(batch.column(shape).to_pylist(), object), on_invalid="ignore")
        shapes = canonical.wkb(found)
    return Rows(values[layer.id_field.name], values, shapes)


def _values(column: pa.Array, field: Field) -> list[Any]:
    """A column as Python has it; days and instants as the text that they were published as."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        column, kind = column.dictionary_decode(), kind.value_type
    if pa.types.is_date(kind):
        column, kind = column.cast(pa.string()), pa.string()
    if pa.types.is_timestamp(kind):
        return [_instant(value) for value in column.to_pylist()]
    listed: list[Any] = column.to_pylist()
    return listed


def _instant(value: datetime | None) -> str | None:
    if value is None:
        return None
    moment = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    return moment.isoformat().replace("+00:00", "Z")


def _unreadable(path: Path, fault: Exception) -> CopyUnreadable:
    return CopyUnreadable(f"无法读取 {path.name}：{fault}", f"{path.name} cannot be read: {fault}")
