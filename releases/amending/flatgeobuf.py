"""The FlatGeobuf of a layer with some features written anew.

    magic 8 | size 4 | header | nodes of the R-tree, 40 bytes each: the root, ... the leaves | size 4 | feature | ...

A node is a box and, of a leaf, where its feature begins behind the tree. GDAL writes the features that are looked for
and those that take their places, so that no byte of them is ours; here they are put in, the leaves behind them are
moved, and the boxes above are drawn again. Layout: https://github.com/flatgeobuf/flatgeobuf, 3.0.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from config.models import Box, Lang
from releases.amending.differences import NotInPlace
from releases.amending.texts import copied
from releases.formats import columns, flatgeobuf
from releases.formats.subject import Subject
from releases.manifest import PublishedLayer
from releases.table import Table

MAGIC, FAN = 8, 16
NODE = np.dtype([("box", "<f8", (4,)), ("offset", "<u8")])
_SIZE = 4


def write(
    before: tuple[PublishedLayer, Path, Table],
    after: tuple[PublishedLayer, Path, Table],
    parquet: Path,
    lang: Lang,
) -> None:
    """Write the file of a layer in which the features of one table are those of another.

    `before` and `after` are the layer as published, its file, and the rows that differ; `parquet` is the published
    file whose columns the layer has in Arrow.
    """
    (was, old, rows), (layer, new, others) = before, after
    subject = Subject(layer=was, release="", lang=lang, whole=parquet)
    gone, come = list(_features(rows, subject)), list(_features(others, subject))
    with old.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as view:
        end = MAGIC + _SIZE + int.from_bytes(view[MAGIC : MAGIC + _SIZE], "little")
        header = _head(view[:end], was, layer)
        count = 0 if was.null_geometries else was.count
        levels = _levels(count)
        nodes = np.frombuffer(view[end : end + sum(levels) * NODE.itemsize], dtype=NODE).copy()
        start = end + nodes.nbytes
        places = _places(view, start, nodes[len(nodes) - count :], gone, rows.geometry)
        if len(nodes):
            _index(nodes, levels, places, [len(b) - len(a) for a, b in zip(gone, come)], others.geometry)
        with new.open("xb", buffering=0) as sink:
            sink.write(header + nodes.tobytes())
            at = start
            for i in np.argsort(places).tolist():
                place = start + int(places[i])
                copied(file.fileno(), sink.fileno(), at, place)
                sink.write(come[i])
                at = place + len(gone[i])
            copied(file.fileno(), sink.fileno(), at, len(view))


def _features(table: Table, subject: Subject) -> Iterator[bytes]:
    """The rows of a table as GDAL writes them, each with its size before it."""
    schema = columns.of_subject(subject)
    with TemporaryDirectory(dir=subject.scratch, prefix="flatgeobuf-") as folder:
        path = Path(folder) / "rows.fgb"
        flatgeobuf.put(path, schema, [columns.batch(schema, table.values, table.geometry)], subject.layer)
        data = path.read_bytes()
    at = MAGIC + _SIZE + int.from_bytes(data[MAGIC : MAGIC + _SIZE], "little")
    while at < len(data):
        size = _SIZE + int.from_bytes(data[at : at + _SIZE], "little")
        yield data[at : at + size]
        at += size


def _head(header: bytes, was: PublishedLayer, layer: PublishedLayer) -> bytes:
    """The header with the digest and the extent of today, which are as long as those of before."""
    for old, new in ((was.digest.encode(), layer.digest.encode()), (_box(was.extent), _box(layer.extent))):
        if old != new and header.count(old) != 1:
            raise NotInPlace("FlatGeobuf 文件头无法改写", "the header of the FlatGeobuf cannot be rewritten")
        header = header.replace(old, new)
    return header


def _box(extent: Box | None) -> bytes:
    return np.array(extent or (), dtype="<f8").tobytes()


def _levels(count: int) -> list[int]:
    """How many nodes each level of the tree has, the root first; nothing without a tree."""
    found = [count] if count else []
    while found and found[0] > 1:
        found.insert(0, -(-found[0] // FAN))
    return [1, *found] if len(found) == 1 else found


def _places(
    view: mmap.mmap, start: int, leaves: NDArray[Any], gone: list[bytes], geometry: NDArray[np.object_]
) -> NDArray[np.int64]:
    """Where each feature begins behind the tree."""
    found = []
    for data, box in zip(gone, shapely.bounds(geometry)):
        if len(leaves):
            alike = np.flatnonzero((leaves["box"] == box).all(axis=1))
            candidates = [start + int(leaves["offset"][i]) for i in alike]
        else:
            candidates = [view.find(data, start)]
        place = next((at for at in candidates if at >= 0 and view[at : at + len(data)] == data), None)
        if place is None:
            raise NotInPlace("FlatGeobuf 中找不到要素", "a feature is not found in the FlatGeobuf")
        found.append(place - start)
    return np.array(found, dtype=np.int64)


def _index(
    nodes: NDArray[Any],
    levels: list[int],
    places: NDArray[np.int64],
    growth: list[int],
    geometry: NDArray[np.object_],
) -> None:
    """Move the leaves behind features that grew, and draw their boxes and those above again (in place)."""
    ends = np.cumsum([0, *levels])
    leaves = nodes[ends[-2] :]
    order = np.argsort(places)
    at = np.searchsorted(leaves["offset"], places.astype(np.uint64))
    leaves["box"][at] = shapely.bounds(geometry)
    moved = np.cumsum(np.asarray(growth, dtype=np.int64)[order])
    behind = np.searchsorted(places[order], leaves["offset"].astype(np.int64), side="left")
    leaves["offset"] = (leaves["offset"].astype(np.int64) + np.concatenate([[0], moved])[behind]).astype(
        "<u8"
    )
    for (a, b), (_, c) in reversed(list(pairwise(pairwise(ends.tolist())))):
        below = nodes["box"][b:c]
        first = np.arange(0, c - b, FAN)
        low = np.minimum.reduceat(below[:, :2], first, axis=0)
        high = np.maximum.reduceat(below[:, 2:], first, axis=0)
        nodes["box"][a:b] = np.hstack([low, high])
