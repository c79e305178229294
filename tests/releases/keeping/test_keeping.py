"""Acts on releases: each is one more entry in the history, or nothing at all."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from releases import history, keeping
from releases.failure import PublishFailed
from releases.history import HistoryDamaged
from releases.keeping import ActRefused
from releases.lock import Busy, publishing
from releases.release import Catalogue, verify
from releases.store import NotFound, ReleaseDamaged, ReleaseTagged


def last(published: Path) -> tuple[Any, ...]:
    entry = history.read(published).releases[-1]
    return entry.act, entry.id, entry.by, entry.note, entry.tag


def test_a_rollback_leads_to_the_release_before_and_is_recorded(kept: Any) -> None:
    catalogue = Catalogue(kept.published, patience=0)
    assert catalogue.current().id == kept.third
    done = keeping.rollback(kept.published, by="Wang", note="wrong data")
    assert done.releases == (kept.second,) and done.changed
    assert last(kept.published) == ("rollback", kept.second, "Wang", "wrong data", None)
    assert catalogue.current().id == kept.second
    assert verify(catalogue.current()) == () == verify(catalogue.get(kept.third))


def test_two_rollbacks_lead_two_releases_back_and_a_third_is_refused(kept: Any) -> None:
    keeping.rollback(kept.published)
    keeping.rollback(kept.published)
    assert Catalogue(kept.published, patience=0).current().id == kept.first
    with pytest.raises(ActRefused, match="no release before"):
        keeping.rollback(kept.published)


def test_a_rollback_can_lead_forward_again_by_id_or_tag(kept: Any) -> None:
    keeping.tag(kept.published, "三月版", kept.third)
    keeping.rollback(kept.published, kept.first)
    assert keeping.rollback(kept.published, "三月版").releases == (kept.third,)
    assert Catalogue(kept.published, patience=0).current().id == kept.third


def test_what_is_so_already_is_no_act(kept: Any) -> None:
    before = history.read(kept.published)
    assert not keeping.rollback(kept.published, kept.third).changed
    assert not keeping.promote(kept.published, kept.third).changed
    assert history.read(kept.published) == before
    keeping.tag(kept.published, "v1")
    assert not keeping.tag(kept.published, "v1", kept.third).changed


def test_a_draft_is_served_by_its_id_and_never_current_until_it_is_promoted(kept: Any) -> None:
    catalogue = Catalogue(kept.published, patience=0)
    draft = catalogue.get(kept.draft)
    assert draft.draft and verify(draft) == ()
    assert catalogue.current().id == kept.third
    assert kept.draft not in {entry.id for entry in catalogue.list()}
    keeping.promote(kept.published, kept.draft, by="Wang")
    promoted = catalogue.current()
    assert promoted.id == kept.draft and not promoted.draft and not catalogue.get(kept.draft).draft
    assert promoted.published_at == history.read(kept.published).releases[-1].published
    assert last(kept.published)[:3] == ("promote", kept.draft, "Wang")


def test_a_draft_is_not_rolled_back_to_and_a_published_release_not_promoted(kept: Any) -> None:
    before = history.read(kept.published)
    with pytest.raises(ActRefused, match="draft"):
        keeping.rollback(kept.published, kept.draft)
    with pytest.raises(ActRefused, match="no draft"):
        keeping.promote(kept.published, kept.first)
    assert history.read(kept.published) == before


@pytest.mark.parametrize("act", [keeping.rollback, keeping.promote])
def test_an_unknown_release_is_named(kept: Any, act: Callable[..., Any]) -> None:
    with pytest.raises(NotFound, match="nowhere"):
        act(kept.published, "nowhere")


def test_nobody_is_led_to_a_damaged_release(kept: Any) -> None:
    file = next((kept.published / "releases" / kept.first / "features").iterdir())
    file.chmod(0o644)
    file.write_bytes(file.read_bytes()[:-1])
    before = history.read(kept.published)
    with pytest.raises(ReleaseDamaged, match=file.name):
        keeping.rollback(kept.published, kept.first)
    with pytest.raises(ReleaseDamaged):
        keeping.tag(kept.published, "v0", kept.first)
    assert history.read(kept.published) == before


def test_a_tag_stands_for_the_id_until_it_is_taken_away(kept: Any) -> None:
    keeping.tag(kept.published, "v1", kept.first, by="Wang", note="signed")
    assert last(kept.published) == ("tag", kept.first, "Wang", "signed", "v1")
    catalogue = Catalogue(kept.published, patience=0)
    assert catalogue.called("v1").id == kept.first
    assert catalogue.called(kept.first).id == kept.first
    assert catalogue.called(None).id == kept.third
    with pytest.raises(ReleaseTagged) as told:
        catalogue.get("v1")
    assert told.value.release_id == kept.first
    with pytest.raises(ActRefused, match="untag that first"):
        keeping.tag(kept.published, "v1", kept.second)
    keeping.untag(kept.published, "v1")
    with pytest.raises(NotFound):
        catalogue.called("v1")
    with pytest.raises(ActRefused, match="no release has the tag"):
        keeping.untag(kept.published, "v1")


@pytest.mark.parametrize(
    "name", ["", "-x", "a b", "a/b", "a" * 65, "0123456789abcdef", ".", "..", "x\n", "版\u200b"]
)
def test_what_is_no_tag_is_refused(kept: Any, name: str) -> None:
    with pytest.raises(ActRefused, match="is no tag"):
        keeping.tag(kept.published, name)


def test_a_tag_is_the_same_however_its_letters_are_composed(kept: Any) -> None:
    keeping.tag(kept.published, "re\u0301sume\u0301")
    assert Catalogue(kept.published, patience=0).called("r\u00e9sum\u00e9").id == kept.third
    keeping.untag(kept.published, "r\u00e9sum\u00e9")


def test_before_the_first_release_there_is_nothing_to_act_on(tmp_path: Path) -> None:
    with pytest.raises(ActRefused):
        keeping.rollback(tmp_path / "published")
    with pytest.raises(ActRefused):
        keeping.tag(tmp_path / "published", "v1")
    assert not (tmp_path / "published" / "history.json").exists()


def test_who_waits_is_told_who_acts_and_what(kept: Any) -> None:
    with publishing(kept.published, "prune", "Li Hua"), pytest.raises(Busy) as told:
        keeping.rollback(kept.published)
    holder = told.value.holder
    assert (holder.pid, holder.host, holder.act, holder.by) == (
        os.getpid(),
        socket.gethostname(),
        "prune",
        "Li Hua",
    )
    assert "another prune is running" in told.value.message.en and "Li Hua" in told.value.message.zh
    assert str(holder.since) in told.value.message.en


def test_every_act_follows_from_the_one_before(kept: Any) -> None:
    keeping.rollback(kept.published)
    keeping.promote(kept.published, kept.draft)
    keeping.tag(kept.published, "v1")
    keeping.untag(kept.published, "v1")
    past = history.read(kept.published)
    assert [entry.act for entry in past.releases] == [
        *("publish", "publish", "publish", "draft"),
        *("rollback", "promote", "tag", "untag"),
    ]
    assert past.broken() is None
    assert all(one.published <= other.published for one, other in zip(past.releases, past.releases[1:]))


@pytest.mark.parametrize("change", ["note", "by", "published", "taken out", "put in"])
def test_an_altered_log_is_noticed_and_nothing_is_added_to_it(kept: Any, change: str) -> None:
    path = kept.published / history.NAME
    document = json.loads(path.read_bytes())
    entries = document["releases"]
    if change == "taken out":
        del entries[1]
    elif change == "put in":
        entries.insert(1, dict(entries[1]))
    else:
        entries[1][change] = "2020-01-01T00:00:00Z"
    path.write_text(json.dumps(document))
    before = path.read_bytes()
    assert history.read(kept.published).broken() is not None
    for act in (keeping.rollback, lambda one: keeping.promote(one, kept.draft)):
        with pytest.raises(HistoryDamaged, match="does not follow"):
            act(kept.published)
    assert path.read_bytes() == before
    assert Catalogue(kept.published, patience=0).current().id == kept.third, "readers read on"


def test_entries_from_before_there_was_a_chain_stay_readable(kept: Any) -> None:
    path = kept.published / history.NAME
    old = [
        {name: one[name] for name in ("id", "published", "manifest")}
        for one in json.loads(path.read_bytes())["releases"]
        if one["id"] != kept.draft
    ]
    path.write_text(json.dumps({"releases": old}))
    assert history.read(kept.published).broken() is None
    keeping.rollback(kept.published, by="Wang")
    past = history.read(kept.published)
    assert past.broken() is None and past.current and past.current.id == kept.second


def test_a_clock_that_jumps_back_never_takes_the_history_back(
    kept: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = history.read(kept.published).releases[-1].published
    monkeypatch.setattr(history, "now", lambda: "2001-01-01T00:00:00Z")
    [entry] = keeping.rollback(kept.published).entries
    assert entry.published == late
    past = history.read(kept.published)
    assert past.ahead == late and past.broken() is None
    monkeypatch.undo()
    assert history.read(kept.published).ahead is None


@pytest.mark.parametrize("number", ["ENOSPC", "EDQUOT", "EIO", "EROFS"])
def test_a_disk_that_does_not_take_the_entry_leaves_all_as_it_was(
    kept: Any, monkeypatch: pytest.MonkeyPatch, number: str
) -> None:
    import errno

    before = history.read(kept.published)

    def fail(*args: Any) -> None:
        raise OSError(getattr(errno, number), os.strerror(getattr(errno, number)), "history.json.new")

    monkeypatch.setattr(history, "write", fail)
    for act in (
        lambda: keeping.rollback(kept.published),
        lambda: keeping.promote(kept.published, kept.draft),
        lambda: keeping.tag(kept.published, "v1"),
    ):
        with pytest.raises(PublishFailed, match=r"history\.json\.new"):
            act()
    assert history.read(kept.published) == before
