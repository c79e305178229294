"""The commands of docs/harvest.md do what is said there."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pyogrio
import pytest

ADDRESS = "http://127.0.0.1:8000"


@pytest.fixture(scope="module")
def blocks(root: Path) -> list[tuple[str, str]]:
    """Language and text of each block of commands."""
    text = (root / "docs" / "harvest.md").read_text(encoding="utf-8")
    return re.findall(r"```(sh|python)\n(.*?)```", text, flags=re.DOTALL)


def test_every_command_of_the_page_runs_as_it_stands_there(
    blocks: list[tuple[str, str]], live: str, root: Path, tmp_path: Path, need: Callable[[bool, str], None]
) -> None:
    need(all(map(shutil.which, ("bash", "curl", "ogr2ogr"))), "curl and GDAL's command line")
    assert len(blocks) == 8
    shutil.copy(root / "docs" / "harvest_loop.py", tmp_path)
    programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    variables = {**os.environ, "PATH": programs, "PYTHONPATH": str(root), "BLUEPRINT_LANG": "en"}
    said = []
    for lang, block in blocks:
        text = block.replace(ADDRESS, live)
        program = (
            [sys.executable, "-c", text] if lang == "python" else ["bash", "-euo", "pipefail", "-c", text]
        )
        run = subprocess.run(
            program, cwd=tmp_path, env=variables, capture_output=True, text=True, timeout=120, check=False
        )
        assert run.returncode == 0, (text, run.stderr)
        said.append(run.stdout)
    assert "is equal to release" in said[0] and '"status": "harvested"' in said[0]
    assert "304" in said[4] and "features" in said[5]
    counted = {
        name: pyogrio.read_info(tmp_path / name)["features"]
        for name in ("ghfq.fgb", "ghfq.gpkg", "some.gpkg")
    }
    assert (
        counted["ghfq.fgb"] == counted["ghfq.gpkg"] == int(said[5].split()[1]) > 10 * counted["some.gpkg"] > 0
    )
    counties = [
        pyogrio.read_info(tmp_path / f"{name}.gpkg")["features"] for name in ("counties", "chengdu", "large")
    ]
    assert counties[0] == 221 and counties[1] == 20 and 0 < counties[2] < 20
    loop = json.loads((tmp_path / "xzq_county.geojson").read_text())
    harvested = dict(pyogrio.list_layers(tmp_path / "plan.gpkg"))
    assert len(loop["features"]) == 221 and set(harvested) == {"xzq_county", "ghfq", "blueprint_harvest"}
    assert len(list((tmp_path / "plan-parquet" / "current").glob("*.parquet"))) == 18
    assert (tmp_path / "harvest.log").read_text().count(" OK ") == 1
    rows = (tmp_path / "large.csv").read_text(encoding="utf-8-sig").splitlines()
    assert 1 < len(rows) < 20 and "县" in rows[1]
