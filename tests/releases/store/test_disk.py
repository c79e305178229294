"""Disks that fill and folders that may not be written: one clear message, and all as it was."""

from __future__ import annotations

import errno
import os
import sqlite3
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import config
from releases import features, history
from releases.failure import PublishFailed, explained
from releases.publication import publish
from releases.release import Catalogue

RegionOf = Callable[..., Path]


@pytest.fixture
def small_disk(need: Callable[[bool, str], None]) -> Iterator[Path]:
    """A file system of half a megabyte."""
    place = Path(tempfile.mkdtemp())
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", str(place)], capture_output=True, check=False
    )
    if mounted.returncode:
        place.rmdir()
        pytest.skip("only root can mount a small file system")
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True)
        place.rmdir()


def test_a_disk_that_fills_is_named_and_left_clean(region: RegionOf, small_disk: Path) -> None:
    service = config.load(region(), {"BLUEPRINT_PUBLISHED": str(small_disk / "published")})
    with pytest.raises(PublishFailed, match="the disk is full") as failed:
        publish(service)
    assert "磁盘已满" in failed.value.message.zh
    assert {path.name for path in service.published.iterdir()} <= {"publish.lock", "staging"}
    assert not list((service.published / "staging").iterdir())


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EFBIG])
def test_a_history_that_cannot_be_written_unpublishes_what_was_moved(
    region: RegionOf, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    service = region()
    first = publish(config.load(service))

    def fail(*args: Any) -> None:
        raise OSError(number, os.strerror(number), "history.json.new")

    monkeypatch.setattr(history, "write", fail)
    with pytest.raises(PublishFailed, match="Nothing was published"):
        publish(config.load(region(edition=1)))
    published = service.parent / "published"
    assert [path.name for path in (published / "releases").iterdir()] == [first.release_id]
    assert Catalogue(published).current().id == first.release_id


def test_a_database_on_a_full_disk_is_a_full_disk(region: RegionOf, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: Any) -> None:
        connection = sqlite3.connect(":memory:", isolation_level=None)
        try:
            connection.execute("PRAGMA max_page_count = 2")
            connection.execute("CREATE TABLE t (x)")
            connection.execute("INSERT INTO t VALUES (zeroblob(100000))")
        finally:
            connection.close()

    service = config.load(region())
    monkeypatch.setattr(features, "write", fail)
    with pytest.raises(PublishFailed, match="the disk is full"):
        publish(service)
    assert not list((service.published / "staging").iterdir())


def test_a_folder_without_write_permission_is_named(region: RegionOf, tmp_path: Path) -> None:
    service = region()
    folder = tmp_path / "closed"
    folder.mkdir(mode=0o555)
    if os.getuid() == 0:
        # Root may write anywhere: what others meet is the same error, made by hand.
        with pytest.raises(PublishFailed, match=r"closed.*no permission"), explained(folder):
            raise PermissionError(errno.EACCES, "Permission denied", str(folder))
        return
    with pytest.raises(PublishFailed, match=r"closed.*no permission"):
        publish(config.load(service, {"BLUEPRINT_PUBLISHED": str(folder / "published")}))


def test_a_file_where_the_folder_should_be_is_named(region: RegionOf, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(PublishFailed, match="file"):
        publish(config.load(region(), {"BLUEPRINT_PUBLISHED": str(tmp_path / "file")}))


def test_a_fault_of_the_program_is_no_fault_of_the_disk(
    region: RegionOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: Any) -> None:
        raise sqlite3.OperationalError("no such table: t")

    service = config.load(region())
    monkeypatch.setattr(features, "write", fail)
    with pytest.raises(sqlite3.OperationalError):
        publish(service)
    assert not list((service.published / "staging").iterdir())
