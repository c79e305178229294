"""What was published, in order: `history.json`, the only file of the published folder that ever changes.

The last entry is the current release. The file is replaced in one atomic rename, so a reader sees the old
history or the new one, and a changed inode tells every worker of a publish.
"""

from __future__ import annotations

import os
from pathlib import Path

from pydantic import ValidationError

from config.models import Frozen, Text

NAME = "history.json"
#: The next history while it is being written.
FRESH = "history.json.new"


class HistoryDamaged(Exception):
    """`history.json` is there but is no history; nothing is published or served until somebody mends it."""

    def __init__(self, path: Path, why: str) -> None:
        self.message = Text(
            zh=f"{path} 不是版次发布记录：{why}", en=f"{path} is not a history of releases: {why}"
        )
        super().__init__(self.message.en)
        self.path = path


class Entry(Frozen):
    """One act of publishing.

    `published` is its time, RFC 3339 in UTC; `manifest` the sha256 of the release's manifest.json, which in
    turn holds the sha256 of every other file: the seal on the whole release.
    """

    id: str
    published: str
    manifest: str
    note: str | None = None


class History(Frozen):
    """All acts of publishing, oldest first. An older release published again has two entries."""

    releases: tuple[Entry, ...] = ()

    @property
    def current(self) -> Entry | None:
        """The entry that readers get without naming a release; None before the first."""
        return self.releases[-1] if self.releases else None

    def entry(self, release_id: str) -> Entry | None:
        """When a release was published first and what it is sealed with now; None for any other id.

        A release that had been damaged may have been built anew by other versions of the libraries: the same
        content, other bytes, so that the last seal counts. Its time, which is part of pinned answers, stays.
        """
        entries = [entry for entry in self.releases if entry.id == release_id]
        return entries[0].model_copy(update={"manifest": entries[-1].manifest}) if entries else None

    def and_then(self, entry: Entry) -> History:
        """This history with one more act of publishing."""
        return History(releases=(*self.releases, entry))


def read(published: Path) -> History:
    """The history of a published folder, empty when nothing was published yet; or HistoryDamaged."""
    path = published / NAME
    try:
        return History.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return History()
    except ValidationError as fault:
        raise HistoryDamaged(path, fault.errors()[0]["msg"]) from fault


def write(published: Path, history: History) -> None:
    """Replace the history; it is on the disk when this returns."""
    fresh = published / FRESH
    with fresh.open("wb") as file:
        file.write(history.model_dump_json(indent=1).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())
    os.replace(fresh, published / NAME)
    sync_folder(published)


def sync_folder(folder: Path) -> None:
    """Bring a folder's names to the disk: without it, a rename may be lost when the power fails."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
