"""Making all tiles beforehand: publishing and seeding by us, tippecanoe on the same features, and what each leaves.

Ours publishes the whole release, of which the layer measured is the largest by far, from the deliveries of three
authorities, checks included; then every tile of the layer is made and compressed, once into the server's cache and once
into a file. tippecanoe reads the release's own GeoJSON of the layer and makes the same zooms, as it comes and, unless that
takes too long, leaving nothing out.
"""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path
from typing import Any

from bench import dataset, process, programs
from bench.dataset import LAYER, Dataset
from bench.services import PeerMissing

LAST = 12
#: Seconds after which tippecanoe is stopped.
PATIENCE = 900.0
#: Seconds of one making by tippecanoe after which there is no second.
LONG = 200.0
VARIANTS = {
    "tippecanoe as it comes": [],
    "tippecanoe, nothing left out": ["--no-feature-limit", "--no-tile-size-limit"],
}


def measure(zones: int) -> dict[str, Any]:
    """Publish anew, seed, and let tippecanoe work; `rows` has an entry for each."""
    published = dataset.publish(zones)
    data = dataset.load(zones)
    release = process.size(data.release.path)
    columns = sum((data.release.path / level.file).stat().st_size for level in data.layer.levels)
    rows: list[dict[str, Any]] = [
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
        {"what": "export of the same as MBTiles", **_export(data)},
    ]
    absent = {}
    for name, options in VARIANTS.items():
        if rows[-1]["what"] in VARIANTS and rows[-1]["seconds"] > LONG:
            absent[name] = f"left out, since the one before took more than {LONG:.0f} s"
            continue
        try:
            rows.append({"what": name, **_tippecanoe(data, options)})
        except (PeerMissing, process.Failed) as fault:
            absent[name] = str(fault)
    version = programs.version("tippecanoe") if rows[-1]["what"] in VARIANTS else None
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
    """Fill the disk cache by all cores, from nothing."""
    kept = data.folder / "cache" / "tiles"
    shutil.rmtree(kept, ignore_errors=True)
    words = [
        "seed",
        "--collection",
        LAYER,
        "--zooms",
        f"{data.layer.layer.zoom.min}-{LAST}",
        "--coding",
        "gzip",
    ]
    cost = dataset.blueprint(data.zones, *words)
    return {"seconds": cost.seconds, "memory": cost.memory, "bytes": process.size(kept)}


def _export(data: Dataset) -> dict[str, float]:
    """Write the same tiles into one file, which tippecanoe's can be compared with."""
    made = data.folder / "blueprint.mbtiles"
    made.unlink(missing_ok=True)
    shutil.rmtree(data.folder / "cache" / "tiles", ignore_errors=True)
    zooms = f"{data.layer.layer.zoom.min}-{LAST}"
    cost = dataset.blueprint(data.zones, "export", str(made), "--collection", LAYER, "--zooms", zooms)
    return {"seconds": cost.seconds, "memory": cost.memory, "bytes": process.size(made), **_tiles(made)}


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
