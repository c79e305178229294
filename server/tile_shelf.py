"""Finished tiles on disk, so that a restart is warm: one SQLite file for each release.

    <cache>/tiles/<service>/<release id>/<digest>.sqlite      tile(id, name, coding, cuts, digest, body)

It lies beside the release and not in it, because a release is sealed byte by byte. `service` is a digest of the
published folder's path, since services may share a cache; `digest` names all that tiles are made of: the release's columns, the settings of tiles and the program that encodes, so that an
updated program or a release built anew never meets tiles of another.

Why SQLite: several processes read and write at once, a write that was cut short is rolled back, and room for
new tiles is made by deleting the oldest. Each body has a digest of its own, compared whenever it is read.
Rule here: whatever goes wrong - a full or read-only disk, a damaged file - means no tiles on disk, and
nothing else.
"""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from hashlib import blake2b
from pathlib import Path
from threading import Lock
from typing import Final, NamedTuple

from releases.connections import Connections
from server.codings import Coding

LOGGER = logging.getLogger("blueprint")
#: Seconds to wait for other processes' writes to end; nobody who asks for a tile waits for one.
PATIENCE: Final = 30.0
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS tile (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    coding TEXT NOT NULL,
    cuts TEXT NOT NULL,
    digest BLOB NOT NULL,
    body BLOB NOT NULL,
    UNIQUE (name, coding)
)
"""


class Kept(NamedTuple):
    """One form of a finished tile: its address in one text, the body in a coding, what the budget cut."""

    name: str
    coding: Coding
    body: bytes
    cuts: str = ""

    @property
    def digest(self) -> bytes:
        """What the disk must give back."""
        said = f"{self.name}\0{self.coding}\0{self.cuts}\0".encode()
        return blake2b(said + self.body, digest_size=16).digest()


class Shelf:
    """The finished tiles of one release, at most `bound` bytes of them; safe for many threads and processes."""

    def __init__(self, path: Path, bound: int) -> None:
        self.path = path
        self._bound = bound
        self._connections = Connections(partial(_connect, path))
        # Threads take turns here, which is fair; processes only poll the file.
        self._writing = Lock()
        self._open = bound > 0
        if self._open:
            with self._safely():
                path.parent.mkdir(parents=True, exist_ok=True)
                with self._connections.lent() as connection, _step(connection):
                    connection.execute(_SCHEMA)

    @property
    def usable(self) -> bool:
        """Whether tiles can be kept here."""
        return self._open

    def get(self, name: str, coding: Coding) -> Kept | None:
        """A tile in that coding, else in any, else None."""
        if not self._open:
            return None
        with self._safely(), self._connections.lent() as connection:
            row = connection.execute(
                "SELECT coding, body, cuts, digest FROM tile WHERE name = ? ORDER BY coding <> ? LIMIT 1",
                (name, coding),
            ).fetchone()
            if row is None:
                return None
            kept = Kept(name, *row[:3])
            if kept.digest == row[3]:
                return kept
            LOGGER.warning("%s: the tile %s is damaged and is made again", self.path, name)
            connection.execute("DELETE FROM tile WHERE name = ?", (name,))
        return None

    def holds(self, names: Iterable[str], coding: Coding) -> set[str]:
        """Which of these tiles are here in that coding, or as they are because no coding would save anything."""
        wanted = list(names)
        found: set[str] = set()
        if self._open:
            with self._safely(), self._connections.lent() as connection:
                for start in range(0, len(wanted), 500):  # SQLite binds some thousand values at most
                    some = wanted[start : start + 500]
                    marks = ",".join("?" * len(some))
                    question = f"SELECT name FROM tile WHERE coding IN (?, 'identity') AND name IN ({marks})"
                    found.update(name for (name,) in connection.execute(question, (coding, *some)))
        return found

    def put(self, tiles: Iterable[Kept]) -> bool:
        """Keep tiles, in one step, and let the oldest go when there are too many; whether they are kept."""
        if not self._open:
            return False
        with self._writing, self._safely(), self._connections.lent() as connection:
            with _step(connection):
                connection.executemany(
                    "INSERT OR IGNORE INTO tile (name, coding, cuts, digest, body) VALUES (?, ?, ?, ?, ?)",
                    ((one.name, one.coding, one.cuts, one.digest, one.body) for one in tiles),
                )
                self._make_room(connection)
            return True
        return False

    def room(self) -> int:
        """How many bytes there are left before the oldest tiles go."""
        if not self._open:
            return 0
        with self._safely(), self._connections.lent() as connection:
            return self._bound - _bytes(connection)
        return 0

    def _make_room(self, connection: sqlite3.Connection) -> None:
        # A tenth at once; the pages that become free are used for the next tiles.
        while _bytes(connection) > self._bound:
            first, last = connection.execute("SELECT min(id), max(id) FROM tile").fetchone()
            if first is None:
                return
            connection.execute("DELETE FROM tile WHERE id <= ?", (first + (last - first) // 10,))

    @contextmanager
    def _safely(self) -> Iterator[None]:
        """Let trouble with the disk end here, with a line in the log."""
        try:
            yield
        except sqlite3.OperationalError as fault:
            # Busy for once, or full: what is there is still good, and there may be room later.
            LOGGER.warning("%s: finished tiles cannot be kept on disk: %s", self.path, fault)
            self._open = self.path.exists()
        except (sqlite3.DatabaseError, OSError) as fault:
            LOGGER.warning("%s: no finished tiles on disk from now on: %s", self.path, fault)
            self._open = False
            if isinstance(fault, sqlite3.DatabaseError):  # damaged: the next start begins a new one
                _remove(self.path)


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None, check_same_thread=False)
    try:
        # A write waits for no disk: after a power cut the last tiles may be missing, never torn (SQLite, WAL).
        for pragma in ("synchronous=NORMAL", "cache_size=-512"):
            connection.execute(f"PRAGMA {pragma}")
        _share(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _share(connection: sqlite3.Connection) -> None:
    """Let readers and a writer go side by side. Two that open a new file at once do not wait here by themselves."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as fault:
            if "locked" not in str(fault) or time.monotonic() > end:
                raise
            time.sleep(0.01)


@contextmanager
def _step(connection: sqlite3.Connection) -> Iterator[None]:
    """One step of writing: all of it or nothing. It asks for the right to write before it reads, so it can wait."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:  # a full disk has ended it already
            connection.execute("ROLLBACK")
        raise


def _bytes(connection: sqlite3.Connection) -> int:
    pages, free, size = (
        connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("page_count", "freelist_count", "page_size")
    )
    return int((pages - free) * size)


def _remove(path: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
