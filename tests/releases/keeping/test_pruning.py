"""Removing releases: what a policy chooses, what stays on record, and what is told afterwards."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from releases import history, keeping, summary
from releases.failure import PublishFailed
from releases.history import Entry, History
from releases.keeping import ActRefused
from releases.pruning import Policy, choose, prune, size
from releases.publication import publish
from releases.release import Catalogue, verify
from releases.store import NotFound, ReleasePruned


def there(published: Path) -> set[str]:
    return {path.name for path in (published / "releases").iterdir()}


def test_all_but_the_last_ones_go_and_the_history_says_so(kept: Any) -> None:
    done = prune(kept.published, Policy(keep=2), by="Wang", note="room")
    assert done.releases == (kept.first,)
    assert there(kept.published) == {kept.second, kept.third, kept.draft}
    entry = history.read(kept.published).releases[-1]
    assert (entry.act, entry.id, entry.by, entry.note) == ("prune", kept.first, "Wang", "room")
    assert history.read(kept.published).broken() is None
    assert not list((kept.published / "staging").iterdir())


def test_a_dry_run_lists_and_changes_nothing(kept: Any) -> None:
    before = (kept.published / history.NAME).read_bytes()
    dry = prune(kept.published, Policy(keep=1, drafts=0), dry_run=True)
    assert dry.releases == (kept.first, kept.second, kept.draft) and not dry.changed
    assert (kept.published / history.NAME).read_bytes() == before
    assert there(kept.published) == {kept.first, kept.second, kept.third, kept.draft}
    assert prune(kept.published, Policy(keep=1, drafts=0)).freed == dry.freed > 0


def test_what_has_a_tag_and_what_is_current_stays_whatever_the_policy(kept: Any) -> None:
    keeping.tag(kept.published, "v1", kept.first)
    keeping.rollback(kept.published, kept.second)
    assert prune(kept.published, Policy(keep=1, drafts=0)).releases == (kept.third, kept.draft)
    assert there(kept.published) == {kept.first, kept.second}


def test_named_releases_go_unless_they_are_current_or_tagged(kept: Any) -> None:
    keeping.tag(kept.published, "v1", kept.first)
    for name, said in ((kept.third, "current"), (kept.first, "v1"), ("v1", "untag it first")):
        with pytest.raises(ActRefused, match=said):
            prune(kept.published, Policy(only=(kept.second, name)))
    with pytest.raises(NotFound):
        prune(kept.published, Policy(only=("nowhere",)))
    assert there(kept.published) == {kept.first, kept.second, kept.third, kept.draft}
    prune(kept.published, Policy(only=(kept.second,)))
    with pytest.raises(ReleasePruned):
        prune(kept.published, Policy(only=(kept.second,)))


def test_drafts_go_by_their_age(kept: Any) -> None:
    assert prune(kept.published, Policy(drafts=1)).releases == ()
    assert prune(kept.published, Policy(drafts=0)).releases == (kept.draft,)


def test_a_removed_release_is_told_with_what_took_its_place(kept: Any) -> None:
    catalogue = Catalogue(kept.published, patience=0)
    catalogue.get(kept.first)  # open it: what is open must not be served on
    catalogue.get(kept.second)
    prune(kept.published, Policy(only=(kept.first,)))
    with pytest.raises(ReleasePruned) as told:
        catalogue.get(kept.first)
    assert (told.value.successor, told.value.current) == (kept.second, kept.third)
    prune(kept.published, Policy(only=(kept.second,)))
    with pytest.raises(ReleasePruned) as told:
        catalogue.get(kept.first)
    assert (told.value.successor, told.value.current) == (kept.third, kept.third)
    assert kept.second in told.value.message.zh or kept.third in told.value.message.zh


def test_the_manifest_of_a_removed_release_stays_so_that_the_chain_can_be_followed(kept: Any) -> None:
    sealed = (kept.published / "releases" / kept.first / "manifest.json").read_bytes()
    prune(kept.published, Policy(keep=1))
    past = history.read(kept.published)
    aside = kept.published / "pruned" / kept.first
    assert (aside / "manifest.json").read_bytes() == sealed
    assert {path.name for path in aside.iterdir()} <= {"manifest.json", "manifest.sig"}
    one = summary.read(kept.published, past.entry(kept.third) or past.releases[0])
    chain = []
    while one.parent:
        entry = past.entry(one.parent["id"])
        assert entry is not None
        before = summary.read(kept.published, entry)
        assert before.root == one.parent["root"]
        chain.append(entry.id)
        one = before
    assert chain == [kept.second, kept.first]


def test_the_same_content_published_again_is_built_anew_at_its_old_address(
    lakes: Callable[[Path], Any], tmp_path: Path
) -> None:
    region = lakes(tmp_path / "lakes")
    region.edit(0)
    first = str(publish(region.service).release_id)
    region.edit(1)
    publish(region.service)
    published = region.folder / "published"
    catalogue = Catalogue(published, patience=0)
    since = catalogue.get(first).published_at
    prune(published, Policy(keep=1))
    region.edit(0)
    again = publish(region.service)
    assert (again.status, again.release_id) == ("published", first)
    assert verify(catalogue.current()) == () and catalogue.current().published_at == since
    assert not list((published / "pruned").iterdir()), "it is not gone any more"
    assert history.read(published).pruned == {}


def test_what_is_freed_leaves_out_files_that_other_releases_share(kept: Any) -> None:
    def whole(release_id: str) -> int:
        files = (kept.published / "releases" / release_id).rglob("*")
        return sum(path.stat().st_size for path in files if path.is_file())

    assert size(kept.published, [kept.first]) == whole(kept.first)
    assert size(kept.published, [kept.first, kept.second]) == whole(kept.first) + whole(kept.second)
    mine = kept.published / "releases" / kept.first / "manifest.json"
    theirs = kept.published / "releases" / kept.second / "shared.json"
    os.link(mine, theirs)
    length = mine.stat().st_size
    assert size(kept.published, [kept.first]) == whole(kept.first) - length
    assert size(kept.published, [kept.first, kept.second]) == whole(kept.first) + whole(kept.second) - length


def test_a_full_disk_keeps_what_should_go_and_loses_nothing(
    kept: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    import errno

    def fail(*args: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "history.json.new")

    with monkeypatch.context() as patch:
        patch.setattr(history, "write", fail)
        with pytest.raises(PublishFailed, match="the disk is full"):
            prune(kept.published, Policy(keep=1))
    assert there(kept.published) == {kept.first, kept.second, kept.third, kept.draft}
    keeping.tag(kept.published, "v1")
    assert not list((kept.published / "pruned").iterdir()), "the next act tidies up"


def entries(*acts: tuple[str, str]) -> History:
    past = History()
    for act, release_id in acts:
        past = past.and_then(Entry(id=release_id, published="2026-01-01T00:00:00Z", manifest="", act=act))  # type: ignore[arg-type]
    return past


def test_the_last_ones_are_those_that_led_last_not_those_that_were_built_last() -> None:
    past = entries(("publish", "a"), ("publish", "b"), ("publish", "c"), ("rollback", "a"))
    assert choose(past, Policy(keep=1)) == ("b", "c")
    assert choose(past, Policy(keep=2)) == ("b",)
    assert choose(past, Policy(keep=3)) == ()


def test_a_release_that_led_twice_is_followed_by_what_came_after_it_first() -> None:
    past = entries(("publish", "a"), ("publish", "b"), ("rollback", "a"), ("publish", "c"), ("prune", "a"))
    assert past.successor("a") == "b"
    assert [entry.id for entry in past.mementos] == ["b", "c"]
    assert entries(("publish", "a"), ("draft", "d"), ("prune", "d")).successor("d") == "a"
