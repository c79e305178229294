"""Publishing: sources, gate, and then a release that is either in the history as a whole or does not exist.

    lock ─ clean ─ read ─ gate ─┬─ refused, or held for warnings that nobody accepted: a report, nothing else
                                └─ describe (digests give the id) ─┬─ current already: unchanged
                                                                   └─ stage ─ write ─ seal ─ move ─ history

Nothing that a reader can see changes before the last step, and that one is an atomic rename.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from config.models import Service
from releases import (
    appearance,
    attributes,
    description,
    features,
    featuretext,
    gate,
    history,
    levels,
    search,
    sources,
    staging,
    summary,
    tilematrixsets,
)
from releases.failure import explained
from releases.findings import Finding, capped
from releases.formats import flatgeobuf, geoparquet
from releases.history import FOLDER, Act, Entry, History
from releases.lock import publishing
from releases.manifest import (
    FORMAT,
    NAME,
    Manifest,
    Parent,
    PublishedLayer,
    PublishedReport,
    PublishedService,
    Waiver,
)
from releases.progress import Progress, silent
from releases.proof import canonical, keys, signature, tree
from releases.proof import release as proof
from releases.proof.keys import SigningKey
from releases.proof.merkle import Digests
from releases.release import Release, open_release
from releases.report import files, names, shelf
from releases.report.examined import Examined
from releases.store import ReleaseDamaged, ReleaseGone
from releases.table import Candidate

#: Layers written at the same time: SQLite, GEOS and the disk work on one, the interpreter on another.
WRITERS = 2


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked of a publish: who asks, a sentence, the warnings accepted, and whether it is a draft only."""

    by: str | None = None
    note: str | None = None
    accepted: tuple[Waiver, ...] = ()
    draft: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a publish; `release_id` is None when it was refused or held.

    "held": there are warnings that nobody has accepted. `report` is the folder of the report: the release's, of one that was
    there already as it was when that was published.
    """

    status: Literal["published", "unchanged", "refused", "held"]
    release_id: str | None
    findings: tuple[Finding, ...]
    seconds: float
    report: Path


def examine(service: Service, accepted: Sequence[Waiver] = (), progress: Progress = silent) -> Examined:
    """Read all sources and run the gate on them; nothing is written and no lock is taken."""
    return _examined(service, accepted, history.read(service.published), progress)


@dataclass(frozen=True, slots=True, eq=False)
class Described:
    """The manifest but for levels and files: all that the release id and the root depend on, and both.

    `leaves` has the digests of each layer's features (n, 32), in the order of ids.
    """

    manifest: Manifest
    leaves: Mapping[str, Digests]


def check(service: Service, progress: Progress = silent) -> tuple[Finding, ...]:
    """What the gate finds of all sources."""
    return examine(service, (), progress).findings


def publish(service: Service, progress: Progress = silent, order: Order = Order()) -> Outcome:
    """Make what the sources hold now the current release, or a draft.

    Raises Busy when another publish runs, PublishFailed when the disk or its permissions do not allow it,
    HistoryDamaged when nobody can say what was published before, KeyUnusable when releases are signed here and the key is
    not there. What was published stays as it is.
    """
    started = time.monotonic()
    with explained(service.published), publishing(service.published, _act(order), order.by):
        past = history.sound(service.published)
        signer = keys.signer(service.signing_key, service.published)
        staging.clean(service.published, past)
        examined = _examined(service, order.accepted, past, progress)
        if examined.verdict != "passed":
            kept = shelf.keep(service.published, examined)
            return Outcome(examined.verdict, None, examined.findings, time.monotonic() - started, kept)
        described = _described(service, examined, past, progress)
        status = _settled(service, examined, described, past, order, signer, progress)
        release_id = described.manifest.id
        kept = service.published / FOLDER / release_id / names.FOLDER
        return Outcome(status, release_id, examined.findings, time.monotonic() - started, kept)


def _examined(service: Service, accepted: Sequence[Waiver], past: History, progress: Progress) -> Examined:
    candidate, unread = sources.read(service, progress)
    found = gate.inspect(candidate, service, progress, _leading(service.published, past))
    asked = (*appearance.inspect(candidate, service), *tilematrixsets.inspect(service))
    findings = capped(gate.Rules.of(service.gate).judged((*unread, *found, *asked)), service.gate.listed)
    warned = {finding.rule for finding in findings if finding.severity == "warn"}
    waivers = tuple(waiver for waiver in accepted if waiver.rule in warned)
    return Examined(service, candidate, findings, waivers)


def _described(service: Service, examined: Examined, past: History, progress: Progress) -> Described:
    candidate = examined.candidate
    layers, leaves = [], {}
    for done, table in enumerate(candidate.tables):
        progress(f"digest: {table.layer.id}", done, len(candidate.tables))
        leaves[table.layer.id] = canonical.leaves(table)
        layers.append(description.layer(candidate, table, leaves[table.layer.id]))
    manifest = Manifest(
        format=FORMAT,
        id="",
        root="",
        parent=None,
        report=PublishedReport(
            file=f"{names.FOLDER}/{names.JSON}",
            digest=hashlib.sha256(examined.report).hexdigest(),
            refuse=examined.counts["refuse"],
            warn=examined.counts["warn"],
            note=examined.counts["note"],
        ),
        waivers=examined.waivers,
        service=PublishedService.of(service),
        layers=tuple(layers),
        sources=tuple(description.source(record) for record in candidate.sources),
        style=appearance.describe(),
        files={},
    )
    manifest = manifest.model_copy(update={"id": manifest.identity()})
    manifest = manifest.model_copy(update={"parent": _parent(service.published, past, manifest.id)})
    return Described(manifest.model_copy(update={"root": proof.root(manifest)}), leaves)


def _leading(published: Path, past: History) -> Release | None:
    """The release to compare a candidate with; None before the first, and where it cannot be read any more."""
    known = past.entry(past.current.id) if past.current else None
    try:
        return open_release(published, known) if known else None
    except (ReleaseDamaged, ReleaseGone):
        # A damaged release is mended by publishing its content again, which must not fail for what it mends.
        return None


def _parent(published: Path, past: History, release_id: str) -> Parent | None:
    """The release that was current before this one: for one built anew, before it was so first."""
    before = None
    for entry in past.leading:
        if entry.id == release_id:
            break
        before = entry.id
    known = past.entry(before) if before else None
    # It may have been removed since; its manifest was not.
    return Parent(id=known.id, root=summary.read(published, known).root) if known else None


def _settled(
    service: Service,
    examined: Examined,
    described: Described,
    past: History,
    order: Order,
    signer: SigningKey | None,
    progress: Progress,
) -> Literal["published", "unchanged"]:
    """Make the release the current one, and build it unless it stands there from an earlier time."""
    manifest = described.manifest
    entry = past.entry(manifest.id) if manifest.id in past.kept else None
    if entry is not None and _sound(service.published, entry):
        if order.draft or (past.current is not None and past.current.id == manifest.id):
            return "unchanged"
        _list(service.published, past, manifest.id, entry.manifest, order)
        return "published"
    with staging.staged(service.published, manifest.id) as folder:
        whole = _written(service, examined, described, folder, progress)
        text = whole.to_bytes()
        if signer is not None:
            keys.listed(service.published, signer, history.now())
            staging.seal_manifest(folder / signature.NAME, signature.sign(signer, text))
        seal = staging.seal_manifest(folder / NAME, text)
        staging.move(folder, service.published, manifest.id)
        _list(service.published, past, manifest.id, seal, order)
    return "published"


def _sound(published: Path, entry: Entry) -> bool:
    try:
        open_release(published, entry)
    except (ReleaseDamaged, ReleaseGone):
        return False
    return True


def _list(published: Path, past: History, release_id: str, seal: str, order: Order) -> None:
    act = _act(order)
    entry = Entry(
        id=release_id, published=history.now(), manifest=seal, note=order.note, act=act, by=order.by
    )
    history.write(published, past.and_then(entry))


def _act(order: Order) -> Act:
    return "draft" if order.draft else "publish"


def _written(
    service: Service, examined: Examined, described: Described, folder: Path, progress: Progress
) -> Manifest:
    """Write every file of the release and seal it; the whole manifest."""
    candidate, manifest = examined.candidate, described.manifest
    (folder / "features").mkdir()
    layers = _write_layers(service, candidate, described, folder, progress)
    appearance.write(folder, candidate)
    appearance.prepare(candidate, manifest, service, progress)
    files.write(folder / names.FOLDER, examined)
    sealed = staging.seal(folder, progress)
    return manifest.model_copy(update={"layers": layers, "files": sealed})


def _write_layers(
    service: Service, candidate: Candidate, described: Described, folder: Path, progress: Progress
) -> tuple[PublishedLayer, ...]:
    """Write text, package, levels and files of every layer; what each has become.

    The largest layer comes first and its kinds of files at the same time, or all would wait for it alone.
    """
    lang, manifest = service.language, described.manifest
    pairs = sorted(zip(candidate.tables, manifest.layers), key=lambda pair: -len(pair[0]))
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
    return tuple(layer.model_copy(update={"levels": written[layer.id]}) for layer in manifest.layers)
