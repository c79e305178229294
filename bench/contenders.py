"""The servers that are measured for tiles as well as for items: ours and tipg. Stock pygeoapi is in a file of its own."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple

from bench import dataset, programs
from bench.dataset import LAYER, Dataset
from bench.services import free_port, running


class Served(NamedTuple):
    """A running server: its address without a slash at the end, and the process that was started."""

    address: str
    process: int


@contextmanager
def ours(data: Dataset, workers: int) -> Iterator[Served]:
    """`blueprint serve`."""
    port = free_port()
    variables = {
        **dataset.environment(data.zones),
        "BLUEPRINT_WORKERS": str(workers),
        "HOST": "127.0.0.1",
        "PORT": str(port),
    }
    command = [sys.executable, "-m", "server.cli", "serve"]
    with running(command, variables, data.folder / "ours.log", f"{local(port)}/readyz") as process:
        yield Served(local(port), process)


@contextmanager
def tipg(data: Dataset, database: str, workers: int, settings: Mapping[str, str]) -> Iterator[Served]:
    """tipg under uvicorn with the layer's table; it keeps nothing."""
    port = free_port()
    variables = {"DATABASE_URL": database, "TIPG_DB_TABLES": f'["public.{LAYER}"]', **settings}
    command = [str(programs.find("tipg")), "tipg.main:app", "--port", str(port), "--workers", str(workers)]
    command += ["--log-level", "error"]
    with running(command, variables, data.folder / "tipg.log", f"{local(port)}/healthz") as process:
        yield Served(local(port), process)


def local(port: int) -> str:
    """The address of a port of this machine."""
    return f"http://127.0.0.1:{port}"
