"""The features of a layer as a GeoPackage: what desktops open, and what filters are answered from.

Written by hand through `sqlite3` and not by GDAL, because a release has the same bytes wherever it is made:
no time of change, one page size, rows in the order of keys, indexes always in the same order. There is one
table, named after the layer: `fid` is the feature's key, then a column and an index for each field, the
geometry last (so that reading an attribute never walks over a long polygon), and an R-tree.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pyproj
import shapely

from config.models import Box, Layer
from releases import databasefile, geopackage
from releases.table import Objects, Table

#: Rows turned into values at once.
CHUNK = 4096


def quoted(name: str) -> str:
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def milliseconds(field: str, end: bool = False, table: str | None = None) -> str:
    """SQL for the time of a date field (of `table`) in milliseconds since 1970 in UTC; null where it has none.

    A full-date begins at midnight UTC and, as an end, lasts to the last millisecond of the day. Only
    functions that an index may hold; `unixepoch(…, 'subsec')` is younger than the SQLite of Debian 12.
    """
    column = quoted(field) if table is None else f"{table}.{quoted(field)}"
    start = f"CAST(round((julianday({column}) - 2440587.5) * 86400000.0) AS INTEGER)"
    return f"({start} + CASE WHEN length({column}) = 10 THEN 86399999 ELSE 0 END)" if end else start


def write(table: Table, path: Path, crs: str) -> None:
    """Write the table to a new GeoPackage; key k is row k of the table, from 1."""
    with databasefile.created(path, geopackage.APPLICATION_ID, geopackage.VERSION) as connection:
        begin(connection, crs)
        create(connection, table.layer, crs, geopackage.columns(table), table.extent())
        fill(connection, table, crs)
        _index(connection, table.layer)
        finish(connection, table.layer)
        connection.execute("ANALYZE")


def begin(connection: sqlite3.Connection, crs: str) -> None:
    """Make an empty database a GeoPackage for layers in a CRS."""
    for statement in geopackage.TABLES:
        connection.execute(statement)
    connection.executemany(
        "INSERT INTO gpkg_spatial_ref_sys VALUES (?, ?, ?, ?, ?, ?)", reference_systems(crs)
    )


def create(
    connection: sqlite3.Connection,
    layer: Layer,
    crs: str,
    columns: geopackage.Columns,
    extent: Box | None,
    last_change: str = geopackage.LAST_CHANGE,
) -> None:
    """Make the table of a layer and its R-tree, both empty, and say what they are."""
    shape = geopackage.geometry_column(layer)
    srs = _number(crs)
    connection.execute(
        "INSERT INTO gpkg_contents VALUES (?, 'features', ?, ?, ?, ?, ?, ?, ?, ?)",
        (layer.id, layer.title.zh, layer.title.en, last_change, *(extent or [None] * 4), srs),
    )
    connection.execute(
        "INSERT INTO gpkg_geometry_columns VALUES (?, ?, ?, ?, 0, 0)",
        (layer.id, shape, columns.geometry, srs),
    )
    connection.execute(
        "INSERT INTO gpkg_extensions VALUES (?, ?, 'gpkg_rtree_index', ?, 'write-only')",
        (layer.id, shape, "http://www.geopackage.org/spec130/#extension_rtree"),
    )
    key = f"{quoted(geopackage.key_column(layer))} INTEGER PRIMARY KEY NOT NULL"
    fields = [f"{quoted(field.name)} {columns.fields[field.name]}" for field in layer.fields]
    connection.execute(
        f"CREATE TABLE {quoted(layer.id)} ({', '.join([key, *fields, f'{quoted(shape)} {columns.geometry}'])})"
    )
    connection.execute(f"CREATE VIRTUAL TABLE {rtree(layer)} USING rtree(id, minx, maxx, miny, maxy)")


def rtree(layer: Layer) -> str:
    """The name of a layer's R-tree, quoted."""
    return quoted(f"rtree_{layer.id}_{geopackage.geometry_column(layer)}")


def _number(crs: str) -> int:
    return int(crs.rpartition(":")[2])


