"""The Merkle tree of RFC 9162, 2.1: one digest for a list, and a short proof for each entry of it.

    digest of a leaf    SHA-256(0x00 || entry)
    digest of a node    SHA-256(0x01 || left || right)
    an empty list       SHA-256()

The RFC splits a list of n at the largest power of two below n. Pairing from the left, level by level, with a last
one that has no partner going up as it is, gives the same tree, and levels that can be kept in a file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

LEAF, NODE = b"\0", b"\1"
SIZE = 32
EMPTY = sha256().digest()

#: Digests, one a row: (n, 32).
Digests = NDArray[np.uint8]


class WrongPath(ValueError):
    """A path that no tree of that size has for that leaf."""


def leaf(entry: bytes) -> bytes:
    """The digest of one entry."""
    return sha256(LEAF + entry).digest()


def node(left: bytes, right: bytes) -> bytes:
    """The digest of a node above two."""
    return sha256(NODE + left + right).digest()


def digests(found: Iterable[bytes]) -> Digests:
    """Digests as an array (n, 32) that nobody writes to."""
    return np.frombuffer(b"".join(found), np.uint8).reshape(-1, SIZE)


def heights(size: int) -> list[int]:
    """How many digests each level of a tree has, leaves first; nothing for no leaves."""
    found = [size] if size else []
    while found and found[-1] > 1:
        found.append((found[-1] + 1) // 2)
    return found


def levels(leaves: Digests) -> Iterator[Digests]:
    """The tree from its leaves up to its root, which is the last level's only member; nothing for no leaves."""
    level = leaves
    while len(level):
        yield level
        if len(level) == 1:
            return
        level = _above(level)


def _above(level: Digests) -> Digests:
    # Two children lie side by side, so a node's text is one stretch of 64 bytes.
    told, pair = level.tobytes(), 2 * SIZE
    whole = len(level) // 2 * pair
    nodes = [sha256(NODE + told[at : at + pair]).digest() for at in range(0, whole, pair)]
    return digests([*nodes, told[whole:]] if whole < len(told) else nodes)


def root(leaves: Digests) -> bytes:
    """The digest of a whole list of leaves' digests."""
    top = EMPTY
    for level in levels(leaves):
        top = level[0].tobytes()
    return top


def siblings(index: int, size: int) -> Iterator[tuple[int, int]]:
    """Where the path of a leaf lies in its tree (RFC 9162 2.1.3.1): level and place of each digest, leaves first."""
    for height, count in enumerate(heights(size)):
        if (index ^ 1) < count:
            yield height, index ^ 1
        index >>= 1


def climb(found: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes:
    """The root that a leaf's digest leads to by a path, as RFC 9162 2.1.3.2 has it.

    The leaf is the published one when that root is the published one. WrongPath when the path is too long or too
    short for a leaf at `index` (from 0) among `size`.
    """
    if not 0 <= index < size:
        raise WrongPath(f"there is no leaf {index} among {size}")
    at, last = index, size - 1
    for beside in path:
        if not last:
            raise WrongPath(f"a path of {len(path)} is too long for {size} leaves")
        if at & 1 or at == last:
            found = node(beside, found)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            found = node(found, beside)
        at, last = at >> 1, last >> 1
    if last:
        raise WrongPath(f"a path of {len(path)} is too short for leaf {index} of {size}")
    return found
