"""What a worker pays once, and that it pays it before the first request."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numba
import pytest
import shapely

from tiles import columnfile, mvt, repair, search, warm

from .conftest import Array, array, columns_of, encoded

BOW_TIE = shapely.Polygon([(105, 30), (106, 31), (106, 30), (105, 31)])
COMPILED = pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="kernels are plain Python in this run")


@COMPILED
def test_after_warming_no_request_compiles(mosaic: Array, tmp_path: Path) -> None:
    warm.warm()
    kernels = (mvt._encode, search._search, repair._write)
    before = [len(kernel.signatures) for kernel in kernels]  # type: ignore[attr-defined]
    built = columns_of(mosaic, name=["a"] * len(mosaic), none=[None] * len(mosaic))
    columnfile.write(tmp_path / "a", built)
    tiles = {encoded(columns) for columns in (built, columnfile.read(tmp_path / "a"))}
    encoded(columns_of(array(BOW_TIE)))
    assert len(tiles) == 1
    assert before == [len(kernel.signatures) for kernel in kernels]  # type: ignore[attr-defined]


def test_where_no_cache_can_be_written_kernels_serve_all_the_same(root: Path, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.touch()
    script = "from tiles import varint; import numpy; print(varint.size(numpy.uint64(300)))"
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root), "NUMBA_CACHE_DIR": str(blocked / "cache")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "2\n" and "no cache" in done.stderr


def test_kernels_give_the_same_when_they_are_plain_python(root: Path) -> None:
    here = Path(__file__).parent
    names = ("test_clip", "test_snap", "test_commands", "test_dictionary", "test_varint", "test_search")
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            *(str(here / f"{name}.py") for name in names),
        ],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root), "NUMBA_DISABLE_JIT": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed" in done.stdout
