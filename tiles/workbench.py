"""Room to work in for kernels, made once a layer: a path as it is projected, clipped and snapped."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from tiles.clip_ring import GROWTH
from tiles.kernel import kernel
from tiles.validity import rings


class Workbench(NamedTuple):
    """Arrays for paths of up to n vertices, and what is known of the row under way."""

    ring: Any  # (m, 2) float64, m = GROWTH n + 16
    spare: Any  # (m, 2) float64
    snapped: Any  # (m, 2) int64
    cursor: Any  # (2,) int64, where the last command ended
    seed: Any  # (2,) float64, a place of the row within the tile
    rings: Any  # `validity.Rings` of the row


class Square(NamedTuple):
    """The tile and its buffer: both coordinates go from low to high."""

    low: float
    high: float


@kernel
def workbench(vertices: int, row_vertices: int, row_paths: int) -> Any:
    """Make a bench for paths of up to `vertices`, in polygons of up to `row_vertices` in `row_paths`.

    Untouched memory costs nothing, so there is room for the worst.
    """
    length = GROWTH * vertices + 16
    return Workbench(
        np.empty((length, 2), np.float64),
        np.empty((length, 2), np.float64),
        np.empty((length, 2), np.int64),
        np.zeros(2, np.int64),
        np.zeros(2, np.float64),
        rings(GROWTH * row_vertices + 16 * (row_paths + 1), row_paths + 1),
    )
