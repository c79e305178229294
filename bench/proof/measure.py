"""Digests of a layer, the tree over them, and `blueprint verify` on the layer in each form."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from bench import dataset, process
from bench.dataset import Dataset
from releases.featuretext import FeatureText
from releases.formats import geojson, sequence
from releases.formats.subject import Subject
from releases.harvest import page
from releases.proof import canonical, merkle
from releases.proof.inclusion import inclusion
from releases.proof.tree import Tree, write
from releases.rendition import PLAIN

#: Features of which a tree is updated, and proofs that are made.
CHANGED: Final = 10
PROOFS: Final = 1000
#: Leaves are computed in one process from tables of so many features.
PART: Final = 20_000
_PROGRAM: Final = (sys.executable, "-m", "server.cli")


def measure(zones: int) -> dict[str, Any]:
    """Seconds of each step, and seconds and memory of each command."""
    data = dataset.load(zones)
    with TemporaryDirectory(dir=dataset.WORK) as folder:
        # First, while this process is small: its memory at the start counts as the memory of those that it starts.
        commands = _commands(data, Path(folder))
        steps = _steps(data, Path(folder))
    return {
        "features": data.layer.count,
        "bytes": data.text.stat().st_size,
        "steps": steps,
        "commands": commands,
    }


def _steps(data: Dataset, folder: Path) -> dict[str, float]:
    """The steps of publishing and of a proof, in this process, by the processor's clock."""
    layer, release = data.layer, data.release
    text = FeatureText(data.text, release.path / layer.offsets)
    digests, found = 0.0, []
    for start in range(0, layer.count, PART):
        lines = [line for some in text.stream(text.keys[start : start + PART]) for line in some]
        table = page.table(layer.layer, b"\x1e" + b"\n\x1e".join(lines))
        began = time.process_time()
        found.append(canonical.leaves(table).tobytes())
        digests += time.process_time() - began
    leaves = merkle.digests(found)
    tree = folder / "whole.tree"
    steps = {"digests": digests, "tree": _seconds(lambda: write(leaves, tree))}
    changed = {key: bytes(32) for key in range(1, layer.count + 1, max(1, layer.count // CHANGED))}
    steps["update"] = _seconds(lambda: Tree(tree, layer.count).update(changed, folder / "fresh.tree"))
    ids = [
        json.loads(text.one(int(key)))["id"] for key in text.keys[:: max(1, layer.count // PROOFS)][:PROOFS]
    ]
    inclusion(release.store, layer, str(ids[0]))
    steps["proof"] = _seconds(lambda: [inclusion(release.store, layer, str(one)) for one in ids]) / len(ids)
    return steps


def _commands(data: Dataset, folder: Path) -> dict[str, tuple[float, int]]:
    """`blueprint verify` of each form, and `blueprint releases verify`: each as a process of its own."""
    copies = {name: data.release.path / path for name, path in data.layer.downloads.items()}
    text = FeatureText(data.text, data.release.path / data.layer.offsets)
    subject = Subject(data.layer, data.release.id, "en", PLAIN, schema="", whole=copies["geoparquet"])
    for name, write_form in (("geojson", geojson.write), ("geojsonseq", sequence.write)):
        copies[name] = folder / f"copy.{name}"
        with copies[name].open("wb") as file:
            file.writelines(write_form(text.stream(text.keys), subject))
    known = dataset.environment(data.zones)
    found = {}
    for name, path in copies.items():
        command = [*_PROGRAM, "verify", str(path), "--layer", data.layer.id]
        found[name] = tuple(process.run(command, known, folder / "log"))
    found["release"] = tuple(process.run([*_PROGRAM, "releases", "verify"], known, folder / "log"))
    return found


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
