"""The Merkle tree of RFC 9162, 2.1: one digest for a list, and a short proof for each entry of it.

    digest of a leaf    SHA-256(0x00 || entry)
    digest of a node    SHA-256(0x01 || left || right)
    an empty list       SHA-256()

The RFC splits a list of n at the largest power of two below n. Pairing from the left, level by level, with a last
one that has no partner going up as it is, gives the same tree, and levels that can be kept in a file.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256

LEAF, NODE = b"\0", b"\1"
SIZE = 32
EMPTY = sha256().digest()


def leaf(entry: bytes) -> bytes:
    """The digest of one entry."""
    return sha256(LEAF + entry).digest()


def levels(leaves: Sequence[bytes]) -> Iterable[Sequence[bytes]]:
    """The tree from its leaves up to its root, which is the last level's only member; nothing for no leaves."""
    level = leaves
    while level:
        yield level
        if len(level) == 1:
            return
        pairs = zip(level[0::2], level[1::2])
        above = [sha256(NODE + left + right).digest() for left, right in pairs]
        level = [*above, level[-1]] if len(level) % 2 else above


def root(leaves: Sequence[bytes]) -> bytes:
    """The digest of a whole list of leaves' digests."""
    top = EMPTY
    for level in levels(leaves):
        top = level[0]
    return top
