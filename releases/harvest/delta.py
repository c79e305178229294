"""The changes of a layer between two releases, ready to be applied: what is put in and what is taken out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from config.models import Layer
from releases.harvest import page
from releases.harvest.failure import NotTrusted
from releases.proof import canonical
from releases.proof.merkle import Digests
from releases.table import Table

#: Changes that are held in memory at a time; a layer with more is fetched whole, which is bounded.
MOST: Final = 50_000


@dataclass(frozen=True, slots=True, eq=False)
class Delta:
    """What becomes of a layer.

    Parameters
    ----------
    put : features as they are afterwards, sorted by id
    leaves : the digest of each (n, 32)
    fresh : (n,) which of them are not there yet
    removed : ids that are there and go
    """

    put: Table
    leaves: Digests
    fresh: NDArray[np.bool_]
    removed: tuple[Any, ...] = ()

    @property
    def counts(self) -> dict[str, int]:
        """How many features are added, changed and removed."""
        added = int(self.fresh.sum())
        return {"added": added, "changed": len(self.fresh) - added, "removed": len(self.removed)}


def read(layer: Layer, pages: Iterable[Mapping[str, Any]], held: int) -> Delta | None:
    """The changes on pages; None when they are so many that the layer is better fetched whole.

    `held` is how many features are there before.
    """
    put: list[Mapping[str, Any]] = []
    fresh: list[bool] = []
    removed: list[Any] = []
    try:
        for one in pages:
            if sum(one["counts"].values()) > min(MOST, max(held // 4, 1000)):
                return None
            for change in one["changes"]:
                if change["change"] == "removed":
                    removed.append(change["id"])
                elif change["change"] in ("added", "changed"):
                    put.append(change["feature"])
                    fresh.append(change["change"] == "added")
    except (KeyError, TypeError, AttributeError) as fault:
        raise NotTrusted(
            f"{layer.id} 的变更无法解读：{fault!r}", f"the changes of {layer.id} cannot be read: {fault!r}"
        ) from fault
    table = page.of_features(layer, put)
    return Delta(table, canonical.leaves(table), np.array(fresh, dtype=bool), tuple(removed))


def nothing(layer: Layer) -> Delta:
    """No changes at all."""
    table = page.of_features(layer, [])
    return Delta(table, canonical.leaves(table), np.zeros(0, dtype=bool))
