"""Columns in a file: a header that says where each array lies, then the arrays, memory-mapped when read.

magic | length of the header, 8 bytes | its BLAKE2b digest, 16 | header, JSON | padding | array | padding ...

Every array starts at a multiple of 64 bytes, so that maps are aligned for the processor. Equal columns give
equal bytes. Reading checks all by which kernels find their way - a wrong offset would lead them out of the
map - and leaves coordinates and texts to the digest that a release's manifest keeps of the whole file.
"""

from __future__ import annotations

import json
import mmap
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tiles.columns import LINE, POINT, POLYGON, Columns

MAGIC = b"BLUEPRINT-COLUMNS-1\n"
ALIGNMENT = 64
#: Type and shape of each array; letters as in `Columns`, "+" one more, numbers themselves.
LAYOUT: dict[str, tuple[str, tuple[str | int, ...]]] = {
    "xy": ("<i4", ("v", 2)),
    "path_start": ("<i8", ("p+",)),
    "path_outer": ("|u1", ("p",)),
    "row_path": ("<i8", ("r+",)),
    "row_kind": ("|u1", ("r",)),
    "row_bounds": ("<i4", ("r", 4)),
    "row_id": ("<u8", ("r",)),
    "row_feature": ("<i8", ("r",)),
    "block_row": ("<i8", ("b+",)),
    "block_bounds": ("<i4", ("b", 4)),
    "codes": ("<i4", ("f", "r")),
    "field_value": ("<i8", ("f+",)),
    "value_start": ("<i8", ("n+",)),
    "value_bytes": ("|u1", ("y",)),
    "key_start": ("<i8", ("f+",)),
    "key_bytes": ("|u1", ("k",)),
}
#: Offsets, and what their last one ends.
OFFSETS = {
    "path_start": "v",
    "row_path": "p",
    "block_row": "r",
    "field_value": "n",
    "value_start": "y",
    "key_start": "k",
}


class ColumnFileError(ValueError):
    """A file that is no column file, or a damaged one; the message names it."""


def write(path: Path, columns: Columns) -> None:
    """Write columns to a file."""
    arrays = {
        name: np.ascontiguousarray(array, dtype=LAYOUT[name][0]) for name, array in columns._asdict().items()
    }
    entries: dict[str, dict[str, Any]] = {}
    length = 0
    for name, array in arrays.items():
        length = _aligned(length)
        entries[name] = {"shape": list(array.shape), "offset": length}
        length += array.nbytes
    header = json.dumps({"arrays": entries, "length": length}, sort_keys=True, separators=(",", ":")).encode()
    with path.open("wb") as file:
        file.write(MAGIC + len(header).to_bytes(8, "little") + _digest(header) + header)
        start = _aligned(file.tell())
        for name, array in arrays.items():
            file.write(b"\0" * (start + entries[name]["offset"] - file.tell()))
            file.write(array.reshape(-1).view(np.uint8))


def read(path: Path) -> Columns:
    """Map the columns of a file, whose pages are read when touched; ColumnFileError when it is not sound."""
    try:
        with path.open("rb") as file:
            view = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError) as fault:  # an empty file cannot be mapped
        raise ColumnFileError(f"{path}: cannot be read: {fault}") from fault
    if view[: len(MAGIC)] != MAGIC:
        raise ColumnFileError(f"{path}: not a column file")
    at = len(MAGIC)
    begin = at + 8 + 16
    end = begin + int.from_bytes(view[at : at + 8], "little")
    if _digest(view[begin:end]) != view[at + 8 : begin]:
        raise ColumnFileError(f"{path}: damaged: the header is not what was written")
    header = json.loads(view[begin:end])
    start = _aligned(end)
    if start + header["length"] != len(view):
        raise ColumnFileError(f"{path}: damaged: {len(view)} bytes, expected {start + header['length']}")
    entries = header["arrays"]
    columns = Columns(**{name: _array(view, start, name, entries[name]) for name in Columns._fields})
    astray = next(faults(columns), None)
    if astray:
        raise ColumnFileError(f"{path}: damaged: {astray}")
    return columns


def mapping(columns: Columns) -> mmap.mmap:
    """The map that columns were read as."""
    array: Any = columns.xy
    while not isinstance(array, mmap.mmap):
        array = array.obj if isinstance(array, memoryview) else array.base
    return array


def faults(columns: Columns) -> Iterator[str]:
    """What would lead a kernel astray in these columns, one sentence each."""
    sizes: dict[str, int] = {}
    for name, (_, shape) in LAYOUT.items():
        array = getattr(columns, name)
        if len(array.shape) != len(shape):
            yield f"{name} has {len(array.shape)} dimensions, expected {len(shape)}"
            return
        for found, letter in zip(array.shape, shape):
            size = found - 1 if str(letter).endswith("+") else found
            expected = letter if isinstance(letter, int) else sizes.setdefault(letter.rstrip("+"), size)
            if size != expected:
                yield f"{name} has the shape {array.shape}, expected {size} to be {expected}"
                return
    for name, letter in OFFSETS.items():
        offsets = getattr(columns, name)
        if offsets[0] != 0 or offsets[-1] != sizes[letter] or (offsets[1:] < offsets[:-1]).any():
            yield f"{name} does not ascend from 0 to {sizes[letter]}"
    if not np.isin(columns.row_kind, (POINT, LINE, POLYGON)).all():
        yield "row_kind holds an unknown kind"
    values = np.diff(columns.field_value)[:, np.newaxis]
    if (columns.codes < -1).any() or (columns.codes >= values).any():
        yield "codes name values that are not there"


def _array(view: mmap.mmap, start: int, name: str, entry: dict[str, Any]) -> NDArray[Any]:
    shape = tuple(entry["shape"])
    count = int(np.prod(shape, dtype=np.int64))
    flat = np.frombuffer(view, dtype=LAYOUT[name][0], count=count, offset=start + entry["offset"])
    return flat.reshape(shape)


def _digest(header: bytes) -> bytes:
    return blake2b(header, digest_size=16).digest()


def _aligned(offset: int) -> int:
    return -(-offset // ALIGNMENT) * ALIGNMENT
