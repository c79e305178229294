"""A PostgreSQL cluster of the bench's own with PostGIS, tuned generously: what the peers read from.

The cluster lies in var/bench/pg and runs while something is measured. PostgreSQL refuses to run as root, so for
root it runs as the user `postgres`. Nothing in it is worth keeping, so it writes without waiting for the disk.
"""

from __future__ import annotations

import glob
import io
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import psycopg2  # type: ignore[import-untyped]

from bench.dataset import WORK
from bench.services import PeerMissing, free_port

#: What is not PostgreSQL's default.
SETTINGS = {
    "shared_buffers": "2GB",
    "effective_cache_size": "8GB",
    "work_mem": "256MB",
    "maintenance_work_mem": "1GB",
    "max_wal_size": "8GB",
    "random_page_cost": "1.1",
    "jit": "off",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}
USER = "postgres"
#: Types of columns by those of fields; all others are text.
TYPES = {"integer": "int8", "number": "float8"}


class Cluster(NamedTuple):
    """A running cluster: the folder of its socket, and its port on 127.0.0.1."""

    socket: str
    port: int

    def address(self, name: str) -> str:
        """A database's address for servers."""
        return f"postgresql://{USER}@127.0.0.1:{self.port}/{name}"

    @contextmanager
    def connected(self, name: str = "postgres") -> Iterator[Any]:
        """A connection of this process's own that commits each statement."""
        connection = psycopg2.connect(host=self.socket, port=self.port, dbname=name, user=USER)
        connection.autocommit = True
        try:
            yield connection
        finally:
            connection.close()

    def filled(self, name: str, family: str, fill: Callable[[Any], None]) -> None:
        """Have a database, made by `fill` (given a cursor) unless it is there.

        Those whose name begins like `family` are dropped before: of data that is no more, or half filled.
        """
        with self.connected() as connection, connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,))
            if cursor.fetchone():
                return
            cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", (family,))
            for (old,) in cursor.fetchall():
                cursor.execute(f"DROP DATABASE {old}")
            cursor.execute(f"CREATE DATABASE {name}_loading")
        with self.connected(f"{name}_loading") as connection, connection.cursor() as cursor:
            cursor.execute("CREATE EXTENSION postgis")
            fill(cursor)
        with self.connected() as connection, connection.cursor() as cursor:
            cursor.execute(f"ALTER DATABASE {name}_loading RENAME TO {name}")


@contextmanager
def cluster(folder: Path = WORK / "pg") -> Iterator[Cluster]:
    """Start the cluster of a folder, made on first use; PeerMissing without PostgreSQL."""
    programs = _programs()
    folder.parent.mkdir(parents=True, exist_ok=True)
    if not (folder / "PG_VERSION").exists():
        folder.mkdir(exist_ok=True)
        _own(folder)
        _run(programs / "initdb", "-D", folder, "-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")
    port = free_port()
    # The path of a socket has room for 107 bytes: the cluster's folder may be longer.
    with tempfile.TemporaryDirectory() as socket:
        _own(Path(socket))
        settings = {
            **SETTINGS,
            "unix_socket_directories": socket,
            "listen_addresses": "127.0.0.1",
            "port": port,
        }
        options = " ".join(f"-c {name}={value}" for name, value in settings.items())
        _run(programs / "pg_ctl", "-D", folder, "-l", folder / "log", "-w", "-o", options, "start")
        try:
            yield Cluster(socket, port)
        finally:
            _run(programs / "pg_ctl", "-D", folder, "-m", "fast", "-w", "stop")


def version(connection: Any) -> str:
    """PostgreSQL's and PostGIS's."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT split_part(current_setting('server_version'), ' ', 1), postgis_lib_version()")
        return "PostgreSQL {}, PostGIS {}".format(*cursor.fetchone())


def copied(rows: Iterable[Sequence[Any]]) -> io.StringIO:
    """Rows as PostgreSQL's COPY reads them."""
    return io.StringIO("".join("\t".join(map(_text, row)) + "\n" for row in rows))


def _programs() -> Path:
    """Where initdb and pg_ctl are: beside what is on PATH, or where Debian has them."""
    beside = shutil.which("initdb")
    places = [
        *([beside] if beside else []),
        *sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"), reverse=True),
    ]
    if not places:
        raise PeerMissing("no PostgreSQL: apt-get install postgresql-15-postgis-3")
    return Path(places[0]).parent


def _run(*command: object) -> None:
    words = [str(word) for word in command]
    # PostgreSQL does not run as root.
    person: dict[str, Any] = {"user": USER, "group": USER, "extra_groups": []} if os.geteuid() == 0 else {}
    # pg_ctl leaves a server behind that would hold a pipe open: a file takes what is printed.
    with tempfile.TemporaryFile() as output:
        if subprocess.run(words, stdout=output, stderr=subprocess.STDOUT, cwd="/", **person).returncode:
            output.seek(0)
            raise PeerMissing(f"{' '.join(words)}:\n{output.read().decode(errors='replace')}")


def _own(folder: Path) -> None:
    if os.geteuid() == 0:
        shutil.chown(folder, USER)
    folder.chmod(0o700)


def _text(value: Any) -> str:
    """A value in COPY's text format."""
    if value is None or value != value:
        return r"\N"
    text = str(value)
    return (
        text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")
        if isinstance(value, str)
        else text
    )
