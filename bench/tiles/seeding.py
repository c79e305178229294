"""Making all tiles beforehand: publishing and seeding by us, tippecanoe on the same features, and what each leaves.

Ours publishes the whole release, of which the layer measured is the largest by far, from the deliveries of three
authorities, checks included; then every tile of the layer is made and compressed. tippecanoe reads the release's own
GeoJSON of the layer and makes the same zooms, once leaving nothing out and once as it comes.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from bench.services import PeerMissing
from bench.tiles import dataset, process, programs
from bench.tiles.addresses import Address
from bench.tiles.dataset import LAYER, Dataset
from server import codings

LAST = 12
THREADS = 2
#: Seconds after which tippecanoe is stopped.
PATIENCE = 900.0
VARIANTS = {
    "tippecanoe, nothing left out": ["--no-feature-limit", "--no-tile-size-limit"],
    "tippecanoe as it comes": [],
}


def measure(zones: int) -> dict[str, Any]:
    """Publish anew, seed, and let tippecanoe work; `rows` has an entry for each."""
    published = dataset.publish(zones)
    data = dataset.load(zones)
    release = process.size(data.release.path)
    columns = sum((data.release.path / level.file).stat().st_size for level in data.layer.levels)
    rows = [
        {
            "what": "publish, all layers",
            "seconds": published.seconds,
            "memory": published.memory,
            "bytes": release,
        },
        {
            "what": f"seed, {LAYER} z{data.layer.layer.zoom.min}-z{LAST}",
            **_seed(data),
        },
    ]
    absent = {}
    for name, options in VARIANTS.items():
        try:
            rows.append({"what": name, **_tippecanoe(data, options)})
        except (PeerMissing, process.Failed) as fault:
            absent[name] = str(fault)
    version = programs.version("tippecanoe") if not absent else None
    levels = [level.model_dump(mode="json") for level in data.layer.levels]
    return {
        "rows": rows,
        "absent": absent,
        "version": version,
        "columns": columns,
        "levels": levels,
        "features": data.layer.count,
    }


def _seed(data: Dataset) -> dict[str, float]:
    """Make and compress all tiles of the layer by two threads."""
    started = time.monotonic()
    with ThreadPoolExecutor(THREADS) as threads:
        sizes = list(threads.map(lambda address: _size(data, address), _addresses(data), chunksize=16))
    tiles = [size for size in sizes if size]
    return {
        "seconds": time.monotonic() - started,
        "bytes": sum(tiles),
        "tiles": len(tiles),
        "largest": max(tiles),
    }


def _size(data: Dataset, address: Address) -> int:
    body = data.served(address)
    return len(codings.coded(body, "gzip", kept=True)) if body else 0


def _addresses(data: Dataset) -> Iterator[Address]:
    for zoom in range(data.layer.layer.zoom.min, LAST + 1):
        for part in data.plan(zoom):
            for row in range(part.limits.min_row, part.limits.max_row + 1):
                for col in range(part.limits.min_col, part.limits.max_col + 1):
                    yield Address(zoom, row, col)


def _tippecanoe(data: Dataset, options: list[str]) -> dict[str, float]:
    program, made = programs.find("tippecanoe"), data.folder / "tippecanoe.mbtiles"
    command = [str(program), "--quiet", "--force", "--read-parallel", "--output", str(made), "--layer", LAYER]
    command += [f"--minimum-zoom={data.layer.layer.zoom.min}", f"--maximum-zoom={LAST}", *options]
    command += ["--temporary-directory", str(data.folder), str(data.text)]
    cost = process.run(command, {}, data.folder / "tippecanoe.log", PATIENCE)
    return {"seconds": cost.seconds, "memory": cost.memory, "bytes": process.size(made), **_tiles(made)}


def _tiles(file: Path) -> dict[str, int]:
    connection = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
    try:
        count, largest = connection.execute("SELECT count(*), max(length(tile_data)) FROM tiles").fetchone()
    finally:
        connection.close()
    return {"tiles": int(count), "largest": int(largest)}
