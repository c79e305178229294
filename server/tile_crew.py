"""Processes that make tiles ahead: each opens the release and its shelf once, and takes one stretch after another.

What they give comes back in the order of the work, whoever was faster, and only so much of it is under way at
a time that it fits in memory.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from typing import Final, NamedTuple

from config.models import Service
from releases.release import Catalogue, Release
from server import codings, tile_honesty, tile_maker, tile_plan, tile_tour
from server.codings import Coding
from server.tile_plan import Address, Encoded, Part
from server.tile_shelf import Shelf
from server.tile_shelves import Shelves
from server.tile_tour import Stretch

#: Stretches under way or waiting for their turn, for each process.
AHEAD: Final = 4


class Order(NamedTuple):
    """What every process of a crew needs to begin: it is sent once."""

    service: Service
    release_id: str


class Bench(NamedTuple):
    """What a process has before it when it works."""

    release: Release
    shelf: Shelf


class Seeded(NamedTuple):
    """What became of a stretch: tiles that were there, tiles that were made, their bytes; whether there was room."""

    there: int
    made: int
    size: int
    kept: bool


_bench: Bench | None = None


def processors() -> int:
    """How many processors this program may use."""
    return len(os.sched_getaffinity(0))


@contextmanager
def crew(order: Order, processes: int) -> Iterator[ProcessPoolExecutor]:
    """Processes that are ready for `in_order`; when the block is left early, what was not begun is left out."""
    # A forked child would inherit the locks of libraries that run threads of their own; a new one starts clean.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(processes, mp_context=context, initializer=_begin, initargs=(order,))
    _launch(pool)
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


def _launch(pool: ProcessPoolExecutor) -> None:
    """Start the processes, which its first job does, deaf to Ctrl-C from their first instruction on.

    It goes to all processes of a terminal; the first of them decides, and the others end their stretch.
    """
    heard = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        pool.submit(processors)
    finally:
        signal.signal(signal.SIGINT, heard)


def in_order[Given](
    pool: ProcessPoolExecutor, work: Callable[[Stretch], Given], stretches: Iterable[Stretch], processes: int
) -> Iterator[tuple[Stretch, Given]]:
    """Each stretch with what the work made of it, in their order."""
    waiting: deque[tuple[Stretch, Future[Given]]] = deque()
    for stretch in stretches:
        waiting.append((stretch, pool.submit(work, stretch)))
        if len(waiting) >= AHEAD * processes:
            first, job = waiting.popleft()
            yield first, job.result()
    while waiting:
        first, job = waiting.popleft()
        yield first, job.result()


def seed(stretch: Stretch, coding: Coding) -> Seeded:
    """Put the tiles of a stretch on the shelf that are not there yet; empty ones too, for they are known then."""
    bench = _ready()
    parts = tile_tour.parts(bench.release.manifest, stretch.tileset, stretch.zoom)
    wanted = {tile_maker.text(address): address for address in stretch.addresses()}
    there = bench.shelf.holds(wanted, coding)
    made = []
    for name in wanted.keys() - there:
        encoded = _encoded(bench.release, wanted[name], parts)
        cuts = tile_honesty.limited(encoded.cuts)
        made.append(tile_maker.finished(name, encoded.body, cuts, coding))
    size = sum(len(one.body) for one in made)
    kept = size <= bench.shelf.room() and bench.shelf.put(made)
    return Seeded(len(there), len(made), size, kept)


def gather(stretch: Stretch) -> list[bytes]:
    """The tiles of a stretch coded by gzip, in its order; no bytes for an empty one."""
    bench = _ready()
    parts = tile_tour.parts(bench.release.manifest, stretch.tileset, stretch.zoom)
    found = []
    for address in stretch.addresses():
        # Any coding will do: what is sent was coded quickly, and a file is worth the time.
        kept = None if stretch.tileset.only else bench.shelf.get(tile_maker.text(address), "zstd")
        plain = (
            codings.decoded(kept.body, kept.coding) if kept else _encoded(bench.release, address, parts).body
        )
        found.append(codings.coded(plain, "gzip", kept=True) if plain else b"")
    return found


def _encoded(release: Release, address: Address, parts: tuple[Part, ...]) -> Encoded:
    """A tile; empty where no layer's limits hold it."""
    held = tuple(part for part in parts if part.limits.contains(address.row, address.col))
    return tile_plan.encode(release, address, held)


def _begin(order: Order) -> None:
    global _bench
    catalogue = Catalogue(order.service.published)
    release = catalogue.get(order.release_id)
    shelves = Shelves(order.service.cache, order.service.limits.tile_disk_mb * 2**20, catalogue)
    _bench = Bench(release, shelves.of(release))


def _ready() -> Bench:
    if _bench is None:
        raise RuntimeError("this process belongs to no crew")
    return _bench
