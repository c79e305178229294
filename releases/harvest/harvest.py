"""A harvest from beginning to end.

    lock ─ manifest ─ trust ─ plan ─ fetch (pages into spools, changes into deltas) ─ update ─ roots? ─ commit

A release that is pruned meanwhile begins it anew with the current one; changes that do not lead to the root that was
signed have their layer fetched whole.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

from releases import history
from releases.harvest import plan, trust
from releases.harvest.failure import Gone, ServerFailed, WrongTarget
from releases.harvest.fetching import Fetched, Fetching
from releases.harvest.ledger import Astray
from releases.harvest.service import Service
from releases.harvest.state import Held, State
from releases.harvest.target import Target, Update
from releases.harvest.trust import Trusted
from releases.manifest import Manifest
from releases.progress import Progress, silent
from releases.proof.keys import KeyRing

#: How often a harvest begins anew because the release it read is gone.
AGAIN: Final = 5
#: Every layer, those to come too.
ALL: Final = ("all",)


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
        self._fetching, self._progress = Fetching(service, folder / "spool", progress), progress

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
            fetched = self._fetching.fetched(manifest, before, steps)
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
