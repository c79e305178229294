"""MBTiles 1.3: an SQLite file, tiles coded by gzip, rows counted from the south.

tiles(zoom_level, tile_column, tile_row, tile_data)  is a view of
map(zoom_level, tile_column, tile_row, tile_id)  and  images(tile_id, tile_data): equal tiles are held once
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from hashlib import blake2b
from pathlib import Path
from typing import Final

from server.archive.about import About

#: "MPBX", by which `file` and GDAL know the format.
APPLICATION: Final = 0x4D504258
_SCHEMA: Final = """
CREATE TABLE metadata (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
CREATE TABLE images (tile_id INTEGER PRIMARY KEY, tile_data BLOB NOT NULL);
CREATE TABLE map (
    zoom_level INTEGER, tile_column INTEGER, tile_row INTEGER, tile_id INTEGER NOT NULL,
    PRIMARY KEY (zoom_level, tile_column, tile_row)
) WITHOUT ROWID;
CREATE VIEW tiles AS
    SELECT zoom_level, tile_column, tile_row, tile_data FROM map JOIN images USING (tile_id);
"""

#: zoom, column, row counted from the north, the body coded by gzip.
Tile = tuple[int, int, int, bytes]


def write(path: Path, about: About, tiles: Iterable[Tile]) -> tuple[int, int]:
    """Write an archive; how many tiles it has, and how many different ones."""
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        # No journal: a file that was not finished is thrown away.
        for pragma in (f"application_id={APPLICATION}", "journal_mode=OFF", "synchronous=OFF"):
            connection.execute(f"PRAGMA {pragma}")
        connection.executescript(_SCHEMA)
        connection.execute("BEGIN")
        counts = _fill(connection, tiles)
        connection.executemany("INSERT INTO metadata VALUES (?, ?)", _metadata(about))
        connection.execute("COMMIT")
    finally:
        connection.close()
    return counts


def _fill(connection: sqlite3.Connection, tiles: Iterable[Tile]) -> tuple[int, int]:
    known: dict[bytes, int] = {}
    count = 0
    for zoom, col, row, body in tiles:
        digest = blake2b(body, digest_size=16).digest()
        number = known.get(digest)
        if number is None:
            number = known[digest] = len(known) + 1
            connection.execute("INSERT INTO images VALUES (?, ?)", (number, body))
        south = (1 << zoom) - 1 - row
        connection.execute("INSERT INTO map VALUES (?, ?, ?, ?)", (zoom, col, south, number))
        count += 1
    return count, len(known)


def _metadata(about: About) -> list[tuple[str, str]]:
    return [
        ("name", about.name),
        ("format", "pbf"),
        ("bounds", ",".join(map(str, about.box))),
        ("center", ",".join(map(str, about.centre))),
        ("minzoom", str(about.low)),
        ("maxzoom", str(about.high)),
        ("attribution", about.attribution),
        ("description", about.description),
        ("type", "overlay"),
        ("version", "1"),
        ("release", about.release),
        ("json", json.dumps({"vector_layers": about.layers}, ensure_ascii=False, separators=(",", ":"))),
    ]
