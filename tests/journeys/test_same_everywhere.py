"""The same sources published on two paths in two processes give the same release id and the same bytes in every file."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from config.models import Service


def bytes_of(release: Path) -> dict[str, str]:
    return {
        path.relative_to(release).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(release.rglob("*"))
        if path.is_file()
    }


def test_two_processes_on_two_paths_make_the_same_release(
    published: Service, root: Path, tmp_path: Path
) -> None:
    mine = published.published / "releases"
    elsewhere = tmp_path / "somewhere" / "else"
    shutil.copytree(published.data, elsewhere / "data")
    variables = {
        "BLUEPRINT_CONFIG": str(root / "config" / "service.yml"),
        "BLUEPRINT_DATA": str(elsewhere / "data"),
        "BLUEPRINT_PUBLISHED": str(elsewhere / "published"),
        "BLUEPRINT_CACHE": str(published.cache),
        "BLUEPRINT_KEY": str(published.signing_key),
        "PYTHONHASHSEED": "4",
    }
    run = subprocess.run(
        [sys.executable, "-m", "server.cli", "publish"],
        cwd=root,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    [theirs] = (elsewhere / "published" / "releases").iterdir()
    assert theirs.name in {path.name for path in mine.iterdir()}
    assert bytes_of(theirs) == bytes_of(mine / theirs.name)
    assert len(bytes_of(theirs)) > 18 * 4
