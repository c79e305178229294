"""A PostgreSQL cluster of the bench's own with PostGIS, tuned generously, and the layer as a table in EPSG:3857.

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
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import psycopg2  # type: ignore[import-untyped]
import pyogrio
import shapely
from numpy.typing import NDArray

from bench.services import PeerMissing, free_port
from bench.tiles.addresses import Address
from bench.tiles.dataset import LAYER, WORK, Dataset
from tiles.featureid import tile_ids

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
#: Features copied into a table at a time.
PORTION = 100_000
RADIUS = 6378137.0

#: The tile as every server on PostGIS asks for it.
_TILE = """
SELECT {result} FROM (
  SELECT id, {fields}, ST_AsMVTGeom(geom, ST_TileEnvelope({z}, {x}, {y}), 4096, 64, true) AS geom
  FROM {layer} WHERE geom && ST_TileEnvelope({z}, {x}, {y}, margin => 64.0 / 4096)
) AS feature
"""
_MADE = f"ST_AsMVT(feature, '{LAYER}', 4096, 'geom', 'id')"
#: A stopwatch inside the database: neither the way to a client nor reading and planning the statement counts.
_TIMED = """
CREATE OR REPLACE FUNCTION timed(z int, x int, y int, OUT seconds float8, OUT bytes int) LANGUAGE plpgsql AS $$
DECLARE began timestamptz := clock_timestamp();
BEGIN
  SELECT octet_length(({tile})) INTO bytes;
  seconds := extract(epoch FROM clock_timestamp() - began);
END $$
"""
#: What the bench's own connection is set to: one core, and plans made once, which is faster from the first tile on.
_SESSION = "SET max_parallel_workers_per_gather = 0; SET plan_cache_mode = force_generic_plan"
_TYPES = {"integer": "int8", "number": "float8"}


class Timed(NamedTuple):
    """Seconds and bytes of some tiles together."""

    seconds: float
    bytes: int


class Database:
    """One dataset in the cluster; `address` is for servers, the connection is this process's own."""

    def __init__(self, address: str, connection: Any, fields: str) -> None:
        self.address = address
        self._connection = connection
        inside = _TILE.format(result=_MADE, fields=fields, layer=LAYER, z="z", x="x", y="y")
        asked = {"fields": fields, "layer": LAYER, "z": "$1", "x": "$2", "y": "$3"}
        with connection.cursor() as cursor:
            cursor.execute(_SESSION)
            cursor.execute(_TIMED.format(tile=inside))
            for name, result in (("tile", _MADE), ("size", f"octet_length({_MADE})")):
                cursor.execute(f"PREPARE {name} (int, int, int) AS {_TILE.format(result=result, **asked)}")

    def version(self) -> str:
        """PostgreSQL's and PostGIS's."""
        return "PostgreSQL {}, PostGIS {}".format(
            *self.ask("SELECT split_part(current_setting('server_version'), ' ', 1), postgis_lib_version()")[
                0
            ]
        )

    def ask(self, statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        with self._connection.cursor() as cursor:
            cursor.execute(statement, tuple(values))
            return list(cursor.fetchall())

    def timed(self, addresses: Sequence[Address]) -> Timed:
        """Make tiles on one core, one after the other, timed inside the database."""
        zooms, rows, cols = (list(numbers) for numbers in zip(*addresses))
        [(seconds, size)] = self.ask(
            "SELECT sum(t.seconds), sum(t.bytes) FROM unnest(%s, %s, %s) AS a(z, x, y), LATERAL timed(z, x, y) AS t",
            (zooms, cols, rows),
        )
        return Timed(float(seconds), int(size))

    def asked(self, addresses: Sequence[Address]) -> Timed:
        """The same as a client sees it: a prepared statement for each tile, which answers with the tile's length."""
        statements = [f"EXECUTE size({zoom}, {col}, {row})" for zoom, row, col in addresses]
        size = 0
        with self._connection.cursor() as cursor:
            began = time.perf_counter()
            for statement in statements:
                cursor.execute(statement)
                size += cursor.fetchone()[0]
            return Timed(time.perf_counter() - began, size)

    def tile(self, address: Address) -> bytes:
        """A tile's bytes."""
        zoom, row, col = address
        return bytes(self.ask(f"EXECUTE tile({zoom}, {col}, {row})")[0][0])


@contextmanager
def database(dataset: Dataset) -> Iterator[Database]:
    """Start the cluster and load the dataset, unless it holds it already; PeerMissing without PostGIS."""
    name = f"zones_{dataset.zones}_{dataset.release.id}"
    with _cluster() as (socket, port):
        with _connected(socket, "postgres") as connection, connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,))
            present = cursor.fetchone() is not None
        if not present:
            _load(dataset, socket, name)
        with _connected(socket, name) as connection:
            yield Database(f"postgresql://{USER}@127.0.0.1:{port}/{name}", connection, _quoted(dataset))


