"""A release built as a whole from what the sources hold: read, examined, described, and every file of it written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.models import Service
from releases import (
    appearance,
    attributes,
    description,
    features,
    featuretext,
    gate,
    levels,
    search,
    sources,
    staging,
    tilematrixsets,
)
from releases.amending import reuse
from releases.findings import capped
from releases.formats import flatgeobuf, geoparquet
from releases.gate.scene import Previous
from releases.manifest import Manifest, PublishedLayer, Waiver
from releases.progress import Progress
from releases.proof import canonical, tree
from releases.proof.merkle import Digests
from releases.release import Release
from releases.report import files, names
from releases.report.examined import Examined
from releases.table import Candidate

#: Layers written at the same time: SQLite, GEOS and the disk work on one, the interpreter on another.
WRITERS = 2


@dataclass(frozen=True, slots=True, eq=False)
class Described:
    """The layers as the manifest has them, but for levels, and the digests of each one's features (n, 32), by ids."""

    layers: tuple[PublishedLayer, ...]
    leaves: Mapping[str, Digests]


def examine(service: Service, accepted: Sequence[Waiver], previous: Previous, progress: Progress) -> Examined:
    """Read all sources and run the gate on them; nothing is written."""
    candidate, unread = sources.read(service, progress)
    found = gate.inspect(candidate, service, progress, previous)
    asked = (*appearance.inspect(candidate, service), *tilematrixsets.inspect(service))
    findings = capped(gate.Rules.of(service.gate).judged((*unread, *found, *asked)), service.gate.listed)
    warned = {finding.rule for finding in findings if finding.severity == "warn"}
    waivers = tuple(waiver for waiver in accepted if waiver.rule in warned)
    return Examined(service, candidate, findings, waivers)


def describe(candidate: Candidate, progress: Progress) -> Described:
    """Describe every layer; the time goes into the digests."""
    layers, leaves = [], {}
    for done, table in enumerate(candidate.tables):
        progress(f"digest: {table.layer.id}", done, len(candidate.tables))
        leaves[table.layer.id] = canonical.leaves(table)
        layers.append(description.layer(candidate, table, leaves[table.layer.id]))
    return Described(tuple(layers), leaves)


def write(
    examined: Examined,
    described: Described,
    manifest: Manifest,
    parent: Release | None,
    folder: Path,
    progress: Progress,
) -> Manifest:
    """Write every file of the release and seal it; the whole manifest.

    A layer that is what it was in the parent has the parent's files.
    """
    (folder / "features").mkdir()
    linked = reuse.layers(examined.service, parent, manifest) if parent else {}
    if parent is not None:
        for layer in linked.values():
            reuse.link(layer, parent.path, folder)
    layers = _write_layers(examined, described, folder, linked, progress)
    appearance.write(folder, examined.candidate)
    appearance.prepare(examined.candidate, manifest, examined.service, progress)
    files.write(folder / names.FOLDER, examined)
    sealed = staging.seal(folder, progress)
    return manifest.model_copy(update={"layers": layers, "files": sealed})


def _write_layers(
    examined: Examined,
    described: Described,
    folder: Path,
    linked: Mapping[str, PublishedLayer],
    progress: Progress,
) -> tuple[PublishedLayer, ...]:
    """Write text, package, levels and files of every layer but those linked; what each has become.

    The largest layer comes first and its kinds of files at the same time, or all would wait for it alone.
    """
    service, candidate, lang = examined.service, examined.candidate, examined.service.language
    every = zip(candidate.tables, described.layers)
    pairs = sorted((pair for pair in every if pair[1].id not in linked), key=lambda pair: -len(pair[0]))
    with ThreadPoolExecutor(WRITERS) as threads:
        jobs: dict[str, tuple[Future[Any], ...]] = {}
        for table, layer in pairs:
            followed = candidate.table(table.layer.generalise.layer or "")
            jobs[layer.id] = (
                threads.submit(levels.write, table, folder, service.tiles, followed, progress),
                threads.submit(features.write, table, folder / layer.package, service.crs),
                threads.submit(featuretext.write, table, folder / layer.file, folder / layer.offsets),
                threads.submit(tree.write, described.leaves[layer.id], folder / layer.tree),
                threads.submit(flatgeobuf.save, table, layer, folder / layer.downloads["flatgeobuf"], lang),
                threads.submit(geoparquet.save, table, layer, folder / layer.downloads["geoparquet"], lang),
            )
            if layer.attributes:
                columns = threads.submit(attributes.write, table, folder / layer.attributes)
                jobs[layer.id] = (*jobs[layer.id], columns)
            if layer.search:
                index = threads.submit(search.write, table, service.codelists, folder / layer.search)
                jobs[layer.id] = (*jobs[layer.id], index)
        written = {}
        for done, (name, (leveled, *others)) in enumerate(jobs.items(), start=1):
            written[name] = leveled.result()
            for other in others:
                other.result()
            progress(f"write: {name}", done, len(jobs))
    return tuple(
        linked.get(layer.id) or layer.model_copy(update={"levels": written[layer.id]})
        for layer in described.layers
    )
