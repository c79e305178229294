"""Two releases held against each other.

What a comparison finds depends on the two roots of a layer alone, so it is kept under them, and a rollback, or the
same question the other way round in another pair of releases, finds it again.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
from threading import Semaphore
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa

from config.models import Field
from releases.changes import pairing
from releases.changes.change import Change, change
from releases.changes.pairing import Leaves, Pairs
from releases.manifest import PublishedLayer
from releases.memory import Memory
from releases.proof.merkle import SIZE
from releases.query import Keys
from releases.release import Release
from releases.store import NotFound

#: Bytes of keys that are kept for the comparisons asked for last: four of two million features that all differ.
KEPT_BYTES: Final = 64 * 2**20
#: Changes handed out at once.
CHUNK: Final = 256

#: So many comparisons are made at once, each with some 300 bytes for every feature that differs, and 130 for any other.
_TURNS: Final = Semaphore(2)

_PAIRS: Final[Memory[Pairs]] = Memory(KEPT_BYTES, lambda pairs: pairs.nbytes + 512)
_NOTHING: Final = Pairs(np.zeros(0, np.uint32), np.zeros(0, np.uint32))


class Counts(NamedTuple):
    """How many features of a layer were added, changed and removed."""

    added: int
    changed: int
    removed: int


class Schema(NamedTuple):
    """The names of a layer's fields that were added, have another type, or are gone."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class LayerChanges:
    """What became of a layer from one release to another, in the order of ids.

    A pair of releases never changes, so a place among its changes is as good a cursor as an id.

    Parameters
    ----------
    before, after : the releases
    id : of the layer, which one of them at least has
    pairs : the keys of what differs
    """

    before: Release
    after: Release
    id: str
    pairs: Pairs

    def __len__(self) -> int:
        return len(self.pairs.after)

    @property
    def counts(self) -> Counts:
        """How many there are of each kind."""
        added = int(np.count_nonzero(self.pairs.before == 0))
        removed = int(np.count_nonzero(self.pairs.after == 0))
        return Counts(added, len(self) - added - removed, removed)

    @property
    def schema(self) -> Schema:
        """What became of its fields; nothing for a layer that only one of the releases has."""
        before, after = (_fields(published(one, self.id)) for one in (self.before, self.after))
        if not before or not after:
            return Schema((), (), ())
        return Schema(
            tuple(name for name in after if name not in before),
            tuple(
                name for name, field in after.items() if name in before and field.type != before[name].type
            ),
            tuple(name for name in before if name not in after),
        )

    def page(self, start: int, limit: int) -> Iterator[list[Change]]:
        """At most `limit` changes behind the first `start`, in lists that are read as they are asked for."""
        before = self.pairs.before[start : start + limit]
        after = self.pairs.after[start : start + limit]
        texts = _texts(self.before, self.id, before), _texts(self.after, self.id, after)
        found = []
        for key_before, key_after in zip(before.tolist(), after.tolist()):
            then, now = (next(some) if key else None for some, key in zip(texts, (key_before, key_after)))
            found.append(change(then, now))
            if len(found) == CHUNK:
                yield found
                found = []
        if found:
            yield found


def published(release: Release, layer_id: str) -> PublishedLayer | None:
    """A layer of a release, None when it has none of that id."""
    try:
        return release.manifest.layer(layer_id)
    except NotFound:
        return None


def layers(before: Release, after: Release) -> tuple[str, ...]:
    """The layers that either release has, in the order of the later one; those that it has no longer come last."""
    return tuple(dict.fromkeys(layer.id for one in (after, before) for layer in one.manifest.layers))


def compare(before: Release, after: Release, layer_id: str) -> LayerChanges:
    """What became of a layer; NotFound when neither release has it."""
    then, now = published(before, layer_id), published(after, layer_id)
    if then is None and now is None:
        raise NotFound("layer", layer_id)
    roots = then.root if then else None, now.root if now else None
    if roots[0] == roots[1]:
        return LayerChanges(before, after, layer_id, _NOTHING)
    pairs = _PAIRS.get(roots, lambda: _found(before, after, layer_id))
    return LayerChanges(before, after, layer_id, pairs)


def _found(before: Release, after: Release, layer_id: str) -> Pairs:
    sides = before, after
    with _TURNS, ThreadPoolExecutor(2) as threads:
        leaves = list(threads.map(lambda one: _leaves(one, layer_id), sides))
        then, now = pairing.differing(leaves[0], leaves[1])
        ids = list(threads.map(lambda side: _ids(side[0], layer_id, side[1]), zip(sides, (then, now))))
    if not len(then) or not len(now):
        # Also where there is nothing whose type an id could be compared with.
        return Pairs(
            *(np.concatenate(part) for part in ((then, np.zeros_like(now)), (np.zeros_like(then), now)))
        )
    return pairing.joined(then, ids[0], now, ids[1])


def _leaves(release: Release, layer_id: str) -> Leaves:
    if published(release, layer_id) is None:
        return np.zeros((0, SIZE), np.uint8)
    return release.store.leaves(layer_id)


def _ids(release: Release, layer_id: str, keys: Keys) -> pa.Array:
    return release.store.ids(layer_id, keys) if len(keys) else pa.nulls(0)


def _texts(release: Release, layer_id: str, keys: Keys) -> Iterator[bytes]:
    """The texts of those keys that are not 0."""
    there = keys[keys > 0]
    return chain.from_iterable(release.store.texts(layer_id, there)) if len(there) else iter(())


def _fields(layer: PublishedLayer | None) -> dict[str, Field]:
    return {} if layer is None else {field.name: field for field in layer.layer.fields}
