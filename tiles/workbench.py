"""Room to work in for kernels, made once a layer: a path as it is projected, clipped and snapped."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from tiles.clip_ring import GROWTH
from tiles.kernel import kernel
from tiles.projection import place


class Workbench(NamedTuple):
    """Arrays for paths of up to n vertices, and what is known of the row under way."""

    ring: Any  # (m, 2) float64, m = GROWTH n + 16
    spare: Any  # (m, 2) float64
    snapped: Any  # (m, 2) int64
    cursor: Any  # (2,) int64, where the last command ended
    seed: Any  # (2,) float64, a place of the row within the tile


class Square(NamedTuple):
    """The tile and its buffer: both coordinates go from low to high."""

    low: float
    high: float


@kernel
def workbench(vertices: int) -> Any:
    """Make a bench for paths of up to so many vertices."""
    length = GROWTH * vertices + 16
    return Workbench(
        np.empty((length, 2), np.float64),
        np.empty((length, 2), np.float64),
        np.empty((length, 2), np.int64),
        np.zeros(2, np.int64),
        np.zeros(2, np.float64),
    )


@kernel
def project(columns: Any, path: int, transform: Any, target: Any, closed: bool) -> int:
    """Project a path to tile units in `target` (changed), a ring without its last vertex; the vertices."""
    first, last = columns.path_start[path], columns.path_start[path + 1]
    count = max(last - first - (1 if closed else 0), 0)
    for i in range(count):
        target[i, 0], target[i, 1] = place(transform, columns.xy[first + i, 0], columns.xy[first + i, 1])
    return int(count)
