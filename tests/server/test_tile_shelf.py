"""The disk gives back exactly what was put there, or nothing; what is wrong with it is never an error of a tile."""

from __future__ import annotations

import logging
import os
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from releases.release import Catalogue
from server import freshness, tile_shelves
from server.codings import Coding
from server.tile_shelf import Kept, Shelf
from server.tile_shelves import Shelves

ROOMY = 2**26


def kept(name: str, size: int = 100, coding: Coding = "zstd", cuts: str = "") -> Kept:
    return Kept(name, coding, name.encode() + b"\0" * size, cuts)


@given(st.lists(st.tuples(st.text(max_size=9), st.sampled_from(["gzip", "zstd", "identity"]), st.binary())))
def test_what_was_put_is_got_in_the_coding_asked_for_or_in_another(
    tmp_path_factory: Any, tiles: list[tuple[str, Coding, bytes]]
) -> None:
    path = tmp_path_factory.mktemp("shelf") / "a" / "b.sqlite"
    shelf = Shelf(path, ROOMY)
    assert shelf.put(Kept(*tile, cuts="x;kept=1") for tile in tiles)
    first: dict[tuple[str, str], bytes] = {}
    for name, coding, body in tiles:
        first.setdefault((name, coding), body)
    for store in (shelf, Shelf(path, ROOMY)):
        for (name, coding), body in first.items():
            assert store.get(name, coding) == Kept(name, coding, body, "x;kept=1")  # type: ignore[arg-type]
        for name, _ in first:
            found = store.get(name, "gzip")
            assert found is not None and first[name, found.coding] == found.body
    assert shelf.get("nothing", "gzip") is None


def test_a_shelf_says_what_it_holds() -> None:
    assert Shelf(Path("/nowhere"), 0).holds(["a"], "zstd") == set()


def test_small_tiles_count_as_held_in_every_coding(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "a.sqlite", ROOMY)
    shelf.put([kept("small", coding="identity"), kept("one"), kept("two", coding="gzip")])
    names = [*map(str, range(1200)), "small", "one", "two"]
    assert shelf.holds(names, "zstd") == {"small", "one"}
    assert shelf.holds(names, "gzip") == {"small", "two"}


def test_the_oldest_tiles_make_room(tmp_path: Path) -> None:
    bound = 400_000
    shelf = Shelf(tmp_path / "a.sqlite", bound)
    for at in range(200):
        assert shelf.put([kept(str(at), 8000)])
        assert shelf.room() >= 0
    assert shelf.get("199", "zstd") and shelf.get("0", "zstd") is None
    assert (tmp_path / "a.sqlite").stat().st_size < 2 * bound


