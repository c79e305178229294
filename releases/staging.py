"""Where a release is built before anybody can see it, and the way from there into the catalogue.

    published/
        publish.lock
        history.json                 what readers look at; replaced last
        releases/<id>/               sealed, listed in the history
        staging/<id>/release/        being built

`staging/<id>` stands from before the first byte is written until after the history names the release. So
whatever a killed publish leaves is named by it: the half-built folder, and a complete one that was moved but
never listed.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from releases import history
from releases.history import History, sync_folder
from releases.manifest import SealedFile
from releases.progress import Progress
from releases.release import FOLDER

NAME = "staging"
READ_ONLY = 0o444


def clean(published: Path, past: History) -> tuple[str, ...]:
    """Remove what publishes that were killed left behind; the ids they were building."""
    left = sorted((published / NAME).iterdir()) if (published / NAME).exists() else []
    for folder in left:
        orphan = published / FOLDER / folder.name
        if past.entry(folder.name) is None and orphan.exists():
            shutil.rmtree(orphan)
        shutil.rmtree(folder)
    (published / history.FRESH).unlink(missing_ok=True)
    return tuple(folder.name for folder in left)


@contextmanager
def staged(published: Path, release_id: str) -> Iterator[Path]:
    """A new folder to build a release in; afterwards it is gone, and a release that was not listed too."""
    folder = published / NAME / release_id / "release"
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        clean(published, history.read(published))


def seal(release: Path, progress: Progress) -> dict[str, SealedFile]:
    """Digest every file, bring it to the disk and make it read-only; sorted by path."""
    paths = sorted(path for path in release.rglob("*") if path.is_file())
    sealed = {}
    # Digesting and syncing both leave the interpreter free: the disk writes one file while the next is
    # digested.
    with ThreadPoolExecutor(2) as threads:
        for done, (path, file) in enumerate(zip(paths, threads.map(_seal_file, paths)), start=1):
            sealed[path.relative_to(release).as_posix()] = file
            progress(f"seal: {path.name}", done, len(paths))
    for folder in (path for path in release.rglob("*") if path.is_dir()):
        sync_folder(folder)
    return sealed


def seal_manifest(path: Path, text: bytes) -> str:
    """Write the manifest as the last file of a release, and its folder's names; its sha256."""
    path.write_bytes(text)
    _seal_file(path)
    sync_folder(path.parent)
    return hashlib.sha256(text).hexdigest()


def _seal_file(path: Path) -> SealedFile:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        size = file.tell()
        os.fchmod(file.fileno(), READ_ONLY)
        os.fsync(file.fileno())
    return SealedFile(sha256=digest, size=size)


def move(release: Path, published: Path, release_id: str) -> None:
    """Move a sealed release to its place, on the disk when this returns; a damaged one there gives way."""
    place = published / FOLDER / release_id
    place.parent.mkdir(exist_ok=True)
    if place.exists():
        place.rename(release.with_name("damaged"))
    release.rename(place)
    sync_folder(place.parent)
