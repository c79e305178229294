"""The loop of docs/harvest.md: a copy by plain HTTP in 30 lines, from edition to edition."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import shapely
from shapely.geometry import shape


def read(path: Path) -> Any:
    """The copy as other copies are read: id -> (properties, well-known binary)."""
    features = json.loads(path.read_text())["features"]
    return {
        one["id"]: (
            one["properties"],
            one["geometry"] and shapely.to_wkb(shape(one["geometry"]), byte_order=1),
        )
        for one in features
    }


def test_thirty_lines_keep_a_copy_equal_to_every_edition(
    world: Any, live: Any, root: Path, tmp_path: Path, expected: Callable[[int], Any]
) -> None:
    loop = root / "docs" / "harvest_loop.py"
    assert len(loop.read_text().splitlines()) <= 30
    path = tmp_path / "parcels.geojson"
    for edition in (0, 1, 4, 7):
        world.show(edition)
        live.asked.clear()
        command = [sys.executable, str(loop), live.address, "parcels", str(path)]
        run = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert run.returncode == 0, run.stderr
        assert read(path) == expected(edition)["parcels"]
        assert any("/changes" in one for one in live.asked) == (edition != 0)
        assert sorted(one.name for one in tmp_path.iterdir()) == ["parcels.geojson"]
        here = f"{live.address}/releases/{world.ids[edition]}"
        said = [
            f"{here}/manifest?f=json",
            f"{here}/manifest.sig",
            f"{live.address}/.well-known/blueprint-keys",
        ]
        proof = [sys.executable, str(root / "docs" / "verifier.py"), *said, "parcels", str(path)]
        proven = subprocess.run(proof, capture_output=True, text=True, timeout=60, check=False)
        assert proven.returncode == 0, proven.stderr
    world.keep((5,))
    command = [sys.executable, str(loop), live.address, "parcels", str(path)]
    assert subprocess.run(command, capture_output=True, timeout=60, check=False).returncode == 1
    assert read(path) == expected(7)["parcels"]
