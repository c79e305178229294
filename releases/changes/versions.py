"""In which releases a feature changed: one look-up by its id for each release that its layer differs in.

The acts that made a release the current one are gone through in their order, a stretch of them at a time, so that an
answer costs the same after a thousand releases as after a hundred. What became of a feature between two releases
never changes and is kept; a layer whose root is the same has not changed, and nothing of it is read. What was looked
up is proven by its path to the root, so that no file is read as a whole (`releases.proven`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from releases.changes.change import Kind, change
from releases.history import Entry, History
from releases.memory import Memory
from releases.query import Located
from releases.release import Release, open_release, read_manifest
from releases.store import NotFound, ReleaseDamaged, ReleaseGone

#: Acts that are looked at for one answer.
STRETCH: Final = 100
#: Bytes of what was found, and of the roots of layers.
_KEPT_BYTES: Final = 8 * 2**20


@dataclass(frozen=True, slots=True)
class Step:
    """What became of a feature from one release to the next: its kind, None for nothing; see `Change`."""

    kind: Kind | None
    fields: tuple[str, ...] = ()
    geometry: bool = False


@dataclass(frozen=True, slots=True)
class Version:
    """An act after which the feature was another, or one whose release is no longer there.

    Parameters
    ----------
    entry : the act: "publish", "rollback" or "promote", its release and its time
    since : the release that was current before, as far as it is still there; None for the first
    step : what became of the feature since; None where the release is gone, and nobody can say
    first : whether the release became the current one here for the first time
    pruned : the act that removed the release; its manifest stays, so that it is listed only if its layer was another
    """

    entry: Entry
    since: str | None
    step: Step | None
    first: bool
    pruned: Entry | None = None


@dataclass(frozen=True, slots=True)
class Versions:
    """A stretch of a feature's versions, oldest first, and where the next stretch begins (None: nowhere)."""

    found: tuple[Version, ...]
    onward: int | None


_NOTHING: Final = Step(None)
_STEPS: Final[Memory[Step]] = Memory(_KEPT_BYTES, lambda _: 600)
_ROOTS: Final[Memory[Mapping[str, str]]] = Memory(_KEPT_BYTES, lambda roots: 400 + 250 * len(roots))


def versions(
    published: Path, said: History, layer_id: str, feature_id: str, start: int = 0, stretch: int = STRETCH
) -> Versions:
    """The versions among `stretch` acts behind the first `start`.

    NotFound for a feature that none of all releases has, as far as they were looked at and are there.
    """
    acts = said.leading
    end = min(start + stretch, len(acts))
    walk = _Walk(published, said, layer_id, feature_id)
    since = next((act.id for act in reversed(acts[:start]) if act.id not in said.pruned), None)
    led = {act.id for act in acts[:start]}
    found = []
    for act in acts[start:end]:
        gone = said.pruned.get(act.id)
        step = walk.step(since, act.id) if gone is None or walk.equal(since, act.id) else None
        if step is None or step.kind is not None:
            found.append(Version(act, since, step, act.id not in led, gone))
        led.add(act.id)
        since = since if gone is not None else act.id
    if start == 0 and end == len(acts) and all(one.step is None for one in found):
        raise NotFound("feature", feature_id)
    return Versions(tuple(found), end if end < len(acts) else None)


class _Walk:
    """From release to release; the last one stays open and its feature at hand."""

    def __init__(self, published: Path, said: History, layer_id: str, feature_id: str) -> None:
        self._published = published
        self._said = said
        self._layer = layer_id
        self._feature = feature_id
        self._open: Release | None = None
        self._last: tuple[str, Located | None] | None = None

    def step(self, before: str | None, after: str) -> Step:
        """What became of the feature between two releases, the first of which may be none."""
        return _STEPS.get((before, after, self._layer, self._feature), lambda: self._made(before, after))

    def equal(self, before: str | None, after: str) -> bool:
        """Whether the layer is certainly the same in both releases, which need not be there any more."""
        try:
            return before is not None and self._root(before) == self._root(after)
        except (ReleaseDamaged, ReleaseGone):
            return False

    def _made(self, before: str | None, after: str) -> Step:
        if self.equal(before, after):
            return _NOTHING
        then, now = self._located(before), self._located(after)
        if (then and then.leaf) == (now and now.leaf):
            return _NOTHING
        found = change(then.json if then else None, now.json if now else None)
        return Step(found.kind, found.fields, found.geometry)

    def _located(self, release_id: str | None) -> Located | None:
        if release_id is None or self._root(release_id) is None:
            return None
        if self._last is None or self._last[0] != release_id:
            self._last = release_id, self._opened(release_id).store.find(self._layer, self._feature)
        return self._last[1]

    def _root(self, release_id: str) -> str | None:
        """The root of the layer in a release, None where there is no such layer."""

        def read() -> Mapping[str, str]:
            manifest = read_manifest(self._published, self._entry(release_id))
            return {layer.id: layer.root for layer in manifest.layers}

        return _ROOTS.get(release_id, read).get(self._layer)

    def _opened(self, release_id: str) -> Release:
        """The release, opened beside the catalogue, which keeps those that are asked for."""
        if self._open is None or self._open.id != release_id:
            self._open = open_release(self._published, self._entry(release_id))
        return self._open

    def _entry(self, release_id: str) -> Entry:
        entry = self._said.entry(release_id)
        if entry is None:
            raise NotFound("release", release_id)
        return entry
