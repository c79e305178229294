"""FlatGeobuf, written by GDAL: features in the order of a packed R-tree that stands before them, so that a reader of an
area finds by a few ranges what lies in it.

- The index comes first, so the file is whole on disk before its first byte is sent; it waits in a folder of the service.
- The format has no place in its index for a feature without geometry (GDAL refuses it). None is left out: where there is
  one, the file has no index, and features stand in their own order.
- It knows no dates, only date-times, and a day is not its midnight: a column of dates is text. Arrays are JSON text.
- Coordinates are x, y whatever the CRS, as the format demands. Bytes depend on the content and on GDAL's version alone.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import orjson
import pyarrow as pa
import pyogrio
import pyproj
from pyogrio.errors import DataLayerError, DataSourceError

from config.models import Lang
from releases.formats import columns
from releases.formats.about import about
from releases.formats.subject import Subject
from releases.manifest import PublishedLayer
from releases.table import Table

#: Bytes of a file that are sent at once.
BLOCK: Final = 2**20
#: Bytes that a disk has left when it is full: a block that GDAL could not write may be as long.
_NO_ROOM: Final = 2**20


def save(table: Table, layer: PublishedLayer, path: Path, lang: Lang) -> None:
    """Write a whole layer to a new file."""
    schema = columns.of_table(table, lang)
    batches = columns.from_table(table, schema)
    _write(path, schema, batches, layer, (None, lang, "OGC:CRS84"), indexed=not layer.null_geometries)


def put(path: Path, schema: pa.Schema, batches: Iterable[pa.RecordBatch], layer: PublishedLayer) -> None:
    """Write features in their own order, without an index, to a new file."""
    _write(path, schema, batches, layer, (None, "zh", "OGC:CRS84"), indexed=False)


def write(texts: Iterator[list[bytes]], subject: Subject) -> Iterator[bytes]:
    """Write a selection."""
    schema = columns.of_subject(subject)
    yield from written((columns.from_texts(some, schema, subject) for some in texts), schema, subject)


def written(batches: Iterator[pa.RecordBatch], schema: pa.Schema, subject: Subject) -> Iterator[bytes]:
    """Write rows whose last column is the geometry, if there is one."""
    if subject.scratch is not None:
        subject.scratch.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=subject.scratch, prefix="flatgeobuf-") as folder:
        spool, path = Path(folder) / "records.arrow", Path(folder) / "records.fgb"
        # Only when all have been seen is it known whether each has a place in an index.
        placed = _spool(batches, schema, spool) and subject.rendition.geometry
        said = (subject.release, subject.lang, subject.rendition.crs)
        with pa.memory_map(str(spool)) as kept:
            _write(path, schema, pa.ipc.open_stream(kept), subject.layer, said, indexed=placed)
        file = path.open("rb")
    # The folder is gone already; the file goes with its last reader, however that one ends.
    with file:
        while block := file.read(BLOCK):
            yield block


def _spool(batches: Iterator[pa.RecordBatch], schema: pa.Schema, path: Path) -> bool:
    """Keep rows as Arrow; whether each has something in the last column."""
    missing = 0
    with pa.ipc.new_stream(str(path), schema) as kept:
        for batch in batches:
            kept.write_batch(batch)
            missing += batch.column(batch.num_columns - 1).null_count
    return not missing


def _write(
    path: Path,
    schema: pa.Schema,
    batches: Iterable[pa.RecordBatch],
    layer: PublishedLayer,
    said: tuple[str | None, Lang, str],
    indexed: bool,
) -> None:
    release, lang, crs = said
    # The format has places of its own for these, and GDAL would take one for the other.
    known = {
        name: text for name, text in about(layer, release).items() if name not in ("title", "description")
    }
    shape, kind = columns.geometry_name(layer.layer), layer.layer.geometry
    plain = pa.schema([_plain(column) for column in schema])
    with _told_why(path):
        pyogrio.write_arrow(
            pa.RecordBatchReader.from_batches(plain, (_put_plainly(batch, plain) for batch in batches)),
            path,
            layer=layer.id,
            driver="FlatGeobuf",
            geometry_name=shape if shape in schema.names else None,
            geometry_type="Unknown" if kind == "Geometry" else kind,
            crs=pyproj.CRS.from_user_input(crs).to_wkt(),
            layer_metadata=known,
            layer_options={
                "SPATIAL_INDEX": "YES" if indexed else "NO",
                "TITLE": layer.layer.title.of(lang),
                "DESCRIPTION": layer.layer.description.of(lang),
            },
        )


@contextmanager
def _told_why(path: Path) -> Iterator[None]:
    """Turn what GDAL calls an I/O failure into an OSError: a disk without room is full, else it is broken."""
    try:
        yield
    except (DataSourceError, DataLayerError) as fault:
        if "I/O failure" not in str(fault):
            raise
        number = errno.ENOSPC if shutil.disk_usage(path.parent).free < _NO_ROOM else errno.EIO
        raise OSError(number, os.strerror(number), str(path)) from fault


def _plain(column: pa.Field) -> pa.Field:
    """The column that stands for one of a type that the format has not."""
    odd = pa.types.is_list(column.type) or pa.types.is_date(column.type)
    return column.with_type(pa.string()) if odd else column


def _put_plainly(batch: pa.RecordBatch, plain: pa.Schema) -> pa.RecordBatch:
    found = []
    for values, column in zip(batch.columns, plain):
        if pa.types.is_list(values.type):
            texts = [None if value is None else orjson.dumps(value).decode() for value in values.to_pylist()]
            values = pa.array(texts, pa.string())
        found.append(values.cast(column.type))
    return pa.record_batch(found, schema=plain)
