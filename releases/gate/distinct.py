"""The distinct values of a column, each asked once: most columns say a few things a million times.

Sound data cost one set of its values and one question for each; rows are looked up only for values that are wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from releases.table import Objects


@dataclass(frozen=True, slots=True, eq=False)
class Distinct:
    """The values of a column (n,) and what they are without repetition and nulls; of arrays, their elements."""

    cells: list[Any]
    is_array: bool
    values: frozenset[Any]

    @classmethod
    def of(cls, column: Objects, is_array: bool = False) -> Distinct:
        """The distinct values of a column."""
        cells: list[Any] = column.tolist()
        values = set(chain.from_iterable(filter(None, cells))) if is_array else set(cells)
        return cls(cells, is_array, frozenset(values - {None}))

    def where(self, is_wrong: Callable[[Any], object]) -> tuple[NDArray[np.int64], list[Any]]:
        """Rows with a wrong value, ascending, and that value; of an array the first of its wrong elements."""
        wrong = set(filter(is_wrong, self.values))
        if not wrong:
            return np.empty(0, dtype=np.int64), []
        if self.is_array:
            shown = {
                row: next(one for one in cell if one in wrong)
                for row, cell in enumerate(self.cells)
                if cell and not wrong.isdisjoint(cell)
            }
        else:
            shown = {row: cell for row, cell in enumerate(self.cells) if cell in wrong}
        return np.array(list(shown), dtype=np.int64), list(shown.values())
