"""Acts on releases that are there: another one becomes the current, or one gets a name.

    lock ─ clean ─ read ─ check ─┬─ ActRefused, or nothing to do
                                 └─ one more entry in the history

No file of a release is touched, so an act is done as soon as its entry is on the disk, and not before.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from config.models import Text
from releases import history, staging
from releases.failure import explained
from releases.history import Act, Entry, History
from releases.lock import publishing
from releases.release import Release, open_release
from releases.store import NotFound, ReleasePruned

#: A tag: a letter or digit of any script first, so that it can be told from an option, and nothing that an address
#: would have to encode twice.
_TAG: Final = re.compile(r"[^\W_][\w.-]{0,63}")
#: What could be taken for the id of a release.
_ID: Final = re.compile(r"[0-9a-f]{16}")


class ActRefused(Exception):
    """What is asked for cannot be done with the releases as they are; nothing was changed."""

    def __init__(self, zh: str, en: str) -> None:
        self.message = Text(zh=zh, en=en)
        super().__init__(en)


@dataclass(frozen=True, slots=True)
class Done:
    """What an act has come to: the releases it was about, and its entries in the history, none when all was so already."""

    releases: tuple[str, ...]
    entries: tuple[Entry, ...] = ()

    @property
    def changed(self) -> bool:
        """Whether anything is other than before."""
        return bool(self.entries)


@contextmanager
def acting(published: Path, act: Act, by: str | None) -> Iterator[History]:
    """Hold the lock for an act, on a folder in which nothing is left of one that was killed; the history so far.

    Raises Busy, HistoryDamaged, and PublishFailed for what the disk does not allow.
    """
    with explained(published), publishing(published, act, by):
        past = history.sound(published)
        staging.clean(published, past)
        yield past


def recorded(published: Path, past: History, *entries: Entry) -> tuple[Entry, ...]:
    """Add entries to the history, all or none; as they stand in it."""
    for entry in entries:
        past = past.and_then(entry)
    history.write(published, past)
    return past.releases[len(past.releases) - len(entries) :]


def named(past: History, name: str) -> str:
    """The id of the release that an id or a tag means; NotFound, or ReleasePruned for one that is gone."""
    release_id = past.tags.get(name, name)
    if release_id in past.pruned:
        current = past.current.id if past.current else ""
        raise ReleasePruned(release_id, past.successor(release_id) or current, current)
    if past.entry(release_id) is None:
        raise NotFound("release", name)
    return release_id


def rollback(
    published: Path, name: str | None = None, by: str | None = None, note: str | None = None
) -> Done:
    """Make a release current again: the one of that id or tag, or else the one that came before the current one.

    "Before" is in the order in which they were current first, so that two rollbacks lead two releases back.
    """
    with acting(published, "rollback", by) as past:
        release_id = named(past, name) if name else _before(past)
        if release_id in past.drafts:
            raise ActRefused(
                f"版次 {release_id} 是草稿，从未发布；请用 promote",
                f"{release_id} is a draft and was never current: promote it",
            )
        return _lead(published, past, "rollback", release_id, by, note)


def promote(published: Path, name: str, by: str | None = None, note: str | None = None) -> Done:
    """Make a draft, by its id or tag, the current release."""
    with acting(published, "promote", by) as past:
        release_id = named(past, name)
        current = past.current is not None and past.current.id == release_id
        if release_id not in past.drafts and not current:
            raise ActRefused(
                f"版次 {release_id} 不是草稿，曾经发布过；请用 rollback",
                f"{release_id} is no draft, it was current before: roll back to it",
            )
        return _lead(published, past, "promote", release_id, by, note)


def tag(
    published: Path, tag: str, name: str | None = None, by: str | None = None, note: str | None = None
) -> Done:
    """Give a release, by its id or another tag, or else the current one, a name that can be used for its id."""
    tag = unicodedata.normalize("NFC", tag)
    if not _TAG.fullmatch(tag) or _ID.fullmatch(tag):
        raise ActRefused(
            f"标签 {tag[:80]!r} 不合要求：至多 64 个字母、汉字、数字、_ . -，以字母、汉字或数字开头，且不像版次编号",
            f"{tag[:80]!r} is no tag: at most 64 letters, digits, _ . -, a letter or digit first, and not like an id",
        )
    with acting(published, "tag", by) as past:
        release_id = named(past, name) if name else _current(past)
        known = past.tags.get(tag)
        if known == release_id:
            return Done((release_id,))
        if known is not None:
            raise ActRefused(
                f"标签 {tag} 已属于版次 {known}；请先 untag", f"{tag} is the tag of {known}: untag that first"
            )
        release = _sound(published, past, release_id)
        entry = _entry("tag", release_id, release.entry.manifest, by, note, tag)
        return Done((release_id,), recorded(published, past, entry))


def untag(published: Path, tag: str, by: str | None = None, note: str | None = None) -> Done:
    """Take a name away from the release that has it."""
    tag = unicodedata.normalize("NFC", tag)
    with acting(published, "untag", by) as past:
        release_id = past.tags.get(tag)
        known = past.entry(release_id) if release_id else None
        if release_id is None or known is None:
            raise ActRefused(f"没有标签 {tag[:80]!r}", f"no release has the tag {tag[:80]!r}")
        entry = _entry("untag", release_id, known.manifest, by, note, tag)
        return Done((release_id,), recorded(published, past, entry))


def _lead(
    published: Path, past: History, act: Act, release_id: str, by: str | None, note: str | None
) -> Done:
    if past.current is not None and past.current.id == release_id:
        return Done((release_id,))
    release = _sound(published, past, release_id)
    entry = _entry(act, release_id, release.entry.manifest, by, note)
    return Done((release_id,), recorded(published, past, entry))


def _sound(published: Path, past: History, release_id: str) -> Release:
    """The release, opened: nobody is led to one that is damaged or gone."""
    entry = past.entry(release_id)
    if entry is None:
        raise NotFound("release", release_id)
    return open_release(published, entry)


def _entry(
    act: Act, release_id: str, manifest: str, by: str | None, note: str | None, tag: str | None = None
) -> Entry:
    return Entry(
        id=release_id, published=history.now(), manifest=manifest, note=note, act=act, by=by, tag=tag
    )


def _current(past: History) -> str:
    if past.current is None:
        raise ActRefused("尚未发布任何版次", "nothing is published yet")
    return past.current.id


def _before(past: History) -> str:
    there = [entry.id for entry in past.mementos]
    place = there.index(_current(past))
    if place == 0:
        raise ActRefused("当前版次之前没有可回退的版次", "there is no release before the current one")
    return there[place - 1]
