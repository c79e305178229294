"""Local numbers for the values that a tile uses: a hash table that grows, for kernels.

key     17   4   17   9   4        A key gets the next local number when it is first met. Slots hold a key and
local    0   1    0   2   1        its number; a key that finds its slot taken tries the next one (open
                                   addressing); at half full, the table doubles.

Source: D. Knuth, The Art of Computer Programming 3, 6.4, Algorithm L; multiplicative hashing, the same place.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from tiles.kernel import kernel, leaf

_FIRST = 256
_FREE = -1


class Dictionary(NamedTuple):
    """Slots s, a power of two; keys are whole numbers from 0 on."""

    slot_key: Any  # (s,) int64, _FREE where nothing is
    slot_local: Any  # (s,) int64
    used: Any  # (s / 2,) int64, the keys in the order of their local numbers
    count: Any  # (1,) int64, how many


@kernel
def dictionary(slots: int) -> Any:
    """Make an empty dictionary of so many slots."""
    return Dictionary(
        np.full(slots, _FREE, np.int64),
        np.empty(slots, np.int64),
        np.empty(slots // 2, np.int64),
        np.zeros(1, np.int64),
    )


@kernel
def empty() -> Any:
    """Make an empty dictionary."""
    return dictionary(_FIRST)


@kernel
def with_room(table: Any, more: int) -> Any:
    """Return this dictionary, or a larger one of the same content, with room for `more` keys."""
    slots = len(table.slot_key)
    while 2 * (table.count[0] + more) > slots:
        slots *= 2
    if slots == len(table.slot_key):
        return table
    larger = dictionary(slots)
    for k in range(table.count[0]):
        local(larger, table.used[k])
    return larger


@leaf
def local(table: Any, key: int) -> int:
    """The local number of a key, which there must be room for; changes the table when it is new."""
    mask = len(table.slot_key) - 1
    slot = (key * 2654435761 >> 7) & mask
    while table.slot_key[slot] != key:
        if table.slot_key[slot] == _FREE:
            table.slot_key[slot] = key
            table.slot_local[slot] = table.count[0]
            table.used[table.count[0]] = key
            table.count[0] += 1
            break
        slot = (slot + 1) & mask
    return int(table.slot_local[slot])
