"""A harvest from beginning to end.

    lock ─ manifest ─ trust ─ plan ─ fetch (pages into spools, changes into deltas) ─ update ─ roots? ─ commit

A release that is pruned meanwhile begins it anew with the current one; changes that do not lead to the root that was
signed have their layer fetched whole.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

from releases import history
from releases.harvest import delta as deltas
from releases.harvest import plan, trust
from releases.harvest.delta import Delta
from releases.harvest.failure import Gone, NoLayer, NotTrusted, ServerFailed, WrongTarget
from releases.harvest.form import Form
from releases.harvest.ledger import Astray
from releases.harvest.plan import Step
from releases.harvest.press import press
from releases.harvest.service import Service, Unchanged
from releases.harvest.spool import Spool
from releases.harvest.state import Held, State
from releases.harvest.target import Target, Update
from releases.harvest.trust import Trusted
from releases.manifest import Manifest, PublishedLayer
from releases.progress import Progress, silent
from releases.proof import merkle
from releases.proof.keys import KeyRing

#: How often a harvest begins anew because the release it read is gone.
AGAIN: Final = 5
#: Bytes that a page should have, and features at most: a few pages are in memory at a time.
PAGE_BYTES: Final = 8_000_000
PAGE: Final = 8192
#: Every layer, those to come too.
ALL: Final = ("all",)
#: Changes on a page.
CHANGES: Final = 10_000


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked of a harvest.

    layers : by their ids, ALL for every one; None: those of the harvest before, or every one
    keys : the public keys to trust; None: those of the harvest before, or the first one met
    """

    layers: tuple[str, ...] | None = None
    keys: KeyRing | None = None


@dataclass(slots=True)
class Outcome:
    """What became of a harvest.

    Parameters
    ----------
    status : "harvested", or "unchanged": the target was equal to the current release
    release, before : the release that the target is equal to now, and the one before
    news : about signatures, for a person
    acts : layer -> what was done: keep, change, whole, drop
    counts : features added, changed and removed by changes
    features : fetched for layers that were fetched whole
    """

    status: Literal["harvested", "unchanged"]
    release: str
    before: str | None
    news: str | None
    acts: dict[str, str] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(("added", "changed", "removed"), 0))
    features: int = 0
    seconds: float = 0.0


def harvest(service: Service, target: Target, order: Order = Order(), progress: Progress = silent) -> Outcome:
    """Make a target equal to the current release of a service. Raises HarvestFailed, and then it is as it was."""
    started = time.monotonic()
    with target.held() as folder:
        work = _Harvest(service, target, order, folder, progress)
        for _ in range(AGAIN):
            try:
                outcome = work.once()
            except Gone:
                progress("again", 0, 1)
                continue
            outcome.seconds = time.monotonic() - started
            return outcome
    raise ServerFailed(
        f"{service.url} 的版次在采集期间 {AGAIN} 次被移除",
        f"{service.url} removed the release that was being read {AGAIN} times",
    )


