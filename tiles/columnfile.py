"""Columns in a file: a line of JSON that says where each array lies, then the arrays, memory-mapped when read.

    BLUEPRINT-COLUMNS-1\\n | header length, 8 bytes | header JSON | padding | array | padding | array ...

Every array starts at a multiple of 64 bytes, so that maps are aligned for the processor. Equal columns give equal bytes.
"""

from __future__ import annotations

import json
import mmap
from pathlib import Path
from typing import Any

import numpy as np

from tiles.columns import Columns

MAGIC = b"BLUEPRINT-COLUMNS-1\n"
ALIGNMENT = 64


class ColumnFileError(ValueError):
    """A file that is no column file, or a damaged one; the message names it."""


def write(path: Path, columns: Columns) -> None:
    """Write columns to a new file."""
    arrays = {name: np.ascontiguousarray(value) for name, value in columns._asdict().items()}
    entries: dict[str, dict[str, Any]] = {}
    offset = 0
    for name, array in arrays.items():
        offset = _aligned(offset)
        entries[name] = {"dtype": array.dtype.str, "shape": list(array.shape), "offset": offset}
        offset += array.nbytes
    header = json.dumps({"arrays": entries, "length": offset}, sort_keys=True, separators=(",", ":")).encode()
    with path.open("wb") as file:
        file.write(MAGIC + len(header).to_bytes(8, "little") + header)
        start = _aligned(file.tell())
        for name, array in arrays.items():
            file.write(b"\0" * (start + entries[name]["offset"] - file.tell()))
            file.write(array.tobytes())


def read(path: Path) -> Columns:
    """Map the columns of a file; pages are read when they are touched. ColumnFileError when the file is not sound."""
    try:
        with path.open("rb") as file:
            view = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError) as fault:  # an empty file cannot be mapped
        raise ColumnFileError(f"{path}: cannot be read: {fault}") from fault
    if view[: len(MAGIC)] != MAGIC:
        raise ColumnFileError(f"{path}: not a column file")
    begin = len(MAGIC) + 8
    length = int.from_bytes(view[len(MAGIC) : begin], "little")
    try:
        header = json.loads(view[begin : begin + length])
        entries = header["arrays"]
        start = _aligned(begin + length)
        if start + header["length"] > len(view):
            raise ColumnFileError(
                f"{path}: cut short, {len(view)} bytes instead of {start + header['length']}"
            )
        return Columns(**{name: _array(view, start, entries[name]) for name in Columns._fields})
    except (KeyError, TypeError, ValueError) as fault:
        if isinstance(fault, ColumnFileError):
            raise
        raise ColumnFileError(f"{path}: damaged header: {fault}") from fault


def _array(view: mmap.mmap, start: int, entry: dict[str, Any]) -> np.ndarray[Any, Any]:
    shape = tuple(entry["shape"])
    count = int(np.prod(shape, dtype=np.int64))
    flat = np.frombuffer(view, dtype=np.dtype(entry["dtype"]), count=count, offset=start + entry["offset"])
    return flat.reshape(shape)


def _aligned(offset: int) -> int:
    return -(-offset // ALIGNMENT) * ALIGNMENT
