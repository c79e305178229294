"""Releases that are no longer needed are removed; what they were stays on record.

    lock ─ clean ─ choose ─ lay manifests aside ─ one entry each in the history ─ rename away ─ delete

The history says first that a release is gone, and then it goes: whoever reads is told what took its place and never
finds half of one. Killed on the way, the next act finishes (`staging.clean`). A manifest and its signature stay in
`pruned/<id>/`, so that the chain of releases, each with the root of its parent, can be verified for ever.
"""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from releases import history, manifest, staging
from releases.history import ASIDE, FOLDER, Entry, History, sync_folder
from releases.keeping import ActRefused, Done, acting, named, recorded

#: What is kept of a release: its manifest and the signature on it.
REMAINS: Final = (manifest.NAME, "manifest.sig")


@dataclass(frozen=True, slots=True)
class Policy:
    """What to remove. The current release and whatever has a tag stay in any case.

    Parameters
    ----------
    keep : so many of the releases that were current stay, those that were so last; None leaves all
    drafts : drafts that were built more than so many days ago go; None leaves all
    only : these and no others, by their ids
    """

    keep: int | None = None
    drafts: int | None = None
    only: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Pruned(Done):
    """What was removed, or would be; `freed` is how many bytes that is, without files that other releases share."""

    freed: int = 0


def prune(
    published: Path, policy: Policy, by: str | None = None, note: str | None = None, dry_run: bool = False
) -> Pruned:
    """Remove what a policy names; nothing changes with `dry_run`.

    ActRefused, NotFound or ReleasePruned when a release that is named cannot be removed.
    """
    if dry_run:
        chosen = choose(history.sound(published), policy)
        return Pruned(chosen, freed=size(published, chosen))
    with acting(published, "prune", by) as past:
        chosen = choose(past, policy)
        if not chosen:
            return Pruned(())
        freed = size(published, chosen)
        for release_id in chosen:
            _lay_aside(published, release_id)
        entries = recorded(published, past, *(_entry(past, one, by, note) for one in chosen))
        for release_id in chosen:
            staging.remove(published, release_id)
        return Pruned(chosen, entries, freed)


def choose(past: History, policy: Policy) -> tuple[str, ...]:
    """The releases that a policy removes, in the order in which they came."""
    safe = {*past.tags.values(), *([past.current.id] if past.current else [])}
    if policy.only:
        wanted = {_removable(past, name) for name in policy.only}
    else:
        wanted = {*_old(past, policy.keep), *_stale(past, policy.drafts)} - safe
    return tuple(one for one in past.kept if one in wanted)


def size(published: Path, chosen: Iterable[str]) -> int:
    """The bytes that removing releases gives back: a file that has other names elsewhere gives none."""
    names = Counter[tuple[int, int]]()
    sizes: dict[tuple[int, int], tuple[int, int]] = {}
    for release_id in chosen:
        for path in (published / FOLDER / release_id).rglob("*"):
            found = path.lstat()
            if path.is_file():
                file = (found.st_dev, found.st_ino)
                names[file] += 1
                sizes[file] = (found.st_size, found.st_nlink)
    return sum(length for file, (length, links) in sizes.items() if names[file] >= links)


def _old(past: History, keep: int | None) -> list[str]:
    """All but the `keep` that were current last, oldest first."""
    if keep is None:
        return []
    latest = dict.fromkeys(entry.id for entry in past.leading[::-1] if entry.id not in past.pruned)
    return list(latest)[max(keep, 1) :]


def _stale(past: History, days: int | None) -> list[str]:
    if days is None:
        return []
    known = ((one, past.entry(one)) for one in past.drafts)
    limit = (datetime.now(UTC) - timedelta(days=days)).isoformat(timespec="seconds").replace("+00:00", "Z")
    return [one for one, entry in known if entry is not None and entry.published <= limit]


def _removable(past: History, name: str) -> str:
    release_id = named(past, name)
    if past.current is not None and past.current.id == release_id:
        raise ActRefused(
            f"版次 {release_id} 是当前版次，不能移除", f"{release_id} is the current release and stays"
        )
    tags = sorted(tag for tag, one in past.tags.items() if one == release_id)
    if tags:
        raise ActRefused(
            f"版次 {release_id} 有标签 {', '.join(tags)}；请先 untag",
            f"{release_id} has the tag {', '.join(tags)}: untag it first",
        )
    return release_id


def _entry(past: History, release_id: str, by: str | None, note: str | None) -> Entry:
    known = past.entry(release_id)
    seal = known.manifest if known else ""
    return Entry(id=release_id, published=history.now(), manifest=seal, act="prune", by=by, note=note)


def _lay_aside(published: Path, release_id: str) -> None:
    """Copy what is kept of a release; on the disk when this returns. A damaged release may lack it."""
    place, aside = published / FOLDER / release_id, published / ASIDE / release_id
    aside.mkdir(parents=True, exist_ok=True)
    for name in REMAINS:
        if (place / name).exists():
            (aside / name).unlink(missing_ok=True)
            shutil.copyfile(place / name, aside / name)
            with (aside / name).open("rb") as file:
                os.fchmod(file.fileno(), staging.READ_ONLY)
                os.fsync(file.fileno())
    sync_folder(aside)
    sync_folder(aside.parent)
