"""The shelves of all releases below the cache folder: opened on first use, filled by one thread, tidied.

A shelf goes with its release: whenever one is opened, those of releases that are in the history no more go,
and so do those that another program or another build of the release has left.
"""

from __future__ import annotations

import shutil
from collections import defaultdict
from hashlib import blake2b
from pathlib import Path
from queue import Empty, Full, Queue
from threading import Lock, Thread
from typing import Final

from releases.release import Catalogue, Release
from server import freshness
from server.tile_shelf import LOGGER, Kept, Shelf

#: Below the cache folder.
FOLDER: Final = "tiles"
#: Finished tiles that wait for the disk, at most; when it is slower than that, they are not kept.
WAITING: Final = 256
#: Written in one step.
BATCH: Final = 64


class Shelves:
    """One shelf for each release, of at most `bound` bytes each; 0 for none. Safe for many threads."""

    def __init__(self, cache: Path, bound: int, catalogue: Catalogue) -> None:
        # Two services may share a cache folder, and neither may tidy away what is the other's.
        published = blake2b(str(catalogue.published).encode(), digest_size=8).hexdigest()
        self._folder = cache / FOLDER / published
        self._bound = bound
        self._catalogue = catalogue
        self._lock = Lock()
        self._shelves: dict[str, Shelf] = {}
        self._waiting: Queue[tuple[Shelf, Kept]] = Queue(WAITING)
        self._writer: Thread | None = None

    def of(self, release: Release) -> Shelf:
        """The shelf of a release."""
        shelf = self._shelves.get(release.id)
        if shelf is None:
            with self._lock:
                shelf = self._shelves.get(release.id)
                if shelf is None:
                    path = self._folder / release.id / f"{digest(release)}.sqlite"
                    if self._bound:
                        self._tidy(path)
                    shelf = self._shelves[release.id] = Shelf(path, self._bound)
        return shelf

    def later(self, shelf: Shelf, kept: Kept) -> None:
        """Keep a tile soon, without making who asked for it wait for the disk."""
        if not shelf.usable:
            return
        if self._writer is None:
            with self._lock:
                if self._writer is None:
                    self._writer = Thread(target=self._write, name="shelves", daemon=True)
                    self._writer.start()
        try:
            self._waiting.put_nowait((shelf, kept))
        except Full:
            return

    def settle(self) -> None:
        """Wait until all that was given to `later` is on disk."""
        self._waiting.join()

    def _write(self) -> None:
        while True:
            batch = [self._waiting.get()]
            try:
                while len(batch) < BATCH:
                    batch.append(self._waiting.get_nowait())
            except Empty:
                pass
            by_shelf = defaultdict(list)
            for shelf, kept in batch:
                by_shelf[shelf].append(kept)
            for shelf, tiles in by_shelf.items():
                shelf.put(tiles)
            for _ in batch:
                self._waiting.task_done()

    def _tidy(self, own: Path) -> None:
        """Remove the shelves that nobody will ask again. Who has one open goes on with it until he ends."""
        known = set(self._catalogue.history().kept)
        try:
            for folder in self._folder.iterdir():
                if folder.name not in known:
                    shutil.rmtree(folder, ignore_errors=True)
            if own.parent.exists():
                for path in own.parent.iterdir():
                    if not path.name.startswith(own.name):
                        path.unlink(missing_ok=True)
        except FileNotFoundError:
            return
        except OSError as fault:
            LOGGER.warning("%s: cannot be tidied: %s", self._folder, fault)


def digest(release: Release) -> str:
    """A digest of all that the tiles of a release are made of: its columns, its settings, the program."""
    manifest = release.manifest
    found = blake2b(freshness.encoder().encode(), digest_size=8)
    found.update(manifest.service.tiles.model_dump_json().encode())
    for layer in manifest.layers:
        for level in layer.levels:
            found.update(f"{level.file}\0{manifest.files[level.file].sha256}\0".encode())
    return found.hexdigest()
