"""A disk that is full at any moment of an act: all is as it was, the next act goes on as if nothing had been."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import config
from releases import history, keeping
from releases.failure import PublishFailed
from releases.pruning import Policy, prune
from releases.publication import Order, publish
from releases.release import Catalogue, verify

Tidy = Callable[[Path], None]


@pytest.fixture
def disk() -> Iterator[Path]:
    """A file system of eight megabytes."""
    place = Path(tempfile.mkdtemp())
    mount = ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(place)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        place.rmdir()
        pytest.skip("only root can mount a small file system")
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True)
        place.rmdir()


@contextmanager
def room(disk: Path, free: int) -> Iterator[None]:
    """Leave so many bytes, rounded down to pages."""
    filler = disk / "filler"
    filler.write_bytes(b"\0" * max(shutil.disk_usage(disk).free - free, 0))
    try:
        yield
    finally:
        filler.unlink()


def test_a_publish_that_runs_out_of_room_anywhere_leaves_all_as_it_was(
    lakes: Callable[[Path], Any], tmp_path: Path, disk: Path, tidy: Tidy, root: Path
) -> None:
    region = lakes(tmp_path / "lakes")
    published = disk / "published"
    variables = {"BLUEPRINT_PUBLISHED": str(published), "BLUEPRINT_CACHE": str(root / "var" / "cache")}
    region.edit(0)
    publish(config.load(region.folder / "service.yml", variables))
    needed = sum(path.stat().st_size for path in (published / "releases").rglob("*") if path.is_file())
    stopped, edition = 0, 0
    for draft in (False, True):
        for step in range(6):
            edition += 1
            region.edit(edition)
            before = history.read(published)
            service = config.load(region.folder / "service.yml", variables)
            with room(disk, int(needed * step / 4)):
                try:
                    publish(service, order=Order(draft=draft))
                except PublishFailed as failed:
                    assert "the disk is full" in failed.message.en and "磁盘已满" in failed.message.zh
                    stopped += 1
                    assert history.read(published) == before
                assert verify(Catalogue(published).current()) == ()
            keeping.tag(published, f"v{edition}")
            tidy(published)
            keeping.untag(published, f"v{edition}")
            prune(published, Policy(keep=1, drafts=0))
    assert 6 <= stopped < 12, stopped


def test_short_acts_on_a_full_disk_change_nothing(kept: Any, disk: Path, tidy: Tidy) -> None:
    published = disk / "published"
    shutil.copytree(kept.published, published)
    before = history.read(published)
    for act in (
        lambda: keeping.rollback(published),
        lambda: keeping.promote(published, kept.draft),
        lambda: keeping.tag(published, "v1"),
        lambda: prune(published, Policy(keep=1)),
    ):
        with room(disk, 0), pytest.raises(PublishFailed, match="the disk is full"):
            act()
        assert history.read(published) == before
        assert Catalogue(published).current().id == kept.third
    for act in (lambda: keeping.rollback(published), lambda: prune(published, Policy(keep=1))):
        assert act().changed
        tidy(published)
