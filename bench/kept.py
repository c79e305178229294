"""Figures of earlier runs, a file for each part below var/bench/results, so that a part can be measured again by itself."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import orjson

from bench.dataset import WORK
from bench.services import ROOT

Figures = dict[str, Any]


class Kept:
    """The figures of one bench: those on disk, and those of this run, which go there too if it `keeps`."""

    def __init__(self, bench: str, keeps: bool = True) -> None:
        self._folder = WORK / "results" / bench
        self._keeps = keeps
        self._fresh: dict[str, Figures] = {}

    def has(self, name: str) -> bool:
        """Whether there are figures of a part already."""
        return (self._folder / f"{name}.json").exists()

    @contextmanager
    def measured(self, name: str) -> Iterator[Figures]:
        """Fill in the figures of a part; when the block fails, those of before stay."""
        load, began = os.getloadavg()[0], datetime.now(UTC)
        figures: Figures = {}
        yield figures
        figures["about"] = {
            "commit": _commit(),
            "load": load,
            "at": began.isoformat(timespec="minutes"),
            "seconds": (datetime.now(UTC) - began).total_seconds(),
        }
        print(f"== {name}: {figures['about']['seconds']:.0f} s", flush=True)
        self._fresh[name] = figures
        if self._keeps:
            self._folder.mkdir(parents=True, exist_ok=True)
            file = self._folder / f"{name}.json"
            file.write_bytes(orjson.dumps(figures, option=orjson.OPT_INDENT_2))

    def all(self) -> dict[str, Figures]:
        """The figures of each part by its name."""
        found = dict(self._fresh)
        if self._keeps:
            for file in sorted(self._folder.glob("*.json")):
                found.setdefault(file.stem, orjson.loads(file.read_bytes()))
        return dict(sorted(found.items()))

    def by_size(self) -> dict[int, dict[str, Figures]]:
        """Size -> part -> its figures, of parts whose name ends with a size."""
        sizes: dict[int, dict[str, Figures]] = {}
        for name, figures in self.all().items():
            part, size = name.rsplit("-", 1)
            sizes.setdefault(int(size), {})[part] = figures
        return dict(sorted(sizes.items()))


def _commit() -> str:
    asked = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return asked.stdout.strip() or "unknown"
