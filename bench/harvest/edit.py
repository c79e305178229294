"""A delivery with some other values: what an authority sends that has corrected a few of its features."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np

from bench.dataset import Dataset

#: The zoning of the authority that delivers shapefiles, and a number in it that no rule compares with anything.
FILE = Path("chongqing") / "GHFQ.dbf"
FIELD = "SEED"


def edit(data: Dataset, count: int) -> None:
    """Write another number into a field of `count` features, spread over the whole file, in place."""
    path = data.folder / "data" / FILE
    with path.open("r+b") as file:
        records, head, width = struct.unpack("<xxxxIHH", file.read(12))
        at, size = _field(file.read(head - 12)[20:])
        rows = np.linspace(0, records - 1, count).astype(int)
        for row in rows.tolist():
            place = head + row * width + at
            file.seek(place)
            number = int(file.read(size) or 0)
            file.seek(place)
            file.write(str((number + 1) % 10 ** min(size, 6)).rjust(size).encode())


def _field(heads: bytes) -> tuple[int, int]:
    """Where the field begins in a record of dBASE III, and how wide it is."""
    at = 1
    for start in range(0, len(heads) - 31, 32):
        head = heads[start : start + 32]
        if head[:11].rstrip(b"\0").decode() == FIELD:
            return at, head[16]
        at += head[16]
    raise LookupError(f"{FILE} has no field {FIELD}")
