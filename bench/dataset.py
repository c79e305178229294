"""The data: a demo release with a number of zones, below var/bench, made on first use."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import NamedTuple

import config
from bench import process
from bench.process import Cost
from bench.services import ROOT
from config.models import Service
from releases.history import HistoryDamaged
from releases.manifest import PublishedLayer
from releases.release import Catalogue, Release
from releases.store import NotFound, ReleaseDamaged, ReleaseGone
from tiles import columnfile
from tiles.columns import Columns

LAYER = "ghfq"
WORK = ROOT / "var" / "bench"


class Dataset(NamedTuple):
    """A published release whose layer LAYER holds about `zones` polygons."""

    zones: int
    folder: Path
    service: Service
    release: Release

    @property
    def layer(self) -> PublishedLayer:
        """The layer that is measured."""
        return self.release.manifest.layer(LAYER)

    @property
    def package(self) -> Path:
        """The layer's GeoPackage."""
        return self.release.path / self.layer.package

    @property
    def text(self) -> Path:
        """The layer as GeoJSON, a feature a line."""
        return self.release.path / self.layer.file

    def columns(self, level: int) -> Columns:
        """The columns of one of the layer's levels, mapped."""
        return columnfile.read(self.release.path / self.layer.levels[level].file)


def environment(zones: int) -> dict[str, str]:
    """The variables that point our programs to a dataset."""
    folder = WORK / str(zones)
    return {
        "BLUEPRINT_DATA": str(folder / "data"),
        "BLUEPRINT_PUBLISHED": str(folder / "published"),
        "BLUEPRINT_CACHE": str(folder / "cache"),
    }


def load(zones: int) -> Dataset:
    """Open the dataset, published by the program as it is now if what is there cannot be read."""
    service = config.load(ROOT / "config" / "service.yml", {**os.environ, **environment(zones)})
    try:
        release = Catalogue(service.published).current()
    except (NotFound, ReleaseGone, ReleaseDamaged, HistoryDamaged):
        publish(zones)
        release = Catalogue(service.published).current()
    return Dataset(zones, WORK / str(zones), service, release)


def publish(zones: int) -> Cost:
    """Publish the dataset anew, from nothing but its sources."""
    folder = deliveries(zones)
    shutil.rmtree(folder / "published", ignore_errors=True)
    return blueprint(zones, "publish")


def deliveries(zones: int) -> Path:
    """The folder of a dataset whose sources are there, built if need be."""
    folder = WORK / str(zones)
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "data" / "joint" / "delivery.yml").exists():
        blueprint(zones, "demo", "--zones", str(zones))
    return folder


def blueprint(zones: int, *words: str) -> Cost:
    """Run one of our commands on a dataset to its end; how far it is can be read in its log."""
    log = WORK / str(zones) / f"{words[0]}.log"
    print(f"blueprint {' '.join(words)}, {zones:,} zones: see {log}", flush=True)
    return process.run([sys.executable, "-m", "server.cli", *words], environment(zones), log)
