"""The seal of a release's files: each is compared with the manifest when it is used first, and not before.

So a start costs nothing, and what a disk or a hand has changed since it was published is never served: who
asks for it is told, and everything else goes on. A gigabyte takes a second, once in each process. Files are
read-only from the moment they are sealed; who overwrites one in place while it is open is not noticed before
the next start, or `blueprint releases verify`.
"""

from __future__ import annotations

import hashlib
import os
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from threading import Lock
from typing import NamedTuple

from releases.manifest import SealedFile
from releases.store import ReleaseDamaged, ReleaseGone


class _Look(NamedTuple):
    """A file as it was when it was compared: a damaged one is not read again until it is another."""

    inode: int
    changed: int
    size: int
    digest: str


class Seals:
    """The seals of one release's folder; safe for many threads."""

    def __init__(self, folder: Path, files: Mapping[str, SealedFile]) -> None:
        self._folder = folder
        self._files = files
        self._lock = Lock()
        self._locks: defaultdict[str, Lock] = defaultdict(Lock)
        self._looks: dict[str, _Look] = {}

    def path(self, name: str) -> Path:
        """A file that is as it was sealed; ReleaseDamaged when it is not, ReleaseGone when it is not there."""
        path, sealed = self._folder / name, self._files[name].sha256
        look = self._looks.get(name)
        if look is None or look.digest != sealed:
            with self._lock:
                lock = self._locks[name]
            with lock:
                look = self._looks[name] = _looked(self._folder, path, self._looks.get(name))
        if look.digest != sealed:
            raise ReleaseDamaged(path, f"its sha256 is {look.digest}, expected {sealed}")
        return path


def read(folder: Path, files: Mapping[str, SealedFile], name: str) -> bytes:
    """The bytes of a small file, compared each time; ReleaseDamaged or ReleaseGone."""
    try:
        body = (folder / name).read_bytes()
    except FileNotFoundError:
        raise ReleaseGone(folder) from None
    if hashlib.sha256(body).hexdigest() != files[name].sha256:
        raise ReleaseDamaged(folder / name, f"its sha256 is not {files[name].sha256}")
    return body


def _looked(folder: Path, path: Path, last: _Look | None) -> _Look:
    try:
        with path.open("rb") as file:
            found = os.fstat(file.fileno())
            seen = (found.st_ino, found.st_mtime_ns, found.st_size)
            if last is not None and last[:3] == seen:
                return last
            return _Look(*seen, hashlib.file_digest(file, "sha256").hexdigest())
    except FileNotFoundError:
        raise ReleaseGone(folder) from None