@pytest.mark.parametrize(
    "column, value", [("body", b"other"), ("cuts", "y"), ("coding", "gzip"), ("digest", b"")]
)
def test_a_tile_that_was_changed_on_disk_is_not_sent_but_made_again(
    tmp_path: Path, column: str, value: object, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "a.sqlite"
    Shelf(path, ROOMY).put([kept("a"), kept("b")])
    connection = sqlite3.connect(path)
    connection.execute(f"UPDATE tile SET {column} = ? WHERE name = 'a'", (value,))
    connection.commit()
    connection.close()
    shelf = Shelf(path, ROOMY)
    assert shelf.get("a", "zstd") is None and str(path) in caplog.text
    assert shelf.get("b", "zstd") == kept("b")
    shelf.put([kept("a")])
    assert shelf.get("a", "zstd") == kept("a")


@pytest.mark.parametrize("damage", ["not a database", "a hole", "cut short"])
def test_a_damaged_file_means_no_tiles_and_the_next_start_begins_anew(
    tmp_path: Path, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "a.sqlite"
    Shelf(path, ROOMY).put(kept(str(at), 3000) for at in range(50))
    data = bytearray(path.read_bytes())
    for beside in tmp_path.glob("a.sqlite-*"):
        beside.unlink()
    if damage == "cut short":
        data = data[: len(data) // 2]
    else:
        start = 0 if damage == "not a database" else 4096
        data[start:-4096] = os.urandom(len(data) - start - 4096)
    path.write_bytes(data)
    shelf = Shelf(path, ROOMY)
    for at in range(50):
        found = shelf.get(str(at), "zstd")
        assert found is None or found == kept(str(at), 3000)
    shelf.put([kept("new")])
    if not shelf.usable:
        assert str(path) in caplog.text
        fresh = Shelf(path, ROOMY)
        assert fresh.put([kept("new")]) and fresh.get("new", "zstd") == kept("new")


def test_a_folder_that_cannot_be_made_means_no_tiles_on_disk(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("in the way")
    shelf = Shelf(tmp_path / "file" / "a.sqlite", ROOMY)
    assert not shelf.usable and not shelf.put([kept("a")]) and shelf.get("a", "zstd") is None
    assert "a.sqlite" in caplog.text


def test_a_full_disk_means_no_more_tiles_and_those_that_are_there_stay(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    small = tmp_path / "small"
    small.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", str(small)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("only root can mount a small file system")
    try:
        shelf = Shelf(small / "a.sqlite", ROOMY)
        assert shelf.put([kept("first")])
        assert not all(shelf.put([kept(str(at), 20_000)]) for at in range(40))
        assert "full" in caplog.text
        assert shelf.get("first", "zstd") == kept("first")
        del shelf
    finally:
        subprocess.run(["umount", "-l", str(small)], check=True)


def test_many_threads_and_two_processes_write_at_once(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    code = (
        "import sys; from pathlib import Path; from server.tile_shelf import Kept, Shelf\n"
        "shelf = Shelf(Path(sys.argv[1]), 2**26)\n"
        "assert all(shelf.put([Kept(f'other {at}', 'zstd', b'x' * 999)]) for at in range(200))"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(path)]) as other:
        shelf = Shelf(path, ROOMY)
        with ThreadPoolExecutor(4) as threads:
            done = list(threads.map(lambda at: shelf.put([kept(f"mine {at}")]), range(200)))
        assert other.wait(60) == 0
    assert all(done)
    names = [f"{who} {at}" for who in ("mine", "other") for at in range(200)]
    assert shelf.holds(names, "zstd") == set(names)


def test_a_shelf_goes_with_its_release_and_with_the_program_that_filled_it(
    published: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalogue = Catalogue(published.published)
    release = catalogue.current()
    shelf = Shelves(tmp_path, ROOMY, catalogue).of(release)
    shelf.put([kept("a")])
    gone = shelf.path.parents[1] / "0123456789abcdef" / "x.sqlite"
    gone.parent.mkdir()
    gone.write_bytes(b"")
    elsewhere = tmp_path / tile_shelves.FOLDER / "another service" / "0123456789abcdef"
    elsewhere.mkdir(parents=True)
    again = Shelves(tmp_path, ROOMY, catalogue).of(release)
    assert again.path == shelf.path and again.get("a", "zstd") and not gone.exists()
    monkeypatch.setattr(freshness, "encoder", lambda: "another program")
    other = Shelves(tmp_path, ROOMY, catalogue).of(release)
    assert other.path != shelf.path and other.get("a", "zstd") is None
    assert not shelf.path.exists() and elsewhere.exists()


def test_what_is_to_be_kept_later_is_soon_on_disk(published: Any, tmp_path: Path) -> None:
    catalogue = Catalogue(published.published)
    shelves = Shelves(tmp_path, ROOMY, catalogue)
    shelf = shelves.of(catalogue.current())
    for at in range(100):
        shelves.later(shelf, kept(str(at)))
    shelves.settle()
    assert shelf.holds(map(str, range(100)), "zstd") == set(map(str, range(100)))


def test_the_log_names_the_shelf_that_cannot_be_used(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    (tmp_path / "a.sqlite").mkdir()
    assert not Shelf(tmp_path / "a.sqlite", ROOMY).put([kept("a")])
    assert str(tmp_path / "a.sqlite") in caplog.text
