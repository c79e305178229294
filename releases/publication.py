"""Publishing: sources, gate, and then a release that is either in the history as a whole or does not exist.

    lock ─ clean ─ read ─ gate ─┬─ refused, or held for warnings that nobody accepted: a report, nothing else
                                └─ describe (digests give the id) ─┬─ current already: unchanged
                                                                   └─ stage ─ write ─ seal ─ move ─ history

Where only some features of the current release have changed in place, it is amended (`releases.amending`): the same
steps, for these features alone. A layer that is what it was has the files that it had.

Nothing that a reader can see changes before the last step, and that one is an atomic rename.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from config.models import Service, Text
from releases import appearance, building, description, history, staging, summary
from releases.amending import release as amending
from releases.amending import snapshot
from releases.amending.differences import NotInPlace
from releases.amending.snapshot import Sources
from releases.failure import explained
from releases.findings import Finding
from releases.gate.scene import Previous
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
from releases.proof import keys, signature
from releases.proof import release as proof
from releases.proof.keys import SigningKey
from releases.release import Release, open_release
from releases.report import names, shelf
from releases.report.examined import Examined
from releases.store import ReleaseDamaged, ReleaseGone


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
    there already as it was when that was published. `amended` names the layers in which some features were made anew, all
    else being as it was; None when the release was built as a whole, and then `why` says why, unless it is the first.
    """

    status: Literal["published", "unchanged", "refused", "held"]
    release_id: str | None
    findings: tuple[Finding, ...]
    seconds: float
    report: Path
    amended: tuple[str, ...] | None = None
    why: Text | None = None


def examine(service: Service, accepted: Sequence[Waiver] = (), progress: Progress = silent) -> Examined:
    """Read all sources and run the gate on them; nothing is written and no lock is taken."""
    previous = _leading(service.published, history.read(service.published))
    return building.examine(service, accepted, previous, progress)


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
        desk = _Desk(service, past, order, keys.signer(service.signing_key, service.published), progress)
        staging.clean(service.published, past)
        previous = _leading(service.published, past)
        why = None
        try:
            made = _amended(desk, previous)
        except NotInPlace as fault:
            made, why = None, fault.why
        made = made or replace(_whole(desk, previous), why=why)
        return replace(made, seconds=time.monotonic() - started)


@dataclass(frozen=True, slots=True, eq=False)
class _Desk:
    """What every step of one publish has at hand."""

    service: Service
    past: History
    order: Order
    signer: SigningKey | None
    progress: Progress


def _whole(desk: _Desk, previous: Previous) -> Outcome:
    """Publish from the sources alone."""
    service, published, progress = desk.service, desk.service.published, desk.progress
    parent = previous if isinstance(previous, Release) else None
    examined = building.examine(service, desk.order.accepted, previous, progress)
    if examined.verdict != "passed":
        return Outcome(examined.verdict, None, examined.findings, 0.0, shelf.keep(published, examined))
    described = building.describe(examined.candidate, progress)
    manifest = _manifest(desk, examined, described.layers)
    status = _again(desk, manifest.id)
    if status is None:
        with staging.staged(published, manifest.id) as folder:
            whole = building.write(examined, described, manifest, parent, folder, progress)
            _keep(desk, whole.id, snapshot.of_candidate(service, examined.candidate, examined.findings))
            _settle(desk, folder, whole)
        status = "published"
    return _outcome(status, manifest.id, examined, published, None)


def _amended(desk: _Desk, parent: Previous) -> Outcome | None:
    """Publish what has changed in place in the current release; NotInPlace when that is not all.

    None without a release to begin with, and when warnings are accepted: they are looked at as a whole.
    """
    published, progress = desk.service.published, desk.progress
    if not isinstance(parent, Release) or desk.order.accepted:
        return None
    prepared = amending.prepare(desk.service, parent, progress)
    if not prepared.amended:
        return _outcome("unchanged", parent.id, prepared.examined, published, ())
    with staging.staged(published, f"{parent.id}{_NEXT}") as folder:
        layers = amending.write(prepared, folder, progress)
        manifest = _manifest(desk, prepared.examined, layers)
        status = _again(desk, manifest.id)
        if status is None:
            whole = amending.seal(prepared, folder, manifest, progress)
            _keep(desk, whole.id, prepared.differences.sources)
            _settle(desk, staging.named(folder, published, whole.id), whole)
            status = "published"
    return _outcome(status, manifest.id, prepared.examined, published, prepared.amended)


#: Behind the parent's id, the name of the folder in which a release is amended before its id is known.
_NEXT = "-next"


def _outcome(
    status: Literal["published", "unchanged"],
    release_id: str,
    examined: Examined,
    published: Path,
    amended: tuple[str, ...] | None,
) -> Outcome:
    report = published / FOLDER / release_id / names.FOLDER
    return Outcome(status, release_id, examined.findings, 0.0, report, amended)


def _manifest(desk: _Desk, examined: Examined, layers: tuple[PublishedLayer, ...]) -> Manifest:
    """The manifest but for files, with all that the release id and the root depend on, and both."""
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
        service=PublishedService.of(desk.service),
        layers=layers,
        sources=tuple(description.source(record) for record in examined.candidate.sources),
        style=appearance.describe(),
        files={},
    )
    manifest = manifest.model_copy(update={"id": manifest.identity()})
    parent = _parent(desk.service.published, desk.past, manifest.id)
    manifest = manifest.model_copy(update={"parent": parent})
    return manifest.model_copy(update={"root": proof.root(manifest)})


def _leading(published: Path, past: History) -> Previous:
    """The release to compare a candidate with, None before the first; where it cannot be read, why."""
    known = past.entry(past.current.id) if past.current else None
    try:
        return open_release(published, known) if known else None
    except (ReleaseDamaged, ReleaseGone) as fault:
        return fault


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


def _again(desk: _Desk, release_id: str) -> Literal["published", "unchanged"] | None:
    """Make a release that stands there from an earlier time the current one; None when it has to be built."""
    published, past, order = desk.service.published, desk.past, desk.order
    entry = past.entry(release_id) if release_id in past.kept else None
    if entry is None or not _sound(published, entry):
        return None
    if order.draft or (past.current is not None and past.current.id == release_id):
        return "unchanged"
    _list(desk, release_id, entry.manifest)
    return "published"


def _settle(desk: _Desk, folder: Path, manifest: Manifest) -> None:
    """Sign and seal the manifest of a release whose files are sealed, move it to its place and enter it in the history."""
    published, text = desk.service.published, manifest.to_bytes()
    if desk.signer is not None:
        keys.listed(published, desk.signer, history.now())
        staging.seal_manifest(folder / signature.NAME, signature.sign(desk.signer, text))
    seal = staging.seal_manifest(folder / NAME, text)
    staging.move(folder, published, manifest.id)
    _list(desk, manifest.id, seal)


def _keep(desk: _Desk, release_id: str, kept: Sources | None) -> None:
    """Keep the sources for the next publish; a draft is followed by what follows the current release."""
    if kept is not None and not desk.order.draft:
        snapshot.keep(desk.service, release_id, kept)


def _sound(published: Path, entry: Entry) -> bool:
    try:
        open_release(published, entry)
    except (ReleaseDamaged, ReleaseGone):
        return False
    return True


def _list(desk: _Desk, release_id: str, seal: str) -> None:
    order = desk.order
    entry = Entry(
        id=release_id,
        published=history.now(),
        manifest=seal,
        note=order.note,
        act=_act(order),
        by=order.by,
    )
    history.write(desk.service.published, desk.past.and_then(entry))


def _act(order: Order) -> Act:
    return "draft" if order.draft else "publish"
