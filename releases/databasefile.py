"""SQLite files of a release: the same bytes wherever they are made, and readers who take no lock."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

PAGE_SIZE: Final = 8192
#: Bytes 96-99 of an SQLite file name the version of the library that wrote it last; all of ours say 3.40.0.
WRITER_OFFSET, WRITER = 96, (3_040_000).to_bytes(4, "big")

#: No journal and no syncing: the file is new, nobody reads it yet, and a failed one is thrown away. Free
#: space is zeroed so that it never holds what happened to be in memory; sorting never leaves a file in the
#: system's folder.
SETTINGS: Final = f"""
PRAGMA page_size = {PAGE_SIZE};
PRAGMA auto_vacuum = NONE;
PRAGMA encoding = 'UTF-8';
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA locking_mode = EXCLUSIVE;
PRAGMA secure_delete = ON;
PRAGMA temp_store = MEMORY;
PRAGMA cache_size = -65536;
"""


@contextmanager
def created(path: Path, application_id: int = 0, version: int = 0) -> Iterator[sqlite3.Connection]:
    """A new file, filled in one transaction; with the marks that its header shall have."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.executescript(SETTINGS)
        connection.execute(f"PRAGMA application_id = {application_id}")
        connection.execute(f"PRAGMA user_version = {version}")
        connection.execute("BEGIN")
        yield connection
        connection.execute("COMMIT")
    sign(path)


def sign(path: Path) -> None:
    """Let a file say that the version of the library wrote it which all of ours name."""
    with path.open("r+b") as file:
        file.seek(WRITER_OFFSET)
        file.write(WRITER)
