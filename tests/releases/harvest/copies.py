"""What a copy holds, read without any of the harvest's code: layer -> id -> (properties, well-known binary)."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg2  # type: ignore[import-untyped]
import pyarrow.parquet as pq
import shapely
from shapely.geometry import shape

Copy = dict[str, dict[Any, tuple[dict[str, Any], bytes | None]]]


def wkb(geometry: Any) -> bytes | None:
    return None if geometry is None else shapely.to_wkb(geometry, byte_order=1, include_srid=False)


def published(contents: dict[str, Any]) -> Copy:
    """What an edition's own lists say (`world.contents`)."""
    return {
        layer: {
            one: (properties, wkb(shapely.orient_polygons(shape(geometry)) if geometry else None))
            for one, (properties, geometry) in rows.items()
        }
        for layer, rows in contents.items()
    }


def package(path: Path) -> Copy:
    """A GeoPackage, by SQLite alone."""
    found: Copy = {}
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        layers = connection.execute(
            "SELECT table_name, column_name FROM gpkg_geometry_columns ORDER BY table_name"
        ).fetchall()
        for layer, geometry in layers:
            assert connection.execute("SELECT rtreecheck(?)", (f"rtree_{layer}_{geometry}",)).fetchone() == (
                "ok",
            )
            cursor = connection.execute(f'SELECT * FROM "{layer}"')
            names = [column[0] for column in cursor.description]
            found[layer] = {}
            placed = set()
            for row in cursor:
                properties = dict(zip(names, row))
                blob = properties.pop(geometry)
                fid = properties.pop("fid")
                if blob is not None:
                    placed.add(fid)
                _enter(found[layer], _decoded(properties), blob and blob[40:])
            entries = {row[0] for row in connection.execute(f'SELECT id FROM "rtree_{layer}_{geometry}"')}
            assert entries == placed
    return found


def _decoded(properties: dict[str, Any]) -> dict[str, Any]:
    if properties.get("TAGS") is not None:
        properties["TAGS"] = json.loads(properties["TAGS"])
    if properties.get("LIT") is not None:
        properties["LIT"] = bool(properties["LIT"])
    return properties


def folder(path: Path) -> Copy:
    """A folder of GeoParquet, by Arrow alone."""
    found: Copy = {}
    for file in sorted((path / "current").glob("*.parquet")):
        found[file.stem] = {}
        for row in pq.read_table(file).to_pylist():
            geometry = row.pop("geometry")
            row.pop("bbox")
            _enter(found[file.stem], {name: _told(value) for name, value in row.items()}, geometry)
    return found


def _told(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value


def database(address: str, schema: str) -> Copy:
    """A schema of PostgreSQL, by SQL alone."""
    found: Copy = {}
    with closing(psycopg2.connect(address)) as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT f_table_name, f_geometry_column, srid FROM geometry_columns WHERE f_table_schema = %s",
            (schema,),
        )
        for layer, geometry, srid in cursor.fetchall():
            assert srid == 4490
            cursor.execute(f'SELECT *, ST_AsBinary("{geometry}", \'NDR\') AS wkb FROM "{schema}"."{layer}"')
            names = [column[0] for column in cursor.description]
            found[layer] = {}
            for row in cursor.fetchall():
                properties = {name: _told(value) for name, value in zip(names, row)}
                properties.pop(geometry)
                blob = properties.pop("wkb")
                _enter(found[layer], properties, blob and bytes(blob))
    return found


def _enter(layer: dict[Any, Any], properties: dict[str, Any], geometry: bytes | None) -> None:
    known = next(name for name in ("CODE", "NUMBER", "code", "number") if name in properties)
    assert properties[known] not in layer, "a feature is there twice"
    layer[properties[known]] = (properties, geometry)
