"""The text of a layer with some features written anew, and where each line begins now."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from releases import featuretext
from releases.table import Table

#: Bytes that are copied by one call.
_COPIED = 2**30


def write(before: Path, offsets: Path, after: Table, keys: np.ndarray, text: Path, new_offsets: Path) -> None:
    """Write the text of a release whose features of `keys` (m,), ascending, are the rows of `after`."""
    starts = np.load(offsets)
    lines = [line for chunk in featuretext.lines(after) for line in chunk]
    sizes = np.diff(starts)
    sizes[keys - 1] = [len(line) for line in lines]
    with before.open("rb") as source, text.open("xb", buffering=0) as sink:
        at = 0
        for key, line in zip(keys.tolist(), lines):
            copied(source.fileno(), sink.fileno(), at, int(starts[key - 1]))
            sink.write(line)
            at = int(starts[key])
        copied(source.fileno(), sink.fileno(), at, int(starts[-1]))
    with new_offsets.open("xb") as file:
        np.save(file, np.concatenate([[0], np.cumsum(sizes)]).astype("<i8"))


def copied(source: int, sink: int, start: int, end: int) -> None:
    """Copy the bytes from `start` to `end` of one open file behind what stands in another."""
    while start < end:
        start += os.sendfile(sink, source, start, min(end - start, _COPIED))
