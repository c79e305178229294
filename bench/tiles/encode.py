"""Encoding alone, one thread: our kernels, PostGIS's ST_AsMVT and mapbox-vector-tile make the same tiles.

Ours is measured twice: from the exact columns, which hold what the table holds, and from the level that the
server gives that zoom. The contenders take turns, tile list by tile list, so that a machine that slows down
slows all of them; a figure is the median over the rounds of the mean over the tiles.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import mapbox_vector_tile
import numpy as np
import shapely

from bench.dataset import LAYER, Dataset
from bench.tiles import postgis
from bench.tiles.addresses import Address, holding
from bench.tiles.postgis import Database, Timed
from bench.tiles.served import served
from tiles import grid, mvt, search
from tiles.columns import Columns

ZOOMS = range(4, 17)
SAMPLE = 50
EDGE = 2 * np.pi * postgis.RADIUS
#: mapbox-vector-tile is left out where it would need more than these seconds for one tile of a list.
PATIENCE = 60.0
#: No further round of a list begins after these seconds, but two rounds there are at least, one of warming up.
BUDGET = 12.0
#: Features of a small tile, at most.
FEW = 1000

SET = grid.get("WebMercatorQuad")
Measure = Callable[[Sequence[Address]], Timed]


def measure(dataset: Dataset, database: Database, rounds: int) -> list[dict[str, Any]]:
    """A row for each zoom and kind of list; see `_row` for its entries."""
    exact = dataset.columns(len(dataset.layer.levels) - 1)
    library = Library(dataset)
    rows: list[dict[str, Any]] = []
    # Kernels are compiled, or read from their cache, on first use.
    served(dataset, holding(exact, dataset.layer.layer.zoom.max).densest())
    # From small tiles to large ones, so that the library's pace is known before it would take too long.
    for zoom in reversed(ZOOMS):
        tiles = holding(exact, zoom)
        level = dataset.layer.level(zoom)
        contenders: dict[str, Measure] = {
            "ours": _timed(partial(_tile, exact)),
            "postgis": database.timed,
            "client": database.asked,
        }
        if level is not None:
            contenders["level"] = _timed(partial(served, dataset))
        # One small tile is over in less time than a clock's interrupt takes: ten of the same are.
        densest = [tiles.densest()] * (10 if tiles.features.max() < FEW else 1)
        row = _row(contenders, densest, rounds)
        row |= {"zoom": zoom, "kind": "densest", "tiles": 1, "library": library.measure(densest[:1])}
        row["found"] = [features(_tile(exact, densest[0])), features(database.tile(densest[0]))]
        rows.append(row)
        sample = tiles.sample(SAMPLE)
        if len(sample) > 1:
            row = _row(contenders, sample, rounds) | {"library": library.measure(sample)}
        rows.append(row | {"zoom": zoom, "kind": "sample", "tiles": len(sample), "found": None})
        print(*rows[-2:], sep="\n", flush=True)
    return rows[::-1]


def _row(contenders: dict[str, Measure], chosen: Sequence[Address], rounds: int) -> dict[str, Any]:
    """Seconds and bytes of a tile by contender, and how many times longer PostGIS took than ours and the level."""
    times: dict[str, list[float]] = {name: [] for name in contenders}
    bytes_: dict[str, float] = {}
    end = time.monotonic() + BUDGET
    for number in range(rounds + 1):
        for name, contender in contenders.items():
            found = contender(chosen)
            bytes_[name] = found.bytes / len(chosen)
            times[name].append(found.seconds / len(chosen))
        late = time.monotonic() > end
        if number == 0 and not late:
            # Pages that were not in memory yet; of what takes seconds they are a small part.
            times = {name: [] for name in contenders}
        elif late and number:
            break
    ratios = {
        f"{other} / {name}": statistics.median(a / b for a, b in zip(times[other], times[name]))
        for name in ("ours", "level")
        for other in ("postgis", "client")
        if name in times
    }
    seconds = {name: statistics.median(values) for name, values in times.items()}
    return {"seconds": seconds, "bytes": bytes_, "rounds": len(times["ours"]), **ratios}


def _timed(make: Callable[[Address], bytes]) -> Measure:
    def timed(chosen: Sequence[Address]) -> Timed:
        size = 0
        began = time.perf_counter()
        for address in chosen:
            size += len(make(address))
        return Timed(time.perf_counter() - began, size)

    return timed


def _tile(columns: Columns, address: Address) -> bytes:
    """A tile of some columns, from the address on."""
    box = SET.lonlat_box(*address, margin=mvt.BUFFER / mvt.EXTENT)
    return mvt.encode_layer(LAYER, columns, search.rows(columns, box), SET.transform(*address))


class Library:
    """mapbox-vector-tile, which neither finds nor clips: it is given the tile's features, and shapely's clipping."""

    def __init__(self, dataset: Dataset) -> None:
        self._dataset = dataset
        self._pace = 0.0

    def measure(self, chosen: Sequence[Address]) -> float | None:
        """Seconds of a tile, None when one would take longer than PATIENCE."""
        spent = []
        for address in chosen:
            features = self._features(address)
            if len(features.geometry) * self._pace > PATIENCE:
                return None
            began = time.perf_counter()
            self._encode(features, address)
            seconds = time.perf_counter() - began
            spent.append(seconds)
            if len(features.geometry):
                self._pace = seconds / len(features.geometry)
            # Few tiles tell the mean well enough where each takes seconds.
            if sum(spent) > BUDGET:
                break
        return statistics.fmean(spent)

    def _features(self, address: Address) -> postgis.Features:
        box = SET.lonlat_box(*address, margin=mvt.BUFFER / mvt.EXTENT)
        return postgis.read(self._dataset, bbox=box)

    def _encode(self, features: postgis.Features, address: Address) -> bytes:
        west, south, east, north = _square(address)
        grown = (east - west) * mvt.BUFFER / mvt.EXTENT
        clipped = shapely.clip_by_rect(
            features.geometry, west - grown, south - grown, east + grown, north + grown
        )
        names = list(features.values)
        listed = [
            {"geometry": geometry, "properties": dict(zip(names, values))}
            for geometry, *values in zip(clipped, *features.values.values())
            if not geometry.is_empty
        ]
        options = {"quantize_bounds": (west, south, east, north), "extents": mvt.EXTENT}
        return bytes(
            mapbox_vector_tile.encode([{"name": LAYER, "features": listed}], default_options=options)
        )


def _square(address: Address) -> tuple[float, float, float, float]:
    """West, south, east and north of a tile in metres of EPSG:3857."""
    edge = EDGE / (1 << address.zoom)
    west, north = address.col * edge - EDGE / 2, EDGE / 2 - address.row * edge
    return west, north - edge, west + edge, north


def features(tile: bytes) -> int:
    """How many features a tile of one layer has: fields 2 of its field 3 (MVT 2.1, 4.1)."""
    count = 0
    for number, start, end in _fields(tile, 0, len(tile)):
        if number == 3:
            count += sum(inner == 2 for inner, _, _ in _fields(tile, start, end))
    return count


def _fields(message: bytes, at: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Number, start and end of each field of a message that has varints and lengths only."""
    while at < end:
        tag, at = _varint(message, at)
        if tag & 7 == 2:
            length, at = _varint(message, at)
            yield tag >> 3, at, at + length
            at += length
        else:
            start = at
            _, at = _varint(message, at)
            yield tag >> 3, start, at


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, at