class _Harvest:
    """What several tries of one harvest share."""

    def __init__(
        self, service: Service, target: Target, order: Order, folder: Path, progress: Progress
    ) -> None:
        self._service, self._target, self._order = service, target, order
        self._spools, self._progress = folder / "spool", progress

    def once(self) -> Outcome:
        """Try it. Gone when the release that is read is no longer there."""
        before = self._target.state()
        self._progress("manifest", 0, 1)
        trusted = self._trusted(before)
        manifest = trusted.manifest
        if before and before.service != manifest.service.id:
            raise WrongTarget(
                f"{self._target.where} 是另一服务 {before.service} 的副本",
                f"{self._target.where} is a copy of another service, {before.service}",
            )
        wanted = self._order.layers or (before.chosen if before else None)
        wanted = None if wanted == ALL else wanted
        layers = plan.chosen(manifest, wanted)
        outcome = Outcome("harvested", manifest.id, before.release if before else None, trusted.news)
        state = State(
            service=manifest.service.id,
            url=self._service.url,
            release=manifest.id,
            root=manifest.root,
            keys=trusted.keys,
            chosen=wanted,
            harvested=history.now(),
            layers={},
        )
        whole: set[str] = set()
        while True:
            steps = plan.steps(before, layers, whole)
            if before and all(step.act == "keep" for step in steps) and _same(before, state):
                outcome.status = "unchanged"
                return outcome
            fetched = self._fetched(manifest, before, steps)
            try:
                self._updated(manifest, before, state, fetched, outcome)
            except _Doubtful as fault:
                whole.add(fault.layer)
                continue
            return outcome

    def _trusted(self, before: State | None) -> Trusted:
        text = self._service.manifest()
        pinned = self._order.keys or (before.keys if before else None)
        name = trust.manifest(text).id
        signed = self._service.document(f"/releases/{name}/manifest.sig")
        return trust.judged(
            text, signed, lambda: self._service.document("/.well-known/blueprint-keys"), pinned
        )

    def _fetched(self, manifest: Manifest, before: State | None, steps: list[Step]) -> list[Fetched]:
        """All that the steps need, before anything of the target is touched."""
        found = []
        for step in steps:
            held = before.layers.get(step.id) if before else None
            if step.layer is None or step.act == "keep":
                found.append(Fetched(step, held.form if held else Form()))
                continue
            if step.act == "change" and before and held:
                delta = self._delta(manifest, before, step.layer, held)
                if delta is not None:
                    form = held.form | Form.of(delta.put)
                    found.append(Fetched(step, form, delta=delta))
                    continue
            spool = self._spooled(manifest, step.layer)
            found.append(Fetched(step._replace(act="whole"), spool.form(), spool=spool))
        return found

    def _delta(self, manifest: Manifest, before: State, layer: PublishedLayer, held: Held) -> Delta | None:
        """The changes of a layer; None when they cannot be had, are too many, or fit no column that is there."""
        if held.root == layer.root:
            return deltas.nothing(layer.layer)
        self._progress(f"changes: {layer.id}", 0, 1)
        try:
            pages = self._service.changes(manifest.id, layer.id, before.release, CHANGES)
            delta = deltas.read(layer.layer, pages, held.count)
        except (Gone, NoLayer, ServerFailed):
            # The release before, or this one, is not kept: the pages of the layer tell which.
            return None
        if delta is None or not held.form.fits(layer.layer, Form.of(delta.put)):
            return None
        return delta

    def _spooled(self, manifest: Manifest, layer: PublishedLayer) -> Spool:
        """A layer's features, fetched and proven by its root. NotTrusted when they are others."""
        spool = Spool(self._spools, layer.layer, layer.root)
        following = spool.following()
        done = spool.count()
        if spool.pages == 0 or following is not None:
            try:
                self._fill(spool, manifest, layer, following, done)
            except (Gone, NoLayer) as fault:
                spool.remove()
                raise Gone(fault.message.zh, fault.message.en) from fault
        self._progress(f"verify: {layer.id}", layer.count, layer.count)
        if merkle.root(spool.leaves()).hex() != layer.root:
            spool.remove()
            raise NotTrusted(
                f"图层 {layer.id} 的要素与清单中的根摘要不符",
                f"the features of {layer.id} are not those whose root the manifest has",
            )
        return spool

    def _fill(
        self, spool: Spool, manifest: Manifest, layer: PublishedLayer, start: str | None, done: int
    ) -> None:
        pages = self._service.pages(manifest.id, layer.id, _limit(manifest, layer), start)
        place = spool.pages
        with press(layer.count - done) as machine:
            for page in pages:
                done += machine.put(layer.layer, page.body, page.following, spool.page(place))
                place += 1
                self._progress(f"fetch: {layer.id}", done, layer.count)
            done += machine.rest()
        spool.pages = place

    def _updated(
        self, manifest: Manifest, before: State | None, state: State, fetched: list[Fetched], outcome: Outcome
    ) -> None:
        """Bring everything into the target, and commit if each root is as signed. _Doubtful names the layer that is not."""
        held: dict[str, Held] = {}
        outcome.acts, outcome.features = {}, 0
        outcome.counts = dict.fromkeys(outcome.counts, 0)
        with self._target.update(manifest, before) as update:
            for done, one in enumerate(fetched):
                self._progress(f"{one.step.act}: {one.step.id}", done, len(fetched))
                _applied(update, one)
                outcome.acts[one.step.id] = one.step.act
                if one.step.layer is not None:
                    held[one.step.id] = Held.of(one.step.layer, one.form)
                    outcome.features += one.step.layer.count if one.spool else 0
                for name, count in one.delta.counts.items() if one.delta else ():
                    outcome.counts[name] += count
            self._progress("commit", 0, 1)
            update.commit(state.model_copy(update={"layers": held}))
            self._progress("committed", 1, 1)


@dataclass(frozen=True, slots=True)
class Fetched:
    """A step with what it needs."""

    step: Step
    form: Form
    spool: Spool | None = None
    delta: Delta | None = None


class _Doubtful(Exception):
    """A layer whose changes did not lead to its root."""

    def __init__(self, layer: str) -> None:
        super().__init__(layer)
        self.layer = layer


def _applied(update: Update, one: Fetched) -> None:
    layer = one.step.layer
    if layer is None:
        update.drop(one.step.id)
    elif one.spool is not None:
        update.whole(layer, one.form, one.spool.tables())
    elif one.delta is not None:
        try:
            root = update.change(layer, one.form, one.delta)
        except Astray as fault:
            raise _Doubtful(layer.id) from fault
        if root != layer.root:
            raise _Doubtful(layer.id)
    else:
        update.keep(layer)


def _same(before: State, state: State) -> bool:
    """Whether nothing would be written that is not there."""
    after = state.model_copy(update={"layers": before.layers, "harvested": before.harvested})
    return after == before


def _limit(manifest: Manifest, layer: PublishedLayer) -> int:
    """Features on a page, so that it has about PAGE_BYTES."""
    size = manifest.files[layer.file].size / max(layer.count, 1)
    return max(1, min(PAGE, int(PAGE_BYTES / max(size, 1))))


def watch(
    run: Callable[[], Outcome], service: Service, seconds: float, stop: Callable[[float], bool]
) -> None:
    """Run now, and again whenever the manifest is another one; `stop` waits and says whether to end."""
    run()
    while not stop(seconds):
        try:
            service.manifest(watched=True)
        except Unchanged:
            continue
        run()
