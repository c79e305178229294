"""Where a release is built before anybody can see it, and the way from there into the catalogue.

    published/
        publish.lock
        history.json                 what readers look at; replaced last
        releases/<id>/               sealed, listed in the history
        staging/<id>/release/        being built
        staging/<id>/pruned/         being removed
        sources/                     the rows that the current release was made of, and their index
        pruned/<id>/                 of one that was removed, its manifest: the chain of releases stays whole

`staging/<id>` stands from before the first byte is written until after the history names the release. So
whatever a killed publish leaves is named by it: the half-built folder, and a complete one that was moved but
never listed. What a killed prune leaves is named by the history: a release that is there and should not be, or a
manifest that was laid aside for nothing.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import orjson

from releases import history
from releases.history import ASIDE, FOLDER, History, sync_folder
from releases.manifest import SealedFile
from releases.progress import Progress

NAME = "staging"
#: What the sources held when the current release was published; nothing needs it.
SOURCES = "sources"
READ_ONLY = 0o444


def clean(published: Path, past: History) -> tuple[str, ...]:
    """Remove what acts that were killed left behind; the ids that they were about."""
    kept = frozenset(past.kept)
    left = _names(published / NAME)
    # In both, only what the history itself says is gone: a folder that it does not know may be somebody's.
    gone = [one for one in past.pruned if (published / FOLDER / one).exists()]
    idle = [one for one in _names(published / ASIDE) if one not in past.pruned]
    for name in dict.fromkeys((*left, *gone)):
        if name in kept:
            _put_back(published, name)
            shutil.rmtree(published / NAME / name)
        else:
            remove(published, name)
    for name in idle:
        shutil.rmtree(published / ASIDE / name)
    for path in (*published.glob("*.new"), *_unnamed(published / SOURCES)):
        path.unlink()
    return tuple(dict.fromkeys((*left, *gone, *idle)))


def remove(published: Path, release_id: str) -> None:
    """Take a release out of the catalogue in one step and delete its files; nothing when it is not there."""
    place, away = published / FOLDER / release_id, published / NAME / release_id / "pruned"
    if place.exists():
        if away.exists():
            shutil.rmtree(away)
        away.parent.mkdir(parents=True, exist_ok=True)
        place.rename(away)
        sync_folder(place.parent)
    if away.parent.exists():
        shutil.rmtree(away.parent)


def _put_back(published: Path, release_id: str) -> None:
    """A release that had given way to one built anew, when the publish was killed between the two steps of `move`."""
    place, damaged = published / FOLDER / release_id, published / NAME / release_id / "damaged"
    if damaged.exists() and not place.exists():
        damaged.rename(place)


def _unnamed(sources: Path) -> list[Path]:
    """The files among the rows kept of sources (`releases.amending.snapshot`) that their index does not name."""
    if not sources.exists():
        return []
    try:
        index = orjson.loads((sources / "index.json").read_bytes())
    except (FileNotFoundError, orjson.JSONDecodeError):
        return list(sources.iterdir())
    named = {"index.json", *(one["file"] for one in index["sources"].values())}
    return [path for path in sources.iterdir() if path.name not in named]


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


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


def named(release: Path, published: Path, release_id: str) -> Path:
    """The folder of a release whose id is known only now, under the name that `clean` knows it by."""
    place = published / NAME / release_id
    if place.exists():
        shutil.rmtree(place)
    release.parent.rename(place)
    return place / release.name


def move(release: Path, published: Path, release_id: str) -> None:
    """Move a sealed release to its place, on the disk when this returns; a damaged one there gives way."""
    place = published / FOLDER / release_id
    place.parent.mkdir(exist_ok=True)
    if place.exists():
        place.rename(release.with_name("damaged"))
    release.rename(place)
    sync_folder(place.parent)
