"""Rows of one layer: a geometry, or none, and values under the layer's field names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Objects = NDArray[np.object_]


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """geometry (n,): shapely, x = lon, or None; values: field name -> (n,), None being null."""

    geometry: Objects
    values: Mapping[str, Objects]

    @classmethod
    def of(cls, records: Iterable[tuple[Any, Mapping[str, Any]]]) -> Rows:
        """Rows of (geometry, values) pairs that all have the same fields."""
        found = list(records)
        names = list(found[0][1]) if found else []
        return cls(
            objects([geometry for geometry, _ in found]),
            {name: objects([values[name] for _, values in found]) for name in names},
        )

    @classmethod
    def joined(cls, many: Iterable[Rows]) -> Rows:
        """All rows of several, one after the other."""
        parts = [part for part in many if len(part)]
        if not parts:
            return cls(objects([]), {})
        names = parts[0].values
        return cls(
            np.concatenate([part.geometry for part in parts]),
            {name: np.concatenate([part.values[name] for part in parts]) for name in names},
        )

    def __len__(self) -> int:
        return len(self.geometry)

    def where(self, chosen: NDArray[np.bool_]) -> Rows:
        """The rows that a mask (n,) chooses."""
        return Rows(self.geometry[chosen], {name: column[chosen] for name, column in self.values.items()})


def objects(items: list[Any]) -> Objects:
    """A column (n,) of anything."""
    # np.array would make a two-dimensional array of lists of one length.
    column = np.empty(len(items), dtype=object)
    column[:] = items
    return column
