"""Which features of a layer differ between two releases, from their digests and ids alone.

    before  after        in neither list of equal digests        joined by id
    a1      a1           b2, d5 | b3, c4                         b2 b3   changed
    b2      b3                                                    -  c4   added
    d5      c4                                                   d5  -   removed

All on arrays: a million features take a tenth of a second, whether a thousand of them differ or each.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from releases.proof.merkle import SIZE
from releases.query import Keys

#: Digests of a layer's features in the order of their keys, uint8 (n, 32).
Leaves = NDArray[np.uint8]
Rows = NDArray[np.int64]
_WORDS = SIZE // 8
#: Rows that are held against each other at once, half a megabyte of each side.
BLOCK: Final = 16_384
#: Rows that are looked for on the other side where a block ends, and how far from where each is expected.
_TRIES, _REACH = 16, 512


class Pairs(NamedTuple):
    """The features that differ, in the order of ids: keys (n,) before and after, 0 where there is none."""

    before: Keys
    after: Keys

    @property
    def nbytes(self) -> int:
        """How much memory they take."""
        return int(self.before.nbytes + self.after.nbytes)


def differing(before: Leaves, after: Leaves, block: int = BLOCK) -> tuple[Keys, Keys]:
    """The keys of the features whose digest the other release does not have, ascending, of each side.

    Both sides stand in the order of ids, and a digest holds its id. So what lies between two digests that both have
    lies between them on either side, and some `block` rows at a time are small enough for the nearest memory.
    """
    found: list[tuple[Keys, Keys]] = []
    at = 0, 0
    for end in _cuts(before, after, block):
        one, other = before[at[0] : end[0]], after[at[1] : end[1]]
        if not np.array_equal(one, other):
            found.append(tuple(keys + np.uint32(start) for keys, start in zip(_alone(one, other), at)))  # type: ignore[arg-type]
        at = end
    none = np.zeros(0, np.uint32)
    return tuple(np.concatenate([none, *side]) for side in zip(*found)) if found else (none, none)  # type: ignore[return-value]


def _cuts(before: Leaves, after: Leaves, block: int) -> Iterator[tuple[int, int]]:
    """Rows of both sides with the same digest, about each `block` rows where there are such, and both ends."""
    words = after.view("<u8")[:, 0]
    shift = behind = 0
    for start in range(block, len(before), block):
        for row in range(start, min(start + _TRIES, len(before))):
            low = max(behind, row + shift - _REACH)
            near = words[low : max(low, row + shift + _REACH)]
            for place in np.flatnonzero(near == before[row].view("<u8")[0]).tolist():
                if np.array_equal(before[row], after[low + place]):
                    behind = low + place
                    shift = behind - row
                    yield row, behind
                    break
            else:
                continue
            break
    yield len(before), len(after)


def _alone(before: Leaves, after: Leaves) -> tuple[Keys, Keys]:
    """The keys of what one side alone has, counted from the first of them."""
    words = np.concatenate([before, after]).view("<u8").reshape(-1, _WORDS)
    partner = _partners(words, len(before))
    alone = np.ones(len(after), dtype=bool)
    alone[partner[partner >= 0]] = False
    return _keys(partner < 0), _keys(alone)


def _partners(words: NDArray[np.uint64], count: int) -> Rows:
    """For each of the first `count` digests the place of the same one among the others, -1 where there is none."""
    first = np.ascontiguousarray(words[:, 0])
    order = np.argsort(first)
    tied = first[order[1:]] == first[order[:-1]]
    if (tied[1:] & tied[:-1]).any() or _twice(order, tied, count):
        # Eight bytes do not tell all of them apart, as happens once in a million times a million.
        order = np.lexsort(words.T[::-1])
        tied = (words[order[1:]] == words[order[:-1]]).all(axis=1)
    places = np.flatnonzero(tied)
    pair = np.sort(np.column_stack([order[places], order[places + 1]]), axis=1)
    pair = pair[(pair[:, 0] < count) & (pair[:, 1] >= count)]
    # In the order of rows again, so that memory is read from front to back: half the time of it all.
    candidate = np.full(count, -1, dtype=np.int64)
    candidate[pair[:, 0]] = pair[:, 1]
    rows = np.flatnonzero(candidate >= 0)
    same = (words[rows] == words[candidate[rows]]).all(axis=1)
    partner = np.full(count, -1, dtype=np.int64)
    partner[rows[same]] = candidate[rows[same]] - count
    return partner


def _twice(order: Rows, tied: NDArray[np.bool_], count: int) -> bool:
    """Whether two digests of one side begin alike."""
    of_before = order < count
    return bool((tied & (of_before[1:] == of_before[:-1])).any())


def _keys(mask: NDArray[np.bool_]) -> Keys:
    return (np.flatnonzero(mask) + 1).astype(np.uint32)


def joined(before: Keys, ids_before: pa.Array, after: Keys, ids_after: pa.Array) -> Pairs:
    """The features of both sides as pairs by their ids, each side's in the order of its ids.

    Numbers and texts are never the same id; where an id was a number once and is a text now, numbers come first.
    """
    if ids_before.type != ids_after.type:
        none_before, none_after = np.zeros_like(after), np.zeros_like(before)
        if pa.types.is_integer(ids_before.type):
            return Pairs(np.concatenate([before, none_before]), np.concatenate([none_after, after]))
        return Pairs(np.concatenate([none_before, before]), np.concatenate([after, none_after]))
    ids = pa.concat_arrays([ids_before, ids_after])
    order = pc.array_sort_indices(ids).to_numpy()
    ordered = ids.take(pa.array(order))
    begins = np.ones(len(order), dtype=bool)
    begins[1:] = pc.not_equal(ordered[1:], ordered[:-1]).to_numpy(zero_copy_only=False)
    place = np.cumsum(begins) - 1
    found = np.zeros((2, int(begins.sum())), dtype=np.uint32)
    keys, side = np.concatenate([before, after])[order], (order >= len(before)).astype(np.intp)
    found[side, place] = keys
    return Pairs(found[0], found[1])
