"""The tree over a layer's features as a file: all digests, level by level, leaves first, 32 bytes each.

Leaves stand in the order of ids, so leaf i is the feature of key i + 1. A proof reads some twenty digests; they are
read and not mapped, so that a file cut short by someone is an error and not the end of the process.
"""

from __future__ import annotations

import os
import shutil
import weakref
from collections.abc import Mapping
from itertools import accumulate
from pathlib import Path

import numpy as np

from releases.proof import merkle
from releases.proof.merkle import SIZE, Digests
from releases.store import ReleaseDamaged


def write(leaves: Digests, path: Path) -> None:
    """Write the whole tree over a table's leaves to a new file."""
    with path.open("xb") as file:
        for level in merkle.levels(leaves):
            file.write(level)


class Tree:
    """A tree opened for reading; safe for many threads. `size` is the number of its leaves.

    Raises ReleaseDamaged when the file is not as long as such a tree is.
    """

    def __init__(self, path: Path, size: int) -> None:
        self.size = size
        self._path = path
        self._counts = merkle.heights(size)
        #: Where each level begins, in digests.
        self._starts = [0, *accumulate(self._counts)]
        self._file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        weakref.finalize(self, os.close, self._file)
        found = os.fstat(self._file).st_size
        if found != self._starts[-1] * SIZE:
            raise ReleaseDamaged(path, f"it has {found} bytes, expected {self._starts[-1] * SIZE}")

    @property
    def root(self) -> bytes:
        """The digest over all leaves."""
        return self._digest(len(self._counts) - 1, 0) if self.size else merkle.EMPTY

    def leaf(self, key: int) -> bytes:
        """The digest of the feature of a key, from 1."""
        return self._digest(0, self._index(key))

    def path(self, key: int) -> list[bytes]:
        """What proves that the feature of a key is under the root (RFC 9162 2.1.3.1): from its neighbour upwards."""
        return [self._digest(*place) for place in merkle.siblings(self._index(key), self.size)]

    def leaves(self) -> Digests:
        """All leaves (n, 32)."""
        found = np.fromfile(self._path, np.uint8, self.size * SIZE)
        if found.size != self.size * SIZE:
            raise ReleaseDamaged(self._path, "it is cut short")
        return found.reshape(-1, SIZE)

    def update(self, changed: Mapping[int, bytes], path: Path) -> bytes:
        """Write a tree in which the features of some keys have other digests, to a new file; its root.

        As long as ids stay the same: one that is added or removed moves all behind it, and `write` is quick.
        """
        fresh = {self._index(key): digest for key, digest in changed.items()}
        path.touch(exist_ok=False)
        shutil.copyfile(self._path, path)
        top = self.root
        with path.open("r+b") as file:
            for height, count in enumerate(self._counts):
                for index, digest in sorted(fresh.items()):
                    file.seek((self._starts[height] + index) * SIZE)
                    file.write(digest)
                    top = digest
                fresh = self._parents(fresh, height, count)
        return top

    def _parents(self, fresh: Mapping[int, bytes], height: int, count: int) -> dict[int, bytes]:
        """The nodes above some digests of a level, of which those that did not change are read."""
        found = {}
        for above in {index >> 1 for index in fresh}:
            pair = (above << 1, (above << 1) + 1)
            left, *right = (
                fresh[one] if one in fresh else self._digest(height, one) for one in pair if one < count
            )
            found[above] = merkle.node(left, right[0]) if right else left
        return found

    def _index(self, key: int) -> int:
        if not 1 <= key <= self.size:
            raise IndexError(f"no feature has the key {key}: there are {self.size}")
        return key - 1

    def _digest(self, height: int, index: int) -> bytes:
        found = os.pread(self._file, SIZE, (self._starts[height] + index) * SIZE)
        if len(found) != SIZE:
            raise ReleaseDamaged(self._path, "it is cut short")
        return found
