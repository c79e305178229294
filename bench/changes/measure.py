"""Questions about what changed, to a server that has just started and to one that has answered before."""

from __future__ import annotations

import os
import time
import urllib.request
from collections.abc import Mapping
from statistics import median
from typing import Any, Final

import orjson

from bench import contenders, dataset
from bench.dataset import LAYER, Dataset
from bench.harvest.edit import edit
from bench.services import memory
from releases.release import Release

CHANGES: Final = 1_000
PAGE: Final = 100
#: The authority whose file is edited.
AUTHORITY: Final = "chongqing"


def measure(zones: int, rounds: int) -> dict[str, Any]:
    """Rows of seconds for a release with CHANGES changes, and for one in which all of an authority's zones differ."""
    data = dataset.load(zones)
    whole = next(part.count for part in data.layer.parts if part.authority == AUTHORITY)
    rows = []
    for count in (CHANGES, whole):
        before = data.release
        edit(data, count)
        dataset.blueprint(zones, "publish", "--note", f"bench, {count:,} changes")
        data = dataset.load(zones)
        rows.append({"changes": count, **_asked(data, before, count, rounds)})
    dataset.blueprint(zones, "prune", "--keep", "1")
    return {"rows": rows, "features": data.layer.count}


def _asked(data: Dataset, before: Release, count: int, rounds: int) -> Mapping[str, Any]:
    """Seconds by what was asked, the best of some starts of the server; and its memory after it all."""
    page = f"/collections/{LAYER}/changes?since={before.id}"
    found: dict[str, list[float]] = {}
    largest = 0
    for cold in (True, False) * rounds:
        if cold:
            _forget(before, data.release)
        with contenders.ours(data, workers=1) as served:
            said, seconds = _timed(f"{served.address}{page}&limit={PAGE}")
            told = orjson.loads(said)
            if told["counts"] != {"added": 0, "changed": count, "removed": 0}:
                raise RuntimeError(f"{told['counts']}, expected {count} changes")
            found.setdefault("first, nothing in memory" if cold else "first", []).append(seconds)
            found.setdefault("next", []).append(median(_walk(told, 20) or [0.0]))
            sequence = f"{served.address}{page}&f=geojsonseq&limit={min(count, 100_000)}"
            found.setdefault("sequence", []).append(_timed(sequence)[1] / min(count, 100_000))
            item = f"{served.address}/collections/{LAYER}/items/{told['changes'][0]['id']}"
            found.setdefault("versions", []).append(_timed(f"{item}/versions")[1])
            largest = max(largest, memory(served.process).own)
    return {"seconds": {name: min(all_of) for name, all_of in found.items()}, "memory": largest}


def _walk(page: Mapping[str, Any], most: int) -> list[float]:
    """Seconds of each of the pages that follow, at most so many."""
    took = []
    for _ in range(most):
        there = next((link["href"] for link in page["links"] if link["rel"] == "next"), None)
        if there is None:
            break
        said, seconds = _timed(there)
        took.append(seconds)
        page = orjson.loads(said)
    return took


def _timed(address: str) -> tuple[bytes, float]:
    started = time.perf_counter()
    with urllib.request.urlopen(address, timeout=600) as answer:
        body = answer.read()
    return body, time.perf_counter() - started


def _forget(*releases: Release) -> None:
    """Have the system read the files of releases from the disk again."""
    for release in releases:
        for name in release.manifest.files:
            with (release.path / name).open("rb") as file:
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
