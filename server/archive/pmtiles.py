"""PMTiles 3: a file that a browser reads by ranges, with no program behind it.

    header, 127 bytes | root directory | metadata | leaf directories | tiles in the order of the Hilbert curve

Own writer of a hundred lines, because the one on PyPI knows equal tiles by Python's hash(), which is no
digest: two different tiles can have the same. https://github.com/protomaps/PMTiles/blob/main/spec/v3/spec.md
"""

from __future__ import annotations

import gzip
import json
import shutil
import struct
import tempfile
from collections.abc import Iterable
from hashlib import blake2b
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from server.archive.about import About
from tiles import hilbert

#: Header and root directory lie within the first 16 KiB (3, "Overview").
HEADER: Final = 127
ROOT: Final = 16_384 - HEADER
#: Entries of a leaf, at first: more when the root would grow too large.
LEAF: Final = 4096
_GZIP: Final = 2
_MVT: Final = 1

#: zoom, column, row counted from the north, the body coded by gzip.
Tile = tuple[int, int, int, bytes]


class Entry(NamedTuple):
    """Tiles `id` to `id + run - 1`, all the same bytes; of a leaf the run is 0 (3, "Directories")."""

    id: int
    offset: int
    length: int
    run: int


def write(path: Path, about: About, tiles: Iterable[Tile]) -> tuple[int, int]:
    """Write an archive of tiles that come in the order of their ids; how many, and how many different ones."""
    with tempfile.TemporaryFile(dir=path.parent) as data:
        entries: list[Entry] = []
        known: dict[bytes, tuple[int, int]] = {}
        end = 0
        for zoom, col, row, body in tiles:
            digest = blake2b(body, digest_size=16).digest()
            if digest not in known:
                known[digest] = (end, len(body))
                data.write(body)
                end += len(body)
            _add(entries, tile_id(zoom, col, row), *known[digest])
        root, leaves = _directories(entries)
        metadata = gzip.compress(_metadata(about), 9, mtime=0)
        counts = (sum(entry.run for entry in entries), len(entries), len(known))
        with path.open("wb") as file:
            file.write(_header(about, [len(root), len(metadata), len(leaves), end], counts))
            file.write(root + metadata + leaves)
            data.seek(0)
            shutil.copyfileobj(data, file, 2**20)
    return counts[0], counts[2]


def tile_id(zoom: int, col: int, row: int) -> int:
    """The number of a tile: all tiles of lower zooms come before it (3, "Tile ID")."""
    return ((1 << 2 * zoom) - 1) // 3 + int(hilbert.curve(np.array([col]), np.array([row]), zoom)[0])


def _add(entries: list[Entry], number: int, offset: int, length: int) -> None:
    last = entries[-1] if entries else None
    if last is not None and number < last.id + last.run:
        raise ValueError(f"tile {number} comes after {last.id + last.run - 1}, expected ascending ids")
    if last is not None and number == last.id + last.run and offset == last.offset:
        entries[-1] = last._replace(run=last.run + 1)
    else:
        entries.append(Entry(number, offset, length, 1))


def _directories(entries: list[Entry]) -> tuple[bytes, bytes]:
    """The root directory and the leaves that it leads to, none when all entries fit in the root."""
    root, leaves, size = directory(entries), b"", LEAF
    while len(root) > ROOT:
        parts = [directory(entries[at : at + size]) for at in range(0, len(entries), size)]
        ends = np.cumsum([0, *map(len, parts)]).tolist()
        lead = [Entry(entries[at * size].id, ends[at], len(part), 0) for at, part in enumerate(parts)]
        root, leaves, size = directory(lead), b"".join(parts), 2 * size
    return root, leaves


def directory(entries: list[Entry]) -> bytes:
    """Entries as a directory: counts first, then column by column (3, "Encoding")."""
    numbers = [len(entries)]
    last = 0
    for entry in entries:
        numbers.append(entry.id - last)
        last = entry.id
    numbers += [entry.run for entry in entries]
    numbers += [entry.length for entry in entries]
    end = -1
    for entry in entries:
        # 0 says: right behind the one before.
        numbers.append(0 if entry.offset == end else entry.offset + 1)
        end = entry.offset + entry.length
    return gzip.compress(b"".join(map(_varint, numbers)), 9, mtime=0)


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    out.append(number)
    return bytes(out)


def _header(about: About, sizes: list[int], counts: tuple[int, int, int]) -> bytes:
    """Where each part lies, how many tiles there are, how they are coded and where they are (3, "Header")."""
    parts = []
    at = HEADER
    for size in sizes:
        parts += [at, size]
        at += size
    west, south, east, north = (round(degrees * 1e7) for degrees in about.box)
    lon, lat, zoom = round(about.centre[0] * 1e7), round(about.centre[1] * 1e7), about.centre[2]
    coded = struct.pack("<6B", 1, _GZIP, _GZIP, _MVT, about.low, about.high)
    places = struct.pack("<4iB2i", west, south, east, north, zoom, lon, lat)
    return b"PMTiles\x03" + struct.pack("<8Q3Q", *parts, *counts) + coded + places


def _metadata(about: About) -> bytes:
    document = {
        "name": about.name,
        "description": about.description,
        "attribution": about.attribution,
        "type": "overlay",
        "version": "1",
        "release": about.release,
        "vector_layers": about.layers,
    }
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
