"""Numbers that look random and are pure functions of their keys: the same on every machine, in any order.

Only integer arithmetic and + - * / of doubles are used, which IEEE 754 fixes to the last bit.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)


def fraction(*keys: Any) -> Floats:
    """A number of [0, 1) for each tuple of integer keys (arrays that broadcast), mixed as by splitmix64."""
    shape = np.broadcast_shapes(*(np.shape(key) for key in keys))
    state = np.full(shape, _GOLDEN)
    for key in keys:
        state += (
            np.asarray(key).astype(np.int64).view(np.uint64)
            if np.ndim(key)
            else np.uint64(int(key) & (2**64 - 1))
        )
        state *= _MIX_1
        state ^= state >> np.uint64(29)
        state *= _MIX_2
        state ^= state >> np.uint64(32)
    return np.asarray((state >> np.uint64(11)).astype(np.float64) / 2.0**53)


def smooth(x: Floats, y: Floats, frequency: float, seed: int, octaves: int = 3) -> Floats:
    """Value noise of [0, 1) at x, y: hills 1 / frequency degrees wide, each octave half as wide and high."""
    total, weight = np.zeros(np.shape(x)), 0.0
    for octave in range(octaves):
        height = 0.5**octave
        total += height * _hills(x * (frequency * 2**octave), y * (frequency * 2**octave), seed + octave)
        weight += height
    return total / weight


def _hills(u: Floats, v: Floats, seed: int) -> Floats:
    i, j = np.floor(u), np.floor(v)
    a, b = u - i, v - j
    a, b = a * a * (3 - 2 * a), b * b * (3 - 2 * b)
    i, j = i.astype(np.int64), j.astype(np.int64)
    south = fraction(i, j, seed) * (1 - a) + fraction(i + 1, j, seed) * a
    north = fraction(i, j + 1, seed) * (1 - a) + fraction(i + 1, j + 1, seed) * a
    return np.asarray(south * (1 - b) + north * b)
