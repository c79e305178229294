"""What a harvest's steps need, fetched before anything of the target is touched: changes, or pages into a spool."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from releases.harvest import delta as deltas
from releases.harvest.delta import Delta
from releases.harvest.failure import Gone, NoLayer, NotTrusted, ServerFailed
from releases.harvest.form import Form
from releases.harvest.plan import Step
from releases.harvest.press import press
from releases.harvest.service import Service
from releases.harvest.spool import Spool
from releases.harvest.state import Held, State
from releases.manifest import Manifest, PublishedLayer
from releases.progress import Progress
from releases.proof import merkle

#: Bytes that a page should have, and features at most: a few pages are in memory at a time.
PAGE_BYTES: Final = 8_000_000
PAGE: Final = 8192
#: Changes on a page.
CHANGES: Final = 10_000


@dataclass(frozen=True, slots=True)
class Fetched:
    """A step with what it needs."""

    step: Step
    form: Form
    spool: Spool | None = None
    delta: Delta | None = None


class Fetching:
    """Fetches from a service into a folder of spools."""

    def __init__(self, service: Service, spools: Path, progress: Progress) -> None:
        self._service, self._spools, self._progress = service, spools, progress

    def fetched(self, manifest: Manifest, before: State | None, steps: list[Step]) -> list[Fetched]:
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
        except (Gone, NoLayer, ServerFailed, NotTrusted):
            # The release before, or this one, is not kept, or the changes are none: the pages of the layer tell which.
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


def _limit(manifest: Manifest, layer: PublishedLayer) -> int:
    """Features on a page, so that it has about PAGE_BYTES."""
    size = manifest.files[layer.file].size / max(layer.count, 1)
    return max(1, min(PAGE, int(PAGE_BYTES / max(size, 1))))
