"""The features of a layer as they are served: GeoJSON text, a feature a line, in the order of ids.

Why not in the GeoPackage, beside each row: here a page of consecutive features is one read of one stretch of
a file, the GeoPackage holds nothing but the layer, and the sha256 of this file, which anybody can compute,
*is* the layer's digest in the manifest. The format is newline-delimited GeoJSON, which GDAL's GeoJSONSeq
driver reads.
"""

from __future__ import annotations

import hashlib
import os
import weakref
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import orjson
import shapely
from numpy.typing import NDArray

from releases.store import ReleaseDamaged
from releases.table import Table

#: Features turned into text at once: enough to make array calls cheap, few enough to hold in memory.
CHUNK = 4096
#: Lines with at most so many bytes between them are read in one go: about what a read call costs.
GAP = 16_384
#: Bytes of text that a stream reads at a time: enough to keep a fast client busy, few enough for many slow ones,
#: for each of whom an HTTP server keeps several pieces waiting (Granian about eight).
STREAMED = 2**18
#: Keys whose places a stream looks up at once.
BLOCK = 65_536


def lines(table: Table) -> Iterator[list[bytes]]:
    """The features' texts by chunks, each text ending in a line feed.

    Members stand in the order type, id, geometry, properties; properties in the order of the layer's fields,
    nulls kept; no spaces. Coordinates are longitude, latitude (RFC 7946 4).
    """
    for start in range(0, len(table), CHUNK):
        yield _chunk(table, slice(start, start + CHUNK))


def _chunk(table: Table, part: slice) -> list[bytes]:
    names = list(table.values)
    rows = zip(*(column[part] for column in table.values.values()), strict=True)
    # GEOS writes numbers that read back equal, nearly all of them in their shortest form.
    shapes = shapely.to_geojson(table.geometry[part])
    return [
        b'{"type":"Feature","id":%b,"geometry":%b,"properties":%b}\n'
        % (
            orjson.dumps(name),
            b"null" if shape is None else shape.encode(),
            orjson.dumps(dict(zip(names, row))),
        )
        for name, shape, row in zip(table.ids[part], shapes, rows, strict=True)
    ]


def digest(table: Table) -> str:
    """The sha256 that the text file of this table has, in hex."""
    found = hashlib.sha256()
    for chunk in lines(table):
        found.update(b"".join(chunk))
    return found.hexdigest()


def write(table: Table, text: Path, offsets: Path) -> None:
    """Write the text and where each line begins: int64 (n + 1,) as .npy; the last is the size."""
    sizes: list[int] = []
    with text.open("xb") as file:
        for chunk in lines(table):
            sizes.extend(map(len, chunk))
            file.write(b"".join(chunk))
    with offsets.open("xb") as file:
        np.save(file, np.concatenate([[0], np.cumsum(sizes)]).astype("<i8"))


class FeatureText:
    """A text file opened for reading, by keys: feature k is line k, from 1. Safe for many threads.

    `os.pread` rather than a memory map: a page not yet in memory blocks only its own thread, and a file cut
    short by someone is a short read and not a bus error.
    """

    def __init__(self, text: Path, offsets: Path) -> None:
        self._offsets = np.load(offsets)
        #: All keys, so that every walk over the whole layer shares them.
        self.keys = np.arange(1, len(self._offsets), dtype=np.uint32)
        self._path = text
        self._file = os.open(text, os.O_RDONLY | os.O_CLOEXEC)
        weakref.finalize(self, os.close, self._file)

    def __len__(self) -> int:
        return len(self._offsets) - 1

    def one(self, key: int) -> bytes:
        """The feature of a key, without its line feed."""
        start, end = self._offsets[key - 1 : key + 1].tolist()
        return self._read(start, end)[:-1]

    def head(self, key: int, size: int) -> bytes:
        """The first bytes of the feature of a key, at most `size`."""
        start, end = self._offsets[key - 1 : key + 1].tolist()
        return self._read(start, min(end, start + size))

    def stream(self, keys: NDArray[np.uint32]) -> Iterator[list[bytes]]:
        """The features of keys in their order, in lists of about STREAMED bytes, each read when it is asked for."""
        for block in range(0, len(keys), BLOCK):
            some = keys[block : block + BLOCK]
            ends = np.cumsum(self._offsets[some] - self._offsets[some - 1])
            at = sent = 0
            while at < len(some):
                behind = max(int(np.searchsorted(ends, sent + STREAMED, side="right")), at + 1)
                yield self._pick(some[at:behind])
                at, sent = behind, int(ends[behind - 1])

    def _pick(self, keys: NDArray[np.uint32]) -> list[bytes]:
        if len(keys) > 1 and (keys[1:] < keys[:-1]).any():
            # Read in the order of the file, which is that of keys, and handed out in theirs.
            order = np.argsort(keys)
            found = dict(zip(order.tolist(), self._ascending(keys[order])))
            return [found[i] for i in range(len(keys))]
        return self._ascending(keys)

    def _ascending(self, keys: NDArray[np.uint32]) -> list[bytes]:
        """Near ones are read together."""
        starts, ends = self._offsets[keys - 1], self._offsets[keys]
        breaks = (np.flatnonzero(starts[1:] - ends[:-1] > GAP) + 1).tolist()
        begin, end = starts.tolist(), ends.tolist()
        found: list[bytes] = []
        for a, b in pairwise([0, *breaks, len(keys)]):
            start = begin[a]
            data = self._read(start, end[b - 1])
            found.extend([data[x - start : y - start - 1] for x, y in zip(begin[a:b], end[a:b])])
        return found

    def _read(self, start: int, end: int) -> bytes:
        data = os.pread(self._file, end - start, start)
        if len(data) != end - start:
            raise ReleaseDamaged(self._path, f"it ends before byte {end}")
        return data
