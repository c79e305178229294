"""A release opened for reading, and the catalogue of those that were published.

Rule here: a release is checked once, when it is opened, and trusted from then on, because nothing in it ever
changes. Readers never lock and never wait: a publish reaches them as a changed `history.json`, and whoever
holds a release keeps it until he lets go of it.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from time import monotonic

from pydantic import ValidationError

from releases import history, manifest, summary
from releases.filestore import FileStore
from releases.history import FOLDER, Entry, History
from releases.manifest import Manifest
from releases.progress import Progress, silent
from releases.proof import audit
from releases.store import NotFound, ReleaseDamaged, ReleaseGone, ReleasePruned, ReleaseTagged, Store
from releases.summary import Summary
from releases.timeline import Timeline


class NothingPublished(NotFound):
    """There is no current release yet."""

    def __init__(self) -> None:
        super().__init__("release", "current")


@dataclass(frozen=True, slots=True)
class Release:
    """One opened release, and the entry of the history that it was opened by."""

    id: str
    path: Path
    manifest: Manifest
    store: Store
    entry: Entry

    @property
    def published_at(self) -> str:
        """RFC 3339 in UTC: when it was current first; of a draft, when it was built."""
        return self.entry.published

    @property
    def draft(self) -> bool:
        """Whether it was never current."""
        return self.entry.act == "draft"


def open_release(published: Path, entry: Entry) -> Release:
    """Open the release of a history entry.

    Checked are the manifest's seal and id and that each file is there in its size: a few
    milliseconds. Digests of the files are compared by `verify`. Raises ReleaseGone or ReleaseDamaged.
    """
    path = published / FOLDER / entry.id
    try:
        text = (path / manifest.NAME).read_bytes()
    except FileNotFoundError:
        raise ReleaseGone(path) from None
    if hashlib.sha256(text).hexdigest() != entry.manifest:
        raise ReleaseDamaged(path, f"{manifest.NAME} is not the one that was published")
    said = _parsed(path, text)
    if entry.id != said.id or entry.id != said.identity():
        raise ReleaseDamaged(path, f"its content has the id {said.identity()}")
    for name, sealed in said.files.items():
        try:
            size = os.stat(path / name).st_size
        except FileNotFoundError:
            raise ReleaseDamaged(path, f"{name} is missing") from None
        if size != sealed.size:
            raise ReleaseDamaged(path, f"{name} has {size} bytes, expected {sealed.size}")
    return Release(entry.id, path, said, FileStore(path, said), entry)


def read_manifest(published: Path, entry: Entry) -> Manifest:
    """The manifest of a release, also of one that was removed; ReleaseGone or ReleaseDamaged.

    Only its seal is compared: the files that it names need not be there.
    """
    return _parsed(published / FOLDER / entry.id, summary.sealed(published, entry))


def _parsed(path: Path, text: bytes) -> Manifest:
    try:
        return Manifest.model_validate_json(text)
    except ValidationError as fault:
        made = re.search(rb'"format": *([0-9]+)', text)
        if made and int(made[1]) != manifest.FORMAT:
            why = f"it has format {int(made[1])} and this version reads {manifest.FORMAT}: publish again"
            raise ReleaseDamaged(path, why) from None
        raise ReleaseDamaged(path, f"{manifest.NAME} cannot be read by this version: {fault}") from fault


def verify(release: Release, progress: Progress = silent) -> tuple[str, ...]:
    """Hold a release against all that is known of it (`releases.proof.audit`); one line for each fault."""
    past = history.read(release.path.parent.parent)
    return tuple(audit.faults(release.path, release.manifest, past, progress))


class Catalogue:
    """The published releases of a folder, seen as it is at the moment of each call; safe for many threads.

    The `kept` releases used last stay open, so that a walk begun before a publish ends on its own release. What is asked
    for by its id was removed or promoted `patience` seconds ago at most when that is noticed: a look at the history costs
    as much as a third of a kept tile.
    """

    def __init__(self, published: Path, kept: int = 8, patience: float = 0.1) -> None:
        self.published = published
        self._path = published / history.NAME
        self._kept = kept
        self._patience = patience
        self._until = 0.0
        self._lock = Lock()
        # Release -> the entry that was looked at last, and what was opened by it or by an equal one.
        self._open: OrderedDict[str, tuple[Entry, Release]] = OrderedDict()
        # What the file looked like when it was read, and what it said: replaced together, in one step.
        self._last: tuple[tuple[int, int, int] | None, History] = (None, History())
        self._timeline = Timeline(History(), self._layers_of)
        # Manifest's seal -> what it says in short.
        self._summaries: dict[str, Summary] = {}

    def current(self) -> Release:
        """The release that leads; NothingPublished before the first."""
        said = self._fresh()
        lead = said.current
        if lead is None:
            raise NothingPublished
        return self._opened(said, lead.id)

    def named(self, release_id: str | None) -> Release:
        """The release of that id, the current one for None; errors as those of `get` and `current`."""
        return self.current() if release_id is None else self.get(release_id)

    def get(self, release_id: str) -> Release:
        """A release by its id, drafts too. ReleasePruned for one that is no longer kept, ReleaseTagged for a name
        that a release was given, NotFound for anything else.
        """
        said = self._last[1] if monotonic() < self._until else self._fresh()
        if said.entry(release_id) is None:
            said = self._fresh()
        return self._opened(said, release_id)

    def called(self, name: str | None) -> Release:
        """The release of that id or tag, the current one for None; errors as those of `get` and `current`."""
        said = self._fresh()
        return self.current() if name is None else self._opened(said, said.tags.get(name, name))

    def list(self) -> tuple[Entry, ...]:
        """All acts that made a release the current one, newest first."""
        return self._fresh().leading[::-1]

    def history(self) -> History:
        """All acts, as they are at this moment."""
        return self._fresh()

    def explained(self, gone: ReleaseGone) -> ReleaseGone | ReleasePruned:
        """Why files are not there: their release was removed while somebody read it, or they were deleted by hand."""
        said = self._fresh()
        removed = next((one for one in gone.path.parts if one in said.pruned), None)
        return self._replaced(said, removed) if removed else gone

    def seen(self) -> History:
        """All acts as they were at the last call of any other method, without a look at the file."""
        return self._last[1]

    def timeline(self) -> Timeline:
        """The states that those acts led to, in the order of time."""
        line, said = self._timeline, self.seen()
        if line.history is not said:
            line = self._timeline = Timeline(said, self._layers_of)
        return line

    def summary(self, entry: Entry) -> Summary:
        """What the manifest of a release says in short, read once; ReleaseGone or ReleaseDamaged."""
        found = self._summaries.get(entry.manifest)
        if found is None:
            found = self._summaries[entry.manifest] = summary.read(self.published, entry)
        return found

    def _layers_of(self, entry: Entry) -> frozenset[str]:
        try:
            return frozenset(self.summary(entry).layers)
        except (ReleaseDamaged, ReleaseGone):
            return frozenset()

    def _fresh(self) -> History:
        """The history, read again only when the file is another one (about 2 µs otherwise)."""
        try:
            found = os.stat(self._path)
        except FileNotFoundError:
            return History()
        self._until = monotonic() + self._patience
        seen = (found.st_ino, found.st_mtime_ns, found.st_size)
        last_seen, said = self._last
        if seen != last_seen:
            # Read after the look: a history replaced between the two is read now and once more next time.
            said = history.read(self.published)
            self._last = (seen, said)
        return said

    def _opened(self, said: History, release_id: str) -> Release:
        entry = said.entry(release_id)
        if entry is None:
            if release_id in said.tags:
                raise ReleaseTagged(release_id, said.tags[release_id])
            raise NotFound("release", release_id)
        with self._lock:
            seen, release = self._open.get(release_id, (None, None))
            if release is not None and seen is entry:
                self._open.move_to_end(release_id)
                return release
        if release_id in said.pruned:
            raise self._replaced(said, release_id)
        # The history was read again. An entry that says something else is of a draft that became current, or of one
        # that was damaged or removed and built anew.
        fresh = release if release and release.entry == entry else self._read(said, entry)
        with self._lock:
            # Two threads may have opened it: the first one counts, so that both hold the same store.
            seen, known = self._open.get(release_id, (None, None))
            release = known if known and seen is entry else fresh
            self._open[release_id] = (entry, release)
            self._open.move_to_end(release_id)
            while len(self._open) > self._kept:
                self._open.popitem(last=False)
        return release

    def _read(self, said: History, entry: Entry) -> Release:
        try:
            return open_release(self.published, entry)
        except ReleaseGone:
            # Without the current release nothing can be served; an older one may have been removed by hand, or
            # by an act that is being recorded at this moment.
            if said.current is None or said.current.id == entry.id:
                raise
            raise self._replaced(said, entry.id) from None

    def _replaced(self, said: History, release_id: str) -> ReleasePruned:
        current = said.current.id if said.current else ""
        return ReleasePruned(release_id, said.successor(release_id) or current, current)
