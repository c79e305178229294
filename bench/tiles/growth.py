"""Growth: what a tile at zoom 12 costs when the whole is ten, fifty, a hundred times as large.

The same tiles are made at every size. More zones are smaller zones, so a tile of fixed size holds more of them: what
may not grow with the whole is the time of a feature. Nothing is kept between two makings of a tile but the pages of
the file that the system has in memory, as on a server that runs.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterable
from typing import Any

from bench import dataset
from bench.dataset import Dataset
from bench.tiles.addresses import Address, holding
from bench.tiles.encode import SET, features
from bench.tiles.served import served
from tiles import mvt

ZOOM = 12
SAMPLE = 200
SIZES = (20_000, 200_000, 1_000_000, 2_000_000)


def measure(sizes: Iterable[int], rounds: int) -> dict[str, Any]:
    """A row for each size, from the smallest: medians over the rounds of the means over the tiles."""
    sets = [dataset.load(size) for size in sorted(sizes)]
    smallest = sets[0].columns(len(sets[0].layer.levels) - 1)
    tiles = holding(smallest, ZOOM).sample(SAMPLE)
    for data in sets:
        served(data, tiles[0])
    taken: dict[int, list[tuple[float, float]]] = {data.zones: [] for data in sets}
    for _ in range(rounds):
        for data in sets:
            taken[data.zones].append((_search(data, tiles), _make(data, tiles)))
    return {
        "zoom": ZOOM,
        "tiles": len(tiles),
        "rows": [_row(data, tiles, taken[data.zones]) for data in sets],
    }


def _row(data: Dataset, tiles: list[Address], taken: list[tuple[float, float]]) -> dict[str, Any]:
    bodies = [served(data, tile) for tile in tiles]
    search, made = (statistics.median(column) / len(tiles) for column in zip(*taken))
    count = sum(features(body) for body in bodies) / len(tiles)
    return {
        "zones": data.zones,
        "total": data.layer.count,
        "features": count,
        "bytes": sum(map(len, bodies)) / len(tiles),
        "search": search,
        "tile": made,
        "feature": made / count,
    }


def _make(data: Dataset, tiles: list[Address]) -> float:
    began = time.perf_counter()
    for tile in tiles:
        served(data, tile)
    return time.perf_counter() - began


def _search(data: Dataset, tiles: list[Address]) -> float:
    """Seconds to find the rows of the tiles, a part of what making them takes."""
    level = data.layer.level(ZOOM)
    if level is None:
        raise ValueError(f"the layer has no tiles at zoom {ZOOM}")
    boxes = [SET.lonlat_box(*tile, margin=mvt.BUFFER / mvt.EXTENT) for tile in tiles]
    began = time.perf_counter()
    for box in boxes:
        data.release.store.window(data.layer.id, level.index, box)
    return time.perf_counter() - began
