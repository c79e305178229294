"""The layer as a PostGIS table in EPSG:3857, and the tiles that the database makes of it."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import pyogrio
import shapely
from numpy.typing import NDArray

from bench.cluster import TYPES, cluster, copied, version
from bench.dataset import LAYER, Dataset
from bench.tiles.addresses import Address
from tiles.featureid import tile_ids

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
        return version(self._connection)

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
    family = f"zones_{dataset.zones}_"
    name = f"{family}{dataset.release.id}"
    with cluster() as running:
        running.filled(name, family, partial(_fill, dataset))
        with running.connected(name) as connection:
            yield Database(running.address(name), connection, _quoted(dataset))


def _fill(dataset: Dataset, cursor: Any) -> None:
    """Make the table: indexed, in the index's order, analysed."""
    fields = dataset.layer.layer.fields
    columns = ", ".join(f'"{field.name}" {TYPES.get(field.type, "text")}' for field in fields)
    cursor.execute(
        f"CREATE TABLE {LAYER} (id int8 PRIMARY KEY, {columns}, geom geometry(MultiPolygon, 3857))"
    )
    for portion in _portions(dataset):
        cursor.copy_expert(f"COPY {LAYER} FROM STDIN", portion)
    cursor.execute(f"CREATE INDEX {LAYER}_geom ON {LAYER} USING gist (geom)")
    cursor.execute(f"CLUSTER {LAYER} USING {LAYER}_geom")
    cursor.execute(f"VACUUM ANALYZE {LAYER}")


def _quoted(dataset: Dataset) -> str:
    return ", ".join(f'"{field.name}"' for field in dataset.layer.layer.fields)


def _portions(dataset: Dataset) -> Iterator[io.StringIO]:
    """The layer's features as PostgreSQL's COPY reads them."""
    names = [field.name for field in dataset.layer.layer.fields]
    key = dataset.layer.layer.id_field.name
    for first in range(0, dataset.layer.count, PORTION):
        found = read(dataset, skip_features=first, max_features=PORTION)
        shapes = shapely.to_wkb(shapely.set_srid(found.geometry, 3857), hex=True, include_srid=True)
        yield copied(zip(tile_ids(found.values[key]), *(found.values[name] for name in names), shapes))


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
