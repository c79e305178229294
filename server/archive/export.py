"""From a release to an archive: tiles are made by all processors, written in order, and moved into place whole."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Final, NamedTuple

from config.models import Service
from releases.progress import Progress
from releases.release import Release
from server import tile_crew, tile_tour
from server.archive import mbtiles, pmtiles
from server.archive.about import about
from server.tile_tour import Stretch, Tileset

#: The only set that both formats know: neither has a word for another.
SET: Final = "WebMercatorQuad"
#: Suffix -> how it is written.
FORMATS: Final[dict[str, ModuleType]] = {".mbtiles": mbtiles, ".pmtiles": pmtiles}


class NoTiles(LookupError):
    """There is not a single tile at these zooms."""


class Export(NamedTuple):
    """What was written: tiles, different ones among them, bytes of the file."""

    tiles: int
    different: int
    size: int


def export(
    service: Service,
    release: Release,
    tileset: Tileset,
    zooms: tuple[int, int],
    path: Path,
    processes: int,
    progress: Progress,
) -> Export:
    """Write an archive, replacing one that is there; when it cannot be finished, nothing is left of it.

    Empty tiles are not in it. NoTiles when all are, OSError when the disk does not allow it.
    """
    found = tile_tour.zooms(release.manifest, tileset, *zooms)
    if not found:
        raise NoTiles(f"no tile at the zooms {zooms[0]} to {zooms[1]}")
    work = [stretch for zoom in found for stretch in tile_tour.stretches(release.manifest, tileset, zoom)]
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with tile_crew.crew(tile_crew.Order(service, release.id), processes) as pool:
            gathered = tile_crew.in_order(pool, tile_crew.gather, work, processes)
            tiles = _full(gathered, sum(len(stretch.places) for stretch in work), progress)
            said = about(release.manifest, tileset, found)
            count, different = FORMATS[path.suffix].write(unfinished, said, tiles)
        with unfinished.open("rb") as file:
            os.fsync(file.fileno())
        os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)
    return Export(count, different, path.stat().st_size)


def _full(
    gathered: Iterator[tuple[Stretch, list[bytes]]], total: int, progress: Progress
) -> Iterator[tuple[int, int, int, bytes]]:
    """The tiles that are not empty: zoom, column, row, body."""
    done = 0
    for stretch, bodies in gathered:
        for (row, col), body in zip(stretch.places.tolist(), bodies, strict=True):
            if body:
                yield stretch.zoom, col, row, body
        done += len(bodies)
        progress(str(stretch.zoom), done, total)
