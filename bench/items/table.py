"""The layer as the table that the peers read: the same rows, in degrees, indexed for all that is asked of them.

The key is the feature's id, so that pages hold the same features everywhere. Fields that are filtered or sorted by
have an index each, texts that are searched one of their trigrams too; rows lie in the order of the key, as all walk.
Columns have the fields' names in small letters, as is PostgreSQL's custom: not every peer quotes them.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from hashlib import sha256
from typing import Any, NamedTuple

import pyogrio
import shapely

from bench.cluster import TYPES, cluster, copied, version
from bench.dataset import LAYER, Dataset

INDEXED = ("xzqdm", "xzqmc", "ghfqdm", "mj")
SEARCHED = ("xzqmc", "ghfqmc")
#: Features copied into the table at a time.
PORTION = 100_000


class Database(NamedTuple):
    """The database with the table: its address for servers, and what runs it."""

    address: str
    version: str


@contextmanager
def database(data: Dataset) -> Iterator[Database]:
    """Start the cluster and load the layer, unless it holds this very table already; PeerMissing without PostGIS."""
    family = f"items_{data.zones}_"
    # By the layer's text and not by the release: published anew, the features are the same.
    made = f"{data.layer.digest} {_created(data)} {_indexed(data)}"
    name = family + sha256(made.encode()).hexdigest()[:16]
    with cluster() as running:
        running.filled(name, family, partial(_fill, data))
        with running.connected(name) as connection:
            yield Database(running.address(name), version(connection))


def _fill(data: Dataset, cursor: Any) -> None:
    cursor.execute(_created(data))
    for first in range(0, data.layer.count, PORTION):
        print(f"PostgreSQL: {first:,} of {data.layer.count:,} features", flush=True)
        cursor.copy_expert(f"COPY {LAYER} FROM STDIN", _portion(data, first))
    print("PostgreSQL: indexes", flush=True)
    for statement in _indexed(data):
        cursor.execute(statement)


def _created(data: Dataset) -> str:
    fields = data.layer.layer.fields
    columns = ", ".join(f"{field.name.lower()} {TYPES.get(field.type, 'text')}" for field in fields)
    return f"CREATE TABLE {LAYER} ({columns}, geom geometry(MultiPolygon, 4326))"


def _indexed(data: Dataset) -> list[str]:
    key = data.layer.layer.id_field.name.lower()
    return [
        f"ALTER TABLE {LAYER} ADD PRIMARY KEY ({key})",
        f"CREATE INDEX ON {LAYER} USING gist (geom)",
        *(f"CREATE INDEX ON {LAYER} ({name})" for name in INDEXED),
        "CREATE EXTENSION pg_trgm",
        *(f"CREATE INDEX ON {LAYER} USING gin ({name} gin_trgm_ops)" for name in SEARCHED),
        f"CLUSTER {LAYER} USING {LAYER}_pkey",
        f"VACUUM ANALYZE {LAYER}",
    ]


def _portion(data: Dataset, first: int) -> io.StringIO:
    about, _, wkb, values = pyogrio.raw.read(
        data.package, layer=LAYER, skip_features=first, max_features=PORTION
    )
    columns = dict(zip(about["fields"], values))
    shapes = shapely.to_wkb(shapely.set_srid(shapely.from_wkb(wkb), 4326), hex=True, include_srid=True)
    return copied(zip(*(columns[field.name] for field in data.layer.layer.fields), shapes))
