"""GeoParquet 1.1: columns in row groups, each with the box that its features lie in.

In a whole layer the groups follow a Hilbert curve, so that a reader of an area skips most of them by their boxes; a
selection keeps the order that it was asked for in. Coordinates are x, y whatever the CRS, as the format demands. Bytes
depend on the content and on the versions of Arrow and zstd alone. Without geometry it is plain Parquet.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pyproj
import shapely
from numpy.typing import NDArray

from config.models import Lang
from releases import geopackage
from releases.formats import columns
from releases.formats.about import about
from releases.formats.subject import Subject
from releases.manifest import PublishedLayer
from releases.table import Objects, Table

#: xmin, ymin, xmax, ymax of geometries (n, 4), not a number where there is none.
Bounds = NDArray[np.float64]

VERSION: Final = "1.1.0"
#: Features of a row group: 10 MB of polygons of 33 vertices before compression; fewer make more requests of a reader
#: over HTTP, more make it read more than it asked for.
GROUP: Final = 4 * columns.CHUNK
_CORNERS: Final = ("xmin", "ymin", "xmax", "ymax")
_BOX: Final = pa.struct([(corner, pa.float64()) for corner in _CORNERS])


def save(table: Table, layer: PublishedLayer, path: Path, lang: Lang) -> None:
    """Write a whole layer to a new file."""
    schema = columns.of_table(table, lang)
    store(columns.from_table(table, schema), schema, layer, path)


def store(batches: Iterable[pa.RecordBatch], schema: pa.Schema, layer: PublishedLayer, path: Path) -> None:
    """Write a whole layer, whose features come in batches of a schema of `columns`, to a new file."""
    with path.open("xb") as file:
        for piece in _written(batches, schema, layer, None, "OGC:CRS84"):
            file.write(piece)


def put(table: pa.Table, layer: PublishedLayer, path: Path) -> None:
    """Write a whole layer from the columns that its file had, in the order and the groups that they have."""
    with path.open("xb") as file:
        for piece in _written(table.to_batches(GROUP), table.schema, layer, None, "OGC:CRS84"):
            file.write(piece)


def write(texts: Iterator[list[bytes]], subject: Subject) -> Iterator[bytes]:
    """Write a selection."""
    schema = columns.of_subject(subject)
    batches = (columns.from_texts(some, schema, subject) for some in texts)
    yield from _written(batches, schema, subject.layer, subject.release, subject.rendition.crs)


def _written(
    batches: Iterable[pa.RecordBatch],
    schema: pa.Schema,
    layer: PublishedLayer,
    release: str | None,
    code: str,
) -> Iterator[bytes]:
    shape, box = columns.geometry_name(layer.layer), geopackage.free("bbox", layer.layer)
    shown = shape in schema.names
    covered = schema.append(pa.field(box, _BOX)) if shown else schema
    sink, seen = _Sink(), _Seen()
    if shown:
        batches = (_with_boxes(batch, covered, seen) for batch in batches)
    with pq.ParquetWriter(sink, covered, **_settings(covered, shape, box)) as writer:
        for group in _groups(batches):
            writer.write_table(group, row_group_size=group.num_rows)
            yield sink.taken()
        said = dict(about(layer, release))
        if shown:
            said["geo"] = orjson.dumps(_geo(shape, box, code, seen)).decode()
        writer.add_key_value_metadata(said)
    yield sink.taken()


def _with_boxes(batch: pa.RecordBatch, covered: pa.Schema, seen: _Seen) -> pa.RecordBatch:
    """A batch and the box of each geometry; what lies in it is noted."""
    geometry = columns.geometries(batch)
    bounds = shapely.bounds(geometry)
    seen.add(geometry, bounds)
    return batch.append_column(covered.field(len(covered) - 1), _boxes(bounds))


def _groups(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.Table]:
    """Batches put together to row groups of GROUP features or hardly more."""
    held: list[pa.RecordBatch] = []
    for batch in batches:
        held += [batch] if batch.num_rows else []
        if sum(one.num_rows for one in held) >= GROUP:
            yield pa.Table.from_batches(held)
            held = []
    if held:
        yield pa.Table.from_batches(held)


def _settings(schema: pa.Schema, shape: str, box: str) -> dict[str, Any]:
    """Statistics and dictionaries for everything but WKB, where neither says or saves anything."""
    known = [_leaf(column) for column in schema if column.name not in (shape, box)]
    corners = [f"{box}.{corner}" for corner in _CORNERS if box in schema.names]
    return {"compression": "zstd", "use_dictionary": known, "write_statistics": [*known, *corners]}


def _leaf(column: pa.Field) -> str:
    """The path of a column as Parquet has it."""
    return f"{column.name}.list.element" if pa.types.is_list(column.type) else str(column.name)


def _boxes(bounds: Bounds) -> pa.StructArray:
    """The box of each geometry, null where there is none."""
    nowhere = np.isnan(bounds[:, 0])
    corners = [pa.array(bounds[:, i], pa.float64(), mask=nowhere) for i in range(4)]
    return pa.StructArray.from_arrays(corners, fields=list(_BOX), mask=pa.array(nowhere))


def _geo(shape: str, box: str, code: str, seen: _Seen) -> dict[str, Any]:
    """The metadata of the format: https://geoparquet.org/releases/v1.1.0."""
    crs = pyproj.CRS.from_user_input(code)
    column: dict[str, Any] = {
        "encoding": "WKB",
        "geometry_types": sorted(seen.kinds),
        "crs": crs.to_json_dict(),
        "orientation": "counterclockwise",
        "edges": "planar",
        "covering": {"bbox": {corner: [box, corner] for corner in _CORNERS}},
    }
    if seen.extent is not None:
        column["bbox"] = seen.extent.tolist()
    return {"version": VERSION, "primary_column": shape, "columns": {shape: column}}


class _Seen:
    """What kinds of geometry a file has, and where they lie: xmin, ymin, xmax, ymax, None while there is none."""

    def __init__(self) -> None:
        self.kinds: set[str] = set()
        self.extent: Bounds | None = None

    def add(self, geometry: Objects, bounds: Bounds) -> None:
        self.kinds |= {one.geom_type for one in geometry if one is not None}
        placed = bounds[~np.isnan(bounds[:, 0])]
        if len(placed):
            corners = [placed] if self.extent is None else [placed, self.extent[None]]
            every = np.concatenate(corners)
            self.extent = np.concatenate([every[:, :2].min(axis=0), every[:, 2:].max(axis=0)])


class _Sink(io.RawIOBase):
    """A file that hands out what was written to it."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._pieces.append(bytes(data))
        return len(data)

    def taken(self) -> bytes:
        taken = b"".join(self._pieces)
        self._pieces.clear()
        return taken
