"""The glyph store: made once, whole or not there, however many ask."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from styles import fonts
from styles.fonts import FontMissing, UnknownFont
from styles.glyphstore import GlyphStore

NAME = "Noto Sans SC Regular"
#: Combining and modifier letters: a range with few glyphs, quickly made.
SMALL = 0x0200


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_a_range_is_made_on_first_use_and_read_afterwards(tmp_path: Path) -> None:
    store = GlyphStore(tmp_path)
    made = store.read(NAME, SMALL)
    (path,) = files(tmp_path)
    assert path.read_bytes() == made == fonts.font(NAME).range(SMALL)
    path.write_bytes(b"kept")
    assert store.read(NAME, SMALL) == b"kept"


def test_a_stack_of_fonts_is_answered_by_the_first_that_is_known(tmp_path: Path) -> None:
    store = GlyphStore(tmp_path)
    assert store.read(f"Arial Unicode,{NAME}", SMALL) == store.read(NAME, SMALL)
    with pytest.raises(UnknownFont, match="Arial"):
        store.read("Arial Unicode", SMALL)


def test_a_font_that_is_not_installed_is_named_with_the_way_out(tmp_path: Path) -> None:
    store = GlyphStore(tmp_path, folder=tmp_path / "nowhere")
    with pytest.raises(FontMissing, match="make environment") as told:
        store.read(NAME, SMALL)
    assert "make environment" in told.value.message.zh and "NotoSansSC" in told.value.message.zh


def test_what_a_killed_process_left_behind_is_overwritten(tmp_path: Path) -> None:
    store = GlyphStore(tmp_path)
    made = store.read(NAME, SMALL)
    (path,) = files(tmp_path)
    path.unlink()
    path.with_suffix(".making").write_bytes(b"half" * 100_000)
    assert store.read(NAME, SMALL) == made
    assert files(tmp_path) == [path] and path.read_bytes() == made


def test_several_processes_that_ask_at_once_get_the_same_whole_range(tmp_path: Path, root: Path) -> None:
    program = (
        "import hashlib, sys; from pathlib import Path; from styles.glyphstore import GlyphStore;"
        f"print(hashlib.sha256(GlyphStore(Path(sys.argv[1])).read({NAME!r}, {SMALL})).hexdigest())"
    )
    running = [
        subprocess.Popen(
            [sys.executable, "-c", program, str(tmp_path)], cwd=root, stdout=subprocess.PIPE, text=True
        )
        for _ in range(4)
    ]
    answers = {process.communicate(timeout=60)[0] for process in running}
    assert len(answers) == 1 and len(next(iter(answers)).strip()) == 64
    assert len(files(tmp_path)) == 1


def test_preparing_makes_what_is_missing_with_several_processes_and_tells_how_far_it_is(
    tmp_path: Path,
) -> None:
    store, told = GlyphStore(tmp_path), []
    store.read(NAME, SMALL)
    wanted = {NAME: {SMALL, 0x0300}, "Noto Sans SC Medium": {SMALL}}
    assert store.prepare(wanted, 2, lambda *step: told.append(step)) == 2
    assert told == [("glyphs", 1, 2), ("glyphs", 2, 2)]
    assert store.prepare(wanted, 2, lambda *step: told.append(step)) == 0
    assert len(files(tmp_path)) == 3 and not list(tmp_path.rglob("*.making"))
