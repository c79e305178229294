"""In which releases a feature changed, over publishes, a rollback and a prune."""

from __future__ import annotations

import shutil
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from releases import history, pruning
from releases.changes.versions import Step, versions
from releases.filestore import FileStore
from releases.pruning import Policy
from releases.release import Catalogue
from releases.store import NotFound, ReleaseDamaged

FIRST = [
    (0, "added", (), False),
    (1, "changed", ("depth",), False),
    (2, "changed", (), True),
    (3, "removed", (), False),
    (5, "added", (), False),
    # The act that led back to the third.
    (2, "changed", ("depth",), True),
]


def _told(editions: Any, feature: str, layer: str = "lakes", **where: int) -> list[tuple[Any, ...]]:
    published = editions.service.published
    found = versions(published, history.read(published), layer, feature, **where).found
    return [
        (editions.ids.index(one.entry.id), one.step.kind, one.step.fields, one.step.geometry)
        for one in found
        if one.step is not None
    ]


def test_a_feature_is_told_where_it_changed_and_only_there(editions: Any) -> None:
    assert _told(editions, "1") == FIRST
    assert _told(editions, "2") == [(0, "added", (), False)]
    assert _told(editions, "9") == [(3, "added", (), False), (5, "removed", (), False)]
    assert [one[:2] for one in _told(editions, "N02", "parishes")] == [
        (0, "added"),
        (4, "changed"),
        (2, "changed"),
    ]


def test_stretches_make_up_the_whole_and_each_begins_where_the_last_one_ended(editions: Any) -> None:
    published = editions.service.published
    for stretch in (1, 2, 3, 7):
        found, start = [], 0
        while start is not None:
            part = versions(published, history.read(published), "lakes", "1", start, stretch)
            found.append(part.found)
            start = part.onward  # type: ignore[assignment]
        assert [one.entry for one in chain.from_iterable(found)] == [
            one.entry for one in versions(published, history.read(published), "lakes", "1").found
        ]
        assert [one.since for one in chain.from_iterable(found)][1:] == [
            editions.ids[i] for i in (0, 1, 2, 4, 5)
        ]


def test_what_was_looked_up_once_is_not_looked_up_again(
    editions: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = _told(editions, "1")

    def never(*_: Any) -> None:
        raise AssertionError("looked up again")

    monkeypatch.setattr(FileStore, "find", never)
    assert _told(editions, "1") == known


def test_a_feature_of_no_release_is_not_found(editions: Any) -> None:
    for feature in ("8", "0", "x", "01", "1" * 40):
        with pytest.raises(NotFound):
            _told(editions, feature)
    with pytest.raises(NotFound):
        _told(editions, "1", "seas")


def test_a_release_that_was_removed_is_listed_without_details(editions: Any, tmp_path: Path) -> None:
    shutil.copytree(editions.service.published, tmp_path / "published")
    published = tmp_path / "published"
    pruning.prune(published, Policy(only=(editions.ids[1], editions.ids[4])), by="a test")
    found = versions(published, history.read(published), "lakes", "1").found
    # The lakes of the fifth are those of the fourth, as its manifest still says: nothing is missing there.
    assert [(editions.ids.index(one.entry.id), one.step and one.step.kind) for one in found] == [
        *((0, "added"), (1, None), (2, "changed"), (3, "removed"), (5, "added"), (2, "changed"))
    ]
    assert found[1].pruned is not None and found[1].pruned.act == "prune"
    assert found[2].since == editions.ids[0] and found[2].step == Step("changed", ("depth",), True)
    assert [one.first for one in found] == [True] * 5 + [False]


@pytest.mark.parametrize("file", ["file", "tree", "offsets"])
def test_an_altered_file_is_no_version(editions: Any, tmp_path: Path, file: str) -> None:
    shutil.copytree(editions.service.published, tmp_path / "published")
    release = Catalogue(tmp_path / "published").get(editions.ids[0])
    path = release.path / getattr(release.manifest.layer("lakes"), file)
    path.chmod(0o644)
    whole = bytearray(path.read_bytes())
    whole[len(whole) // 4] ^= 1
    path.write_bytes(whole)
    with pytest.raises(ReleaseDamaged):
        for feature in ("1", "2", "3", "8"):
            release.store.find("lakes", feature)


def test_a_look_up_agrees_with_the_store_for_every_feature(release: Any) -> None:
    """Of the demo, whose ids are texts and numbers; between them, before the first and behind the last there is none."""
    for layer in release.manifest.layers:
        keys = np.arange(1, layer.count + 1, max(1, layer.count // 7), dtype=np.uint32)
        for feature in release.store.ids(layer.id, keys).to_pylist():
            found = release.store.find(layer.id, str(feature))
            item = release.store.item(layer.id, str(feature))
            assert found is not None and (found.json, found.key) == (item.json, item.key)
        for feature in ("", "~", "0", "-1", "中", "510105x"):
            found = release.store.find(layer.id, feature)
            if found is None:
                with pytest.raises(NotFound):
                    release.store.item(layer.id, feature)