@contextmanager
def _cluster() -> Iterator[tuple[str, int]]:
    """A running cluster: the folder of its socket, and its port on 127.0.0.1."""
    programs, folder = _programs(), WORK / "pg"
    WORK.mkdir(parents=True, exist_ok=True)
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
            yield socket, port
        finally:
            _run(programs / "pg_ctl", "-D", folder, "-m", "fast", "-w", "stop")


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
    if os.geteuid() == 0:
        words = ["runuser", "-u", USER, "--", *words]
    # pg_ctl leaves a server behind that would hold a pipe open: a file takes what is printed.
    with tempfile.TemporaryFile() as output:
        if subprocess.run(words, stdout=output, stderr=subprocess.STDOUT, cwd="/").returncode:
            output.seek(0)
            raise PeerMissing(f"{' '.join(words)}:\n{output.read().decode(errors='replace')}")


def _own(folder: Path) -> None:
    if os.geteuid() == 0:
        shutil.chown(folder, USER)
    folder.chmod(0o700)


@contextmanager
def _connected(socket: str, name: str) -> Iterator[Any]:
    connection = psycopg2.connect(host=socket, port=_port(socket), dbname=name, user=USER)
    connection.autocommit = True
    try:
        yield connection
    finally:
        connection.close()


def _port(socket: str) -> int:
    return int(next(Path(socket).glob(".s.PGSQL.*[0-9]")).name.rsplit(".", 1)[1])


def _load(dataset: Dataset, socket: str, name: str) -> None:
    """Make a database with the layer as a table: indexed, in the index's order, analysed."""
    fields = dataset.layer.layer.fields
    columns = ", ".join(f'"{field.name}" {_TYPES.get(field.type, "text")}' for field in fields)
    with _connected(socket, "postgres") as connection, connection.cursor() as cursor:
        # Those of other releases of that size, and what a load that was broken off has left.
        cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", (f"zones_{dataset.zones}_%",))
        for (old,) in cursor.fetchall():
            cursor.execute(f"DROP DATABASE {old}")
        cursor.execute(f"CREATE DATABASE {name}_loading")
    with _connected(socket, f"{name}_loading") as connection, connection.cursor() as cursor:
        cursor.execute("CREATE EXTENSION postgis")
        cursor.execute(
            f"CREATE TABLE {LAYER} (id int8 PRIMARY KEY, {columns}, geom geometry(MultiPolygon, 3857))"
        )
        for portion in _portions(dataset):
            cursor.copy_expert(f"COPY {LAYER} FROM STDIN", portion)
        cursor.execute(f"CREATE INDEX {LAYER}_geom ON {LAYER} USING gist (geom)")
        cursor.execute(f"CLUSTER {LAYER} USING {LAYER}_geom")
        cursor.execute(f"VACUUM ANALYZE {LAYER}")
    with _connected(socket, "postgres") as connection, connection.cursor() as cursor:
        cursor.execute(f"ALTER DATABASE {name}_loading RENAME TO {name}")


def _quoted(dataset: Dataset) -> str:
    return ", ".join(f'"{field.name}"' for field in dataset.layer.layer.fields)


def _portions(dataset: Dataset) -> Iterator[io.StringIO]:
    """The layer's features as PostgreSQL's COPY reads them."""
    names = [field.name for field in dataset.layer.layer.fields]
    key = dataset.layer.layer.id_field.name
    for first in range(0, dataset.layer.count, PORTION):
        found = read(dataset, skip_features=first, max_features=PORTION)
        shapes = shapely.to_wkb(shapely.set_srid(found.geometry, 3857), hex=True, include_srid=True)
        rows = zip(tile_ids(found.values[key]), *(found.values[name] for name in names), shapes)
        yield io.StringIO("".join("\t".join(map(_text, row)) + "\n" for row in rows))


class Features(NamedTuple):
    """Features of the layer: geometry (n,) in EPSG:3857, and the values of each field."""

    geometry: NDArray[np.object_]
    values: dict[str, NDArray[Any]]


def read(dataset: Dataset, **which: Any) -> Features:
    """Read features from the release's GeoPackage; `which` is pyogrio's bbox, skip_features or max_features."""
    about, _, wkb, values = pyogrio.raw.read(dataset.package, layer=LAYER, **which)
    geometry = shapely.transform(shapely.from_wkb(wkb), _mercator)
    return Features(geometry, dict(zip(about["fields"], values)))


def _mercator(lonlat: NDArray[np.float64]) -> NDArray[np.float64]:
    lon, lat = np.radians(lonlat).T
    return np.column_stack([RADIUS * lon, RADIUS * np.arcsinh(np.tan(lat))])


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
