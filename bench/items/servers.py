"""The servers of items, each with one worker process: ours and the peers on one PostGIS."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from bench import contenders, programs, stock
from bench.contenders import Served, local
from bench.dataset import LAYER, Dataset
from bench.items.table import Database
from bench.services import free_port, running

WORKERS = 1
#: Of a worker that works by threads; ours has as many as it comes with.
THREADS = 4

Start = Callable[[Dataset, Database], AbstractContextManager[Served]]


@contextmanager
def ours(data: Dataset, database: Database) -> Iterator[Served]:
    """`blueprint serve`, with its threads."""
    with contenders.ours(data, WORKERS) as served:
        yield served


@contextmanager
def tipg(data: Dataset, database: Database) -> Iterator[Served]:
    """tipg under uvicorn, as it comes."""
    with contenders.tipg(data, database.address, WORKERS, {}) as served:
        yield served


@contextmanager
def pygeoapi(data: Dataset, database: Database) -> Iterator[Served]:
    """pygeoapi with its provider PostgreSQL, as many threads as ours, and CSV beside its own forms."""
    provider = stock.table(
        database.address, type="feature", name="PostgreSQL", id_field=data.layer.layer.id_field.name.lower()
    )
    formatters = [{"name": "CSV", "geom": True}]
    with stock.pygeoapi(data, provider, WORKERS, THREADS, {"formatters": formatters}) as served:
        yield served


@contextmanager
def pg_featureserv(data: Dataset, database: Database) -> Iterator[Served]:
    """pg_featureserv, one process that uses all cores, with time enough for long answers."""
    port = free_port()
    program = programs.find("pg_featureserv")
    pages = program.parent.parent / "src" / "pg_featureserv" / "assets"
    file = data.folder / "pg_featureserv.toml"
    file.write_text(
        f'[Server]\nHttpHost = "127.0.0.1"\nHttpPort = {port}\nAssetsPath = "{pages}"\nWriteTimeoutSec = 300\n'
        f'[Database]\nTableIncludes = ["public.{LAYER}"]\n[Paging]\nLimitMax = 10000\n'
    )
    command = [str(program), "--config", str(file)]
    log, ready = data.folder / "pg_featureserv.log", f"{local(port)}/conformance"
    with running(command, {"DATABASE_URL": database.address}, log, ready) as process:
        yield Served(local(port), process)


SERVERS: dict[str, Start] = {
    "ours": ours,
    "tipg": tipg,
    "pygeoapi": pygeoapi,
    "pg_featureserv": pg_featureserv,
}
