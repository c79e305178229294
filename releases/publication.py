"""Publishing: sources, gate, and then a release that is either in the history as a whole or does not exist.

    lock ─ clean ─ read ─ gate ─┬─ refused: findings, nothing else
                                └─ describe (digests give the id) ─┬─ current already: unchanged
                                                                   └─ stage ─ write ─ seal ─ move ─ history

Nothing that a reader can see changes before the last step, and that one is an atomic rename.
"""

from __future__ import annotations

import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
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
    tilematrixsets,
)
from releases.failure import explained
from releases.findings import Finding, refused
from releases.formats import flatgeobuf, geoparquet
from releases.history import Entry, History
from releases.lock import publishing
from releases.manifest import FORMAT, NAME, Manifest, PublishedLayer, PublishedService
from releases.progress import Progress, silent
from releases.release import open_release
from releases.store import ReleaseDamaged, ReleaseGone
from releases.table import Candidate

#: Layers written at the same time: SQLite, GEOS and the disk work on one, the interpreter on another.
WRITERS = 2


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a publish; `release_id` is None when it was refused."""

    status: Literal["published", "unchanged", "refused"]
    release_id: str | None
    findings: tuple[Finding, ...]
    seconds: float


def check(service: Service, progress: Progress = silent) -> tuple[Finding, ...]:
    """Read all sources and run the gate on them; nothing is written and no lock is taken."""
    return _examined(service, progress)[1]


def publish(service: Service, progress: Progress = silent, note: str | None = None) -> Outcome:
    """Make what the sources hold now the current release.

    Raises Busy when another publish runs, PublishFailed when the disk or its permissions do not allow it,
    HistoryDamaged when nobody can say what was published before. What was published stays as it is.
    """
    started = time.monotonic()
    with explained(service.published), publishing(service.published):
        past = history.read(service.published)
        staging.clean(service.published, past)
        candidate, findings = _examined(service, progress)
        if refused(findings):
            return Outcome("refused", None, findings, time.monotonic() - started)
        manifest = _described(service, candidate, progress)
        status = _settled(service, candidate, manifest, past, note, progress)
        return Outcome(status, manifest.id, findings, time.monotonic() - started)


def _examined(service: Service, progress: Progress) -> tuple[Candidate, tuple[Finding, ...]]:
    candidate, unread = sources.read(service, progress)
    found = gate.inspect(candidate, service, progress)
    asked = (*appearance.inspect(candidate, service), *tilematrixsets.inspect(service))
    return candidate, (*unread, *found, *asked)


def _described(service: Service, candidate: Candidate, progress: Progress) -> Manifest:
    """The manifest but for levels and files: all that the release id depends on, and the id."""
    layers = []
    for done, table in enumerate(candidate.tables):
        progress(f"digest: {table.layer.id}", done, len(candidate.tables))
        layers.append(description.layer(candidate, table))
    manifest = Manifest(
        format=FORMAT,
        id="",
        service=PublishedService.of(service),
        layers=tuple(layers),
        sources=tuple(description.source(record) for record in candidate.sources),
        style=appearance.describe(),
        files={},
    )
    return manifest.model_copy(update={"id": manifest.identity()})


def _settled(
    service: Service,
    candidate: Candidate,
    manifest: Manifest,
    past: History,
    note: str | None,
    progress: Progress,
) -> Literal["published", "unchanged"]:
    """Make the release the current one, and build it unless it stands there from an earlier time."""
    entry = past.entry(manifest.id)
    if entry is not None and _sound(service.published, entry):
        if past.current is not None and past.current.id == manifest.id:
            return "unchanged"
        _list(service.published, past, manifest.id, entry.manifest, note)
        return "published"
    with staging.staged(service.published, manifest.id) as folder:
        whole = _written(service, candidate, manifest, folder, progress)
        seal = staging.seal_manifest(folder / NAME, whole.to_bytes())
        staging.move(folder, service.published, manifest.id)
        _list(service.published, past, manifest.id, seal, note)
    return "published"


def _sound(published: Path, entry: Entry) -> bool:
    try:
        open_release(published, entry)
    except (ReleaseDamaged, ReleaseGone):
        return False
    return True


def _list(published: Path, past: History, release_id: str, seal: str, note: str | None) -> None:
    now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    history.write(published, past.and_then(Entry(id=release_id, published=now, manifest=seal, note=note)))


def _written(
    service: Service, candidate: Candidate, manifest: Manifest, folder: Path, progress: Progress
) -> Manifest:
    """Write every file of the release and seal it; the whole manifest."""
    (folder / "features").mkdir()
    layers = _write_layers(service, candidate, manifest, folder, progress)
    appearance.write(folder, candidate)
    appearance.prepare(candidate, manifest, service, progress)
    files = staging.seal(folder, progress)
    return manifest.model_copy(update={"layers": layers, "files": files})


def _write_layers(
    service: Service, candidate: Candidate, manifest: Manifest, folder: Path, progress: Progress
) -> tuple[PublishedLayer, ...]:
    """Write text, package, levels and files of every layer; what each has become.

    The largest layer comes first and its kinds of files at the same time, or all would wait for it alone.
    """
    lang = service.language
    pairs = sorted(zip(candidate.tables, manifest.layers), key=lambda pair: -len(pair[0]))
    with ThreadPoolExecutor(WRITERS) as threads:
        jobs: dict[str, tuple[Future[Any], ...]] = {}
        for table, layer in pairs:
            followed = candidate.table(table.layer.generalise.layer or "")
            jobs[layer.id] = (
                threads.submit(levels.write, table, folder, service.tiles, followed, progress),
                threads.submit(features.write, table, folder / layer.package, service.crs),
                threads.submit(featuretext.write, table, folder / layer.file, folder / layer.offsets),
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
