"""Glyph ranges on disk, made once: <cache>/glyphs/<font digest>/<font name>/<start>-<end>.pbf.

Rule here: a file under its final name is whole. Whoever makes a range holds a lock on the unfinished file beside it, so of
several processes and threads that ask at once one makes it and the others wait; one that died leaves nothing behind that
the next does not overwrite.
"""

from __future__ import annotations

import fcntl
import multiprocessing
import os
from collections.abc import Callable, Mapping, Set
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from styles import fonts
from styles.glyphs import RANGE, Font

#: Called with what is being done, how much of it is done and out of how much.
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class GlyphStore:
    """Ranges of our fonts below a cache folder; `folder` holds the font files, None for those that set-up installs."""

    cache: Path
    folder: Path | None = None

    def read(self, stack: str, start: int) -> bytes:
        """A range of the first known font of a stack, made now if it was never asked for.

        Raises UnknownFont, ValueError when no range starts at `start`, FontMissing when its file is not installed.
        """
        font = fonts.font(fonts.named(stack), self.folder)
        path = self._path(font, start)
        try:
            return path.read_bytes()
        except FileNotFoundError:
            return _made(font, start, path)

    def prepare(self, wanted: Mapping[str, Set[int]], processes: int, progress: Progress) -> int:
        """Make the ranges wanted of each font (name -> starts) that are not there yet; how many were made."""
        missing = [
            (font.name, start)
            for font in (fonts.font(name, self.folder) for name in sorted(wanted))
            for start in sorted(wanted[font.name])
            if not self._path(font, start).exists()
        ]
        if not missing:
            return 0
        # A forked child would inherit the locks of libraries that run threads of their own; a new one starts clean.
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(min(processes, len(missing)), mp_context=context) as pool:
            jobs = [pool.submit(self._make, name, start) for name, start in missing]
            for done, job in enumerate(as_completed(jobs), start=1):
                job.result()
                progress("glyphs", done, len(jobs))
        return len(missing)

    def _make(self, name: str, start: int) -> None:
        font = fonts.font(name, self.folder)
        _made(font, start, self._path(font, start))

    def _path(self, font: Font, start: int) -> Path:
        return self.cache / "glyphs" / font.digest / font.name / f"{start}-{start + RANGE - 1}.pbf"


def _made(font: Font, start: int, path: Path) -> bytes:
    """Make a range under a lock and move it into place, unless another process was faster."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".making")
    with unfinished.open("a+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if path.exists():  # then what lies at `unfinished` is at most the empty file that `open` just made
            unfinished.unlink(missing_ok=True)
            return path.read_bytes()
        content = font.range(start)
        file.truncate(0)
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
        os.replace(unfinished, path)
        return content
