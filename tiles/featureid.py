"""The number by which a tile knows a feature (MVT 2.1, 4.2: an id is an unsigned integer).

An id that is itself a number stays that number, so that a click leads to the record; any other text gets a
number from its BLAKE2b digest, the same on every machine. Both fit 53 bits, the integers that JavaScript
holds exactly.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

BITS = 53
_NUMBER = re.compile(r"0|[1-9][0-9]{0,15}")


def tile_id(identifier: str | int) -> int:
    """The number of one feature id."""
    text = str(identifier)
    if _NUMBER.fullmatch(text) and int(text) < 1 << BITS:
        return int(text)
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big") >> (64 - BITS)


def tile_ids(identifiers: Iterable[str | int]) -> NDArray[np.uint64]:
    """The numbers (n,) of n feature ids."""
    return np.fromiter((tile_id(identifier) for identifier in identifiers), dtype=np.uint64)


def collisions(numbers: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Indices of ids whose number an earlier one has: by chance, in one of 18,000 layers of a million."""
    _, first = np.unique(numbers, return_index=True)
    return np.setdiff1d(np.arange(len(numbers)), first)
