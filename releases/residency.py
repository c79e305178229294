"""How much of mapped files a process holds in memory, and how it lets go of it.

Columns are mapped, so every page that a tile ever touched counts as this process's until somebody else needs the
memory. An operator reads that as a leak and a container may be stopped for it. So beyond a bound the pages are given
back: they stay in the system's own cache, from where touching them again takes them without a disk.
"""

from __future__ import annotations

import mmap
from itertools import count
from pathlib import Path
from typing import Final

from tiles.columnfile import mapping
from tiles.columns import Columns

#: Bytes of mapped files, libraries included (100 MB of them), beyond which columns are given back.
BOUND: Final = 256 * 2**20
#: Looked at once in so many windows: a look takes some microseconds.
EVERY: Final = 64
_STATM = Path("/proc/self/statm")


class Residency:
    """Keeps the mapped columns of a store within the bound, roughly: a window may touch a whole level."""

    def __init__(self, bound: int = BOUND) -> None:
        self._bound = bound
        self._windows = count(1)

    def look(self, columns: dict[tuple[str, int], Columns]) -> None:
        """Take note of one window; give all columns' pages back when the process holds too many."""
        if next(self._windows) % EVERY == 0 and mapped() > self._bound:
            for one in list(columns.values()):
                mapping(one).madvise(mmap.MADV_DONTNEED)


def mapped() -> int:
    """Bytes of files that are in this process's memory; 0 where the system does not tell."""
    try:
        return int(_STATM.read_text().split()[2]) * mmap.PAGESIZE
    except FileNotFoundError:
        return 0
