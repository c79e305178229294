"""What was done, in order: `history.json`, the only file of the published folder that ever changes.

Every act that changes what readers get is an entry: a release published, made current again, reviewed as a draft,
named, removed. Entries are only ever added, and each has the digest of the one before, so that none can be taken out
or altered unnoticed. The file is replaced in one atomic rename: a reader sees the old history or the new one, and a
changed inode tells every worker.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Final, Literal

import orjson
from pydantic import ValidationError

from config.models import Frozen, Text

NAME = "history.json"
#: The next history while it is being written.
FRESH = "history.json.new"
#: The folder of releases beside it.
FOLDER = "releases"
#: The folder of what is left of releases that were removed: their manifests and signatures.
ASIDE = "pruned"

Act = Literal["publish", "rollback", "draft", "promote", "tag", "untag", "prune"]
#: After these acts their release is the current one.
LEADING: Final[tuple[Act, ...]] = ("publish", "rollback", "promote")
#: After these its files are there.
KEEPING: Final[tuple[Act, ...]] = (*LEADING, "draft")


class HistoryDamaged(Exception):
    """`history.json` is there but is no history; nothing is published or served until somebody mends it."""

    def __init__(self, path: Path, why: str) -> None:
        self.message = Text(
            zh=f"{path} 不是版次发布记录：{why}", en=f"{path} is not a history of releases: {why}"
        )
        super().__init__(self.message.en)
        self.path = path


class Entry(Frozen):
    """One act.

    Parameters
    ----------
    id : the release that it is about
    published : its time, RFC 3339 in UTC, never before that of the entry before
    manifest : the sha256 of the release's manifest.json, which in turn holds the sha256 of every other file: the
        seal on the whole release
    act : what was done
    by : who did it
    note : a sentence
    tag : the name that was given or taken away
    previous : the digest of the entry before, None for the first
    """

    id: str
    published: str
    manifest: str
    note: str | None = None
    act: Act = "publish"
    by: str | None = None
    tag: str | None = None
    previous: str | None = None

    def digest(self) -> str:
        """The sha256 of this entry as JSON with sorted keys and without spaces, in hex."""
        return hashlib.sha256(
            orjson.dumps(self.model_dump(mode="json"), option=orjson.OPT_SORT_KEYS)
        ).hexdigest()


class History(Frozen):
    """All acts, oldest first. An older release published again has two entries."""

    releases: tuple[Entry, ...] = ()

    @cached_property
    def leading(self) -> tuple[Entry, ...]:
        """The acts that made a release the current one, oldest first."""
        return tuple(entry for entry in self.releases if entry.act in LEADING)

    @property
    def current(self) -> Entry | None:
        """The entry that readers get without naming a release; None before the first."""
        return self.leading[-1] if self.leading else None

    @cached_property
    def _keeping(self) -> Mapping[str, Entry]:
        """Release -> its first leading entry, or else its first of all, with its last seal."""
        found: dict[str, Entry] = {}
        for entry in self.releases:
            if entry.act in KEEPING:
                first = found.setdefault(entry.id, entry)
                lead = entry if first.act not in LEADING and entry.act in LEADING else first
                found[entry.id] = lead.model_copy(update={"manifest": entry.manifest})
        return found

    def entry(self, release_id: str) -> Entry | None:
        """When a release was first current (or, a draft, first there) and what it is sealed with now; None for any
        other id.

        A release that had been damaged may have been built anew by other versions of the libraries: the same
        content, other bytes, so that the last seal counts. Its time, which is part of pinned answers, stays.
        """
        return self._keeping.get(release_id)

    @cached_property
    def pruned(self) -> Mapping[str, Entry]:
        """Release -> the act that removed it, for those that are not there again."""
        found: dict[str, Entry] = {}
        for entry in self.releases:
            if entry.act == "prune":
                found[entry.id] = entry
            elif entry.act in KEEPING:
                found.pop(entry.id, None)
        return found

    @cached_property
    def kept(self) -> tuple[str, ...]:
        """The releases that are there, drafts included, in the order in which they came."""
        return tuple(one for one in self._keeping if one not in self.pruned)

    @cached_property
    def drafts(self) -> frozenset[str]:
        """The releases that are there and were never current."""
        led = {entry.id for entry in self.leading}
        return frozenset(one for one in self.kept if one not in led)

    @cached_property
    def mementos(self) -> tuple[Entry, ...]:
        """The releases that are there and were current, each once, in the order of the time when it was so first."""
        led = dict.fromkeys(entry.id for entry in self.leading)
        return tuple(self._keeping[one] for one in led if one not in self.pruned)

    def successor(self, release_id: str) -> str | None:
        """What took the place of a release that is gone: the first that is still there of those that were current
        after it, else the current one; None without one.
        """
        after = False
        for entry in self.leading:
            if after and entry.id != release_id and entry.id not in self.pruned:
                return entry.id
            after = after or entry.id == release_id
        return self.current.id if self.current else None

    @cached_property
    def tags(self) -> Mapping[str, str]:
        """Tag -> the release that has it."""
        found: dict[str, str] = {}
        for entry in self.releases:
            if entry.act == "tag" and entry.tag:
                found[entry.tag] = entry.id
            elif entry.act == "untag" and entry.tag:
                found.pop(entry.tag, None)
        return found

    def and_then(self, entry: Entry) -> History:
        """This history with one more act, chained to the last and never before it in time."""
        last = self.releases[-1] if self.releases else None
        if last is not None:
            time = max(entry.published, last.published)
            entry = entry.model_copy(update={"previous": last.digest(), "published": time})
        return History(releases=(*self.releases, entry))

    @cached_property
    def digest(self) -> str | None:
        """The digest of the last entry: whoever has noted it can tell later that nothing before it was altered."""
        return self.releases[-1].digest() if self.releases else None

    @property
    def ahead(self) -> str | None:
        """The time of the last act when this machine's clock says it is still to come: one of them jumped."""
        last = self.releases[-1].published if self.releases else ""
        return last if last > now() else None

    def broken(self) -> int | None:
        """The place of the first entry that does not follow from the one before; None when all do.

        Entries from before there was a chain have no digest; they can only stand at the beginning.
        """
        chained = False
        for place, entry in enumerate(self.releases):
            expected = self.releases[place - 1].digest() if place else None
            chained = chained or entry.previous is not None
            unchained = entry.act == "publish" and entry.by is None and not chained
            if entry.previous != expected and not unchained:
                return place
        return None


def now() -> str:
    """This moment as entries have it: RFC 3339 in UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def read(published: Path) -> History:
    """The history of a published folder, empty when nothing was published yet; or HistoryDamaged."""
    path = published / NAME
    try:
        return History.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return History()
    except ValidationError as fault:
        raise HistoryDamaged(path, fault.errors()[0]["msg"]) from fault


def sound(published: Path) -> History:
    """The history as `read`, also HistoryDamaged when an entry was altered or taken out: nothing is added to such a one."""
    past = read(published)
    place = past.broken()
    if place is not None:
        raise HistoryDamaged(published / NAME, f"entry {place + 1} does not follow from the one before")
    return past


def write(published: Path, history: History) -> None:
    """Replace the history; it is on the disk when this returns."""
    fresh = published / FRESH
    with fresh.open("wb") as file:
        file.write(history.model_dump_json(indent=1, exclude_none=True).encode() + b"\n")
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
