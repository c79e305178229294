"""A copy of a layer held against the layer as it was published: equal, or what differs by its ids.

Equal is told by the root alone, for which no more than the manifest is needed. To name what differs takes the published
digests as well; whoever has a release's folder or can reach its server has them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from typing import Any, Final, NamedTuple

import numpy as np

from releases.manifest import PublishedLayer
from releases.progress import Progress, silent
from releases.proof import merkle
from releases.proof.copies.rows import Rows, digested
from releases.proof.merkle import Digests

Id = str | int


class Known(NamedTuple):
    """Ids and digests (n, 32) of features, sorted by id."""

    ids: Sequence[Id]
    leaves: Digests


@dataclass(frozen=True, slots=True)
class Differing:
    """Features that differ in one way: how many, and the ids of the first."""

    count: int
    ids: tuple[Id, ...]

    @classmethod
    def of(cls, ids: Sequence[Id], listed: int) -> Differing:
        """Those of some ids."""
        return cls(len(ids), tuple(islice(ids, listed)))


@dataclass(frozen=True, slots=True)
class Comparison:
    """How a copy stands to the published layer.

    Parameters
    ----------
    layer : its id
    count, published : features of the copy and of the release
    root, expected : of the tree over each, in hex
    repeated : ids that stand in the copy more than once
    missing, added, changed : None where nothing but the root was known of the release, or where all are equal
    """

    layer: str
    count: int
    published: int
    root: str
    expected: str
    repeated: Differing
    missing: Differing | None = None
    added: Differing | None = None
    changed: Differing | None = None

    @property
    def equal(self) -> bool:
        """Whether the copy is the published layer, feature for feature."""
        return self.root == self.expected

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        ways = ("missing", "added", "changed", "repeated")
        told: dict[str, Differing | None] = {way: getattr(self, way) for way in ways}
        return {
            "layer": self.layer,
            "equal": self.equal,
            "features": self.count,
            "published": self.published,
            "root": self.root,
            "expected": self.expected,
            **{
                way: {"count": one.count, "ids": list(one.ids)}
                for way, one in told.items()
                if one is not None
            },
        }


#: Ids of each kind that are named unless asked otherwise.
LISTED: Final = 20


def compare(
    layer: PublishedLayer,
    rows: Iterable[Rows],
    published: Callable[[PublishedLayer], Known] | None = None,
    listed: int = LISTED,
    progress: Progress = silent,
) -> Comparison:
    """Compare the features of a copy with a layer. `published` is asked only when they are not equal."""
    copy = known(layer, rows, progress)
    repeated = sorted({one for one, other in pairwise(copy.ids) if one == other})
    found = Comparison(
        layer.id,
        len(copy.ids),
        layer.count,
        merkle.root(copy.leaves).hex(),
        layer.root,
        Differing.of(repeated, listed),
    )
    if found.equal or published is None:
        return found
    return _named(found, copy, published(layer), listed)


def known(layer: PublishedLayer, rows: Iterable[Rows], progress: Progress = silent) -> Known:
    """Ids and digests of features in any order, sorted by id: texts by code points, as they were published."""
    ids: list[Id] = []
    leaves = [merkle.digests(())]
    for some in rows:
        read, digests = digested(layer.layer, some)
        ids += read
        leaves.append(digests)
        progress(layer.id, len(ids), max(layer.count, len(ids)))
    together = np.concatenate(leaves)
    if all(one <= other for one, other in pairwise(ids)):  # type: ignore[operator]
        return Known(ids, together)
    order = sorted(range(len(ids)), key=ids.__getitem__)
    return Known([ids[place] for place in order], together[order])


def _named(found: Comparison, copy: Known, published: Known, listed: int) -> Comparison:
    there = dict(zip(published.ids, range(len(published.ids))))
    places = np.array([there.get(one, -1) for one in copy.ids], np.int64)
    shared = places >= 0
    differs = shared.copy()
    differs[shared] = (copy.leaves[shared] != published.leaves[places[shared]]).any(axis=1)
    unseen = np.ones(len(published.ids), bool)
    unseen[places[shared]] = False
    return Comparison(
        found.layer,
        found.count,
        found.published,
        found.root,
        found.expected,
        found.repeated,
        missing=Differing.of([published.ids[place] for place in np.flatnonzero(unseen).tolist()], listed),
        added=Differing.of([copy.ids[place] for place in np.flatnonzero(~shared).tolist()], listed),
        changed=Differing.of([copy.ids[place] for place in np.flatnonzero(differs).tolist()], listed),
    )
