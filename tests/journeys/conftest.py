"""The lakes region as a folder of its own, whose every feature carries the number of its edition."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class Region:
    """A copy of the imaginary region in `folder`: configuration, data, and what is published."""

    folder: Path

    @property
    def variables(self) -> dict[str, str]:
        """What leads a command of ours to this region."""
        return {
            "BLUEPRINT_CONFIG": str(self.folder / "service.yml"),
            "BLUEPRINT_DATA": str(self.folder / "data"),
            "BLUEPRINT_PUBLISHED": str(self.folder / "published"),
        }

    def edit(self, edition: int) -> None:
        """Write the number of an edition into the name of every feature of every source."""
        for path in sorted((self.folder / "data").rglob("*.geojson")):
            document = json.loads(path.read_text("utf-8"))
            for feature in document["features"]:
                name = next(key for key in ("name", "naam") if key in feature["properties"])
                feature["properties"][name] = f"{feature['properties'][name].partition(' @')[0]} @{edition}"
            fresh = path.with_suffix(".new")
            fresh.write_text(json.dumps(document, ensure_ascii=False), "utf-8")
            fresh.replace(path)


@pytest.fixture
def region(root: Path, tmp_path: Path) -> Region:
    """A fresh copy of the region, nothing published."""
    shutil.copytree(root / "tests" / "regions" / "lakes", tmp_path / "lakes")
    return Region(tmp_path / "lakes")
