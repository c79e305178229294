"""Harvests by the command, as an agency runs them: a process each, from its start to its end."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import orjson

from bench import cluster, contenders, dataset, process
from bench.dataset import LAYER, Dataset
from bench.harvest.edit import edit
from bench.services import PeerMissing

CHANGES = 1_000
_DATABASE = "harvested"


def measure(zones: int, rounds: int) -> dict[str, Any]:
    """A row for each target: seconds and memory of a whole harvest of LAYER, and of one of CHANGES changes."""
    data = dataset.load(zones)
    folder = data.folder / "harvest"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    with ExitStack() as stack:
        served = stack.enter_context(contenders.ours(data, workers=1))
        targets = {"GeoPackage": str(folder / "plan.gpkg"), "GeoParquet": str(folder / "plan")}
        absent = {}
        try:
            targets["PostGIS"] = stack.enter_context(_database())
        except PeerMissing as fault:
            absent["PostGIS"] = str(fault)
        rows = {
            name: {"whole": _harvested(served.address, target, folder, data)}
            for name, target in targets.items()
        }
        for number in range(rounds):
            edit(data, CHANGES)
            dataset.blueprint(zones, "publish", "--note", f"bench, round {number + 1}")
            for name, target in targets.items():
                taken = _harvested(served.address, target, folder, data)
                if taken["changed"] != CHANGES:
                    raise RuntimeError(f"{name}: {taken['changed']} changes, expected {CHANGES}")
                best = rows[name].get("changes", taken)
                rows[name]["changes"] = min(best, taken, key=lambda one: float(one["seconds"]))
        for name, target in targets.items():
            rows[name]["nothing"] = _harvested(served.address, target, folder, data)
    dataset.blueprint(zones, "prune", "--keep", "1")
    shutil.rmtree(folder)
    return {"rows": rows, "features": data.layer.count, "absent": absent}


def _harvested(url: str, target: str, folder: Path, data: Dataset) -> Mapping[str, Any]:
    """A harvest: the command's seconds and memory, those of the work alone, and what it did."""
    log = folder / "harvest.log"
    words = ["harvest", url, target, "--layers", LAYER, "--json"]
    cost = process.run([sys.executable, "-m", "server.cli", *words], {"BLUEPRINT_LANG": "en"}, log)
    text = log.read_text()
    told = orjson.loads(text[text.index("{") :])
    print(f"harvest into {target}: {cost.seconds:.1f} s", flush=True)
    return {
        "seconds": cost.seconds,
        "work": told["seconds"],
        "memory": cost.memory,
        "changed": told["changed"],
        "fetched": told["fetched"],
    }


@contextmanager
def _database() -> Iterator[str]:
    """An empty database with PostGIS."""
    with cluster.cluster() as running:
        with running.connected() as connection, connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {_DATABASE}")
            cursor.execute("SELECT 1 FROM pg_available_extensions WHERE name = 'postgis'")
            if cursor.fetchone() is None:
                raise PeerMissing("no PostGIS: apt-get install postgresql-15-postgis-3")
            cursor.execute(f"CREATE DATABASE {_DATABASE}")
        with running.connected(_DATABASE) as connection, connection.cursor() as cursor:
            cursor.execute("CREATE EXTENSION postgis")
        yield running.address(_DATABASE)
