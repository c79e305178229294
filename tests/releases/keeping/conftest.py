"""A published folder with three releases and a draft, made once and copied for each test."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from releases import history
from releases.publication import Order, publish
from releases.release import Catalogue, verify


@dataclass(frozen=True)
class Kept:
    """The published folder, its releases from the oldest to the current one, and the draft that was built last."""

    published: Path
    first: str
    second: str
    third: str
    draft: str


@pytest.fixture(scope="session")
def built(lakes: Callable[[Path], Any], tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """What the copies are made of."""
    region = lakes(tmp_path_factory.mktemp("keeping") / "lakes")
    ids = []
    for edition in range(4):
        region.edit(edition)
        order = Order(by="Li Hua", note=f"edition {edition}", draft=edition == 3)
        outcome = publish(region.service, order=order)
        assert outcome.status == "published", [str(finding) for finding in outcome.findings]
        ids.append(str(outcome.release_id))
    return Kept(region.folder / "published", *ids)


@pytest.fixture
def kept(built: Kept, tmp_path: Path) -> Kept:
    """A copy for one test."""
    shutil.copytree(built.published, tmp_path / "published")
    return Kept(tmp_path / "published", built.first, built.second, built.third, built.draft)


@pytest.fixture(scope="session", name="tidy")
def tidiness() -> Callable[[Path], None]:
    """Hold a published folder against its history."""

    def tidy(published: Path) -> None:
        """Nothing lies in the folder but what the history says, and the current release is what was sealed, byte by byte."""
        past = history.read(published)
        assert verify(Catalogue(published).current()) == ()

        def names(folder: str) -> set[str]:
            place = published / folder
            return {path.name for path in place.iterdir()} if place.exists() else set()

        assert names("releases") == set(past.kept)
        assert names("pruned") == set(past.pruned)
        assert names("staging") == set()
        assert {name for name in names(".") if name.endswith(".new")} == set()
        if names("sources"):
            index = json.loads((published / "sources" / "index.json").read_bytes())
            named = {one["file"] for one in index["sources"].values()}
            assert names("sources") == {"index.json", *named}

    return tidy
