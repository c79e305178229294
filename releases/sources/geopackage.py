"""What a GeoPackage must be before GDAL reads it: a whole SQLite file, with geometries that GDAL will not
bend.

GDAL turns a curve into many short lines, and drops measures, without a word. The kind of each geometry stands
in its blob (OGC 12-128r19 2.1.3), so both are found there.
"""

from __future__ import annotations

import sqlite3
import struct
from dataclasses import dataclass
from pathlib import Path

from releases.sources.fault import SourceFault

ENVELOPE = {0: 0, 1: 32, 2: 48, 3: 48, 4: 64}  # bytes, by the three bits of the flags (table 6)
LITTLE_ENDIAN = 1
#: ISO 13249-3 codes of what has arcs: CircularString to MultiSurface, Curve and Surface.
CURVED = frozenset((8, 9, 10, 11, 12, 13, 14))
#: The thousands of ISO codes: 2000 has M, 3000 has Z and M.
MEASURED = frozenset((2, 3))


@dataclass(frozen=True, slots=True)
class Blobs:
    """What only the blobs tell, in the order of a scan: which rows have a geometry, arcs, measures."""

    has_geometry: tuple[bool, ...] = ()
    is_curved: tuple[bool, ...] = ()
    is_measured: tuple[bool, ...] = ()


def check(path: Path, table: str) -> Blobs:
    """Look through one feature table; SourceFault when the file is damaged."""
    try:
        connection = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)
        try:
            return _look(connection, path, table)
        finally:
            connection.close()
    except sqlite3.DatabaseError as error:
        raise _damaged(path, str(error)) from error


def _look(connection: sqlite3.Connection, path: Path, table: str) -> Blobs:
    verdict = connection.execute(f"PRAGMA quick_check({_quoted(table)})").fetchone()[0]
    if verdict != "ok":
        raise _damaged(path, verdict)
    column = connection.execute(
        "SELECT column_name FROM gpkg_geometry_columns WHERE lower(table_name) = lower(?)", (table,)
    ).fetchone()
    if column is None:
        return Blobs()
    # 8 bytes of header, the longest envelope and 5 bytes of WKB are enough to know the kind.
    heads = connection.execute(f"SELECT substr({_quoted(column[0])}, 1, 77) FROM {_quoted(table)}")
    kinds = [_kind(head) for (head,) in heads]
    return Blobs(
        tuple(kind is not None for kind in kinds),
        tuple(kind is not None and kind % 1000 in CURVED for kind in kinds),
        tuple(kind is not None and kind // 1000 in MEASURED for kind in kinds),
    )


def _kind(head: bytes | None) -> int | None:
    """The ISO code of a geometry, 0 for a blob that is none, None for a null."""
    if not head:
        return None
    at = 8 + ENVELOPE.get(head[3] >> 1 & 7, 0) if len(head) >= 13 else 0
    if head[:2] != b"GP" or len(head) < at + 5:
        return 0
    order = "<" if head[at] == LITTLE_ENDIAN else ">"
    (code,) = struct.unpack(f"{order}I", head[at + 1 : at + 5])
    return int(code)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _damaged(path: Path, reason: str) -> SourceFault:
    return SourceFault(
        "source-unreadable",
        f"GeoPackage {path.name} 已损坏：{reason}",
        f"the GeoPackage {path.name} is damaged: {reason}",
    )
