"""A published folder with three releases and a draft, made once and copied for each test."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from releases.publication import Order, publish


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
