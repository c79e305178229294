"""Mapped columns are given back beyond a bound, and read the same afterwards."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
import shapely

from releases.residency import EVERY, Residency, mapped
from tiles import columnfile, columns

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells and takes pages back")


def test_columns_beyond_the_bound_leave_memory_and_read_the_same(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    lines = shapely.linestrings(rng.uniform(100, 110, (200, 20_000, 2)))
    columnfile.write(tmp_path / "a", columns.build(lines, np.arange(200, dtype=np.uint64), []))
    read = columnfile.read(tmp_path / "a")
    total = int(read.xy.sum(dtype=np.int64))
    held = mapped()
    bounded, free = Residency(bound=1), Residency(bound=2**60)
    for _ in range(EVERY):
        free.look({("a", 0): read})
    assert mapped() >= held
    for _ in range(EVERY):
        bounded.look({("a", 0): read})
    assert mapped() <= held - read.xy.nbytes * 0.9
    assert int(read.xy.sum(dtype=np.int64)) == total
