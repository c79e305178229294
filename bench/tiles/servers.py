"""The servers of tiles, each a process of its own on a free port: ours, the peers on one PostGIS, and a constant.

Each has two workers, or as many as it takes by itself, the tile's extent of 4096 and buffer of 64 units, all fields,
and no limit of features, so that all send the same content. What a server keeps in memory by itself stays on for
the tiles that are asked again and again, and is off where each is asked once.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import NamedTuple

import yaml

from bench import contenders, programs, stock
from bench.contenders import local
from bench.dataset import LAYER, Dataset
from bench.services import free_port, running
from bench.tiles.addresses import Address
from bench.tiles.postgis import Database

WORKERS = 2
THREADS = 4


class Server(NamedTuple):
    """A running server: its address, how it calls a tile, and its process."""

    address: str
    template: str
    process: int

    def path(self, tile: Address) -> str:
        """The path of a tile on this server."""
        return self.template.format(z=tile.zoom, x=tile.col, y=tile.row)


Start = Callable[[Dataset, Database, bool], AbstractContextManager[Server]]


@contextmanager
def ours(data: Dataset, database: Database, keeps: bool) -> Iterator[Server]:
    """`blueprint serve`; what it keeps on disk starts empty."""
    with contenders.ours(data, WORKERS) as served:
        yield Server(
            served.address, f"/collections/{LAYER}/tiles/WebMercatorQuad/{{z}}/{{y}}/{{x}}", served.process
        )


@contextmanager
def martin(data: Dataset, database: Database, keeps: bool) -> Iterator[Server]:
    """Martin with the table configured, so that it takes the feature's id from its column."""
    port = free_port()
    table = {
        "schema": "public",
        "table": LAYER,
        "srid": 3857,
        "geometry_column": "geom",
        "id_column": "id",
        "extent": 4096,
        "buffer": 64,
        "clip_geom": True,
        "geometry_type": "MULTIPOLYGON",
        "properties": _properties(data),
    }
    settings = {
        "listen_addresses": f"127.0.0.1:{port}",
        "worker_processes": WORKERS,
        "postgres": {"connection_string": database.address, "tables": {LAYER: table}},
    }
    if not keeps:
        settings["cache_size_mb"] = 0
    file = _settings(data, "martin", settings)
    command = [str(programs.find("martin")), "--config", str(file)]
    with _served(data, "martin", command, {"RUST_LOG": "error"}, port, "/health") as process:
        yield Server(local(port), f"/{LAYER}/{{z}}/{{x}}/{{y}}", process)


@contextmanager
def pg_tileserv(data: Dataset, database: Database, keeps: bool) -> Iterator[Server]:
    """pg_tileserv, which keeps nothing."""
    port = free_port()
    file = data.folder / "pg_tileserv.toml"
    file.write_text(
        f'HttpHost = "127.0.0.1"\nHttpPort = {port}\nDefaultBuffer = 64\nMaxFeaturesPerTile = 100000000\n'
    )
    command = [str(programs.find("pg_tileserv")), "--config", str(file)]
    with _served(
        data, "pg_tileserv", command, {"DATABASE_URL": database.address}, port, "/index.json"
    ) as process:
        yield Server(local(port), f"/public.{LAYER}/{{z}}/{{x}}/{{y}}.pbf", process)


@contextmanager
def tegola(data: Dataset, database: Database, keeps: bool) -> Iterator[Server]:
    """tegola with PostGIS making the tiles, without a cache, as it comes."""
    port = free_port()
    fields = ", ".join(f'"{name}"' for name in _properties(data))
    sql = (
        f"SELECT ST_AsMVTGeom(geom, !BBOX!, 4096, 64) AS geom, id, {fields} FROM {LAYER} WHERE geom && !BBOX!"
    )
    file = data.folder / "tegola.toml"
    file.write_text(
        f'[webserver]\nport = "127.0.0.1:{port}"\n'
        f'[[providers]]\nname = "bench"\ntype = "mvt_postgis"\nuri = "{database.address}"\nsrid = 3857\n'
        f"[[providers.layers]]\nname = \"{LAYER}\"\ngeometry_fieldname = \"geom\"\nid_fieldname = \"id\"\nsql = '''{sql}'''\n"
        f'[[maps]]\nname = "bench"\n[[maps.layers]]\nprovider_layer = "bench.{LAYER}"\nmin_zoom = 0\nmax_zoom = 20\n'
    )
    command = [str(programs.find("tegola")), "serve", "--config", str(file)]
    with _served(data, "tegola", command, {}, port, "/capabilities") as process:
        yield Server(local(port), "/maps/bench/{z}/{x}/{y}.pbf", process)


@contextmanager
def tipg(data: Dataset, database: Database, keeps: bool) -> Iterator[Server]:
    """tipg under uvicorn; it keeps nothing."""
    settings = {"TIPG_TILE_BUFFER": "64", "TIPG_MAX_FEATURES_PER_TILE": "100000000"}
    with contenders.tipg(data, database.address, WORKERS, settings) as served:
        template = f"/collections/public.{LAYER}/tiles/WebMercatorQuad/{{z}}/{{x}}/{{y}}"
        yield Server(served.address, template, served.process)


@contextmanager
def pygeoapi(data: Dataset, database: Database, keeps: bool) -> Iterator[Server]:
    """pygeoapi with its provider MVT-postgresql; it keeps nothing, and its buffer of 256 units is fixed."""
    provider = stock.table(
        database.address,
        type="tile",
        name="MVT-postgresql",
        id_field="id",
        storage_crs="http://www.opengis.net/def/crs/EPSG/0/3857",
        options={"zoom": {"min": 0, "max": 22}},
        format={"name": "pbf", "mimetype": "application/vnd.mapbox-vector-tile"},
    )
    # One thread each: the provider's connection is not shared between threads.
    with stock.pygeoapi(data, provider, WORKERS, threads=1) as served:
        template = f"/collections/{LAYER}/tiles/WebMercatorQuad/{{z}}/{{y}}/{{x}}?f=mvt"
        yield Server(served.address, template, served.process)


@contextmanager
def constant(data: Dataset, body: Path) -> Iterator[Server]:
    """The HTTP server that ours runs under, sending one body to whoever asks: its limit."""
    port = free_port()
    command = [
        *(str(Path(sys.executable).parent / "granian"), "--interface", "wsgi", "--port", str(port)),
        *("--workers", str(WORKERS), "--blocking-threads", str(THREADS), "--no-ws", "--log-level", "warning"),
        "bench.tiles.constant:application",
    ]
    with _served(data, "constant", command, {"BENCH_BODY": str(body)}, port, "/") as process:
        yield Server(local(port), "/{z}/{x}/{y}", process)


def _properties(data: Dataset) -> dict[str, str]:
    types = {"integer": "int8", "number": "float8"}
    return {field.name: types.get(field.type, "text") for field in data.layer.layer.fields}


def _settings(data: Dataset, name: str, settings: object) -> Path:
    file = data.folder / f"{name}.yml"
    file.write_text(yaml.safe_dump(settings, allow_unicode=True))
    return file


@contextmanager
def _served(
    data: Dataset, name: str, command: list[str], variables: dict[str, str], port: int, ready: str
) -> Iterator[int]:
    with running(command, variables, data.folder / f"{name}.log", local(port) + ready) as process:
        yield process