def reference_systems(crs: str) -> Iterator[tuple[Any, ...]]:
    """The three rows that clause 1.1.2.1.2 demands and the release's own."""
    yield (
        "Undefined cartesian SRS",
        -1,
        "NONE",
        -1,
        "undefined",
        "undefined cartesian coordinate reference system",
    )
    yield (
        "Undefined geographic SRS",
        0,
        "NONE",
        0,
        "undefined",
        "undefined geographic coordinate reference system",
    )
    for code in dict.fromkeys(("EPSG:4326", crs)):
        known = pyproj.CRS.from_user_input(code)
        number = int(code.rpartition(":")[2])
        yield (
            known.name,
            number,
            "EPSG",
            number,
            known.to_wkt("WKT1_GDAL"),
            "longitude, latitude in degrees",
        )


def fill(connection: sqlite3.Connection, table: Table, crs: str, first: int = 1) -> None:
    """Put the features of a table behind those that are there, under keys from `first` on."""
    enter = f"INSERT INTO {rtree(table.layer)} VALUES (?, ?, ?, ?, ?)"
    for keys, geometry in fill_rows(connection, table, crs, first):
        bounds = shapely.bounds(geometry)
        placed = np.flatnonzero(~np.isnan(bounds[:, 0]))
        boxes = bounds[placed][:, [0, 2, 1, 3]].tolist()
        connection.executemany(enter, ((keys[i], *box) for i, box in zip(placed.tolist(), boxes)))


def fill_rows(
    connection: sqlite3.Connection, table: Table, crs: str, first: int = 1
) -> Iterator[tuple[range, Objects]]:
    """Put features into the table and not into the R-tree; the keys and geometries of each chunk that is done."""
    layer = table.layer
    marks = ", ".join("?" * (len(layer.fields) + 2))
    insert = f"INSERT INTO {quoted(layer.id)} VALUES ({marks})"
    for start in range(0, len(table), CHUNK):
        part = slice(start, start + CHUNK)
        geometry = table.geometry[part]
        keys = range(first + start, first + start + len(geometry))
        blobs = geopackage.to_blobs(geometry, _number(crs))
        connection.executemany(insert, zip(keys, *stored(table, part), blobs, strict=True))
        yield keys, geometry


def stored(table: Table, part: slice) -> list[Any]:
    """The values of each field as they are stored, of some features: an array is its text."""
    return [
        [None if value is None else orjson.dumps(value).decode() for value in table.values[field.name][part]]
        if field.type == "array"
        else table.values[field.name][part]
        for field in table.layer.fields
    ]


def _index(connection: sqlite3.Connection, layer: Layer) -> None:
    """Index every scalar field and the layer's time."""
    name = quoted(layer.id)
    for field in layer.fields:
        if field.type != "array":
            unique = "UNIQUE " if field == layer.id_field else ""
            connection.execute(
                f"CREATE {unique}INDEX {quoted(f'{layer.id}_{field.name}')} ON {name} ({quoted(field.name)})"
            )
    if layer.temporal_fields:
        first, last = layer.temporal_fields[0], layer.temporal_fields[-1]
        for suffix, time in (("start", milliseconds(first)), ("end", milliseconds(last, end=True))):
            connection.execute(f"CREATE INDEX {quoted(f'{layer.id} {suffix}')} ON {name} ({time})")
    shape, key = geopackage.geometry_column(layer), geopackage.key_column(layer)
    # What is nowhere is in every box, and is looked for with each.
    connection.execute(
        f"CREATE INDEX {quoted(f'{layer.id} nowhere')} ON {name} ({quoted(key)}) WHERE {quoted(shape)} IS NULL"
    )


def finish(connection: sqlite3.Connection, layer: Layer) -> None:
    """Have the R-tree follow whoever edits the table from now on."""
    shape, key = geopackage.geometry_column(layer), geopackage.key_column(layer)
    for trigger in geopackage.TRIGGERS:
        connection.execute(trigger.format(t=layer.id, g=shape, k=key))
