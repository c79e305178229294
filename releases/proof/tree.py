"""The tree over a layer's features as a file: all digests, level by level, leaves first, 32 bytes each."""

from __future__ import annotations

from pathlib import Path

from releases.proof import canonical, merkle
from releases.table import Table


def root(table: Table) -> str:
    """The root over a layer's features, in hex."""
    return merkle.root(list(canonical.leaves(table))).hex()


def write(table: Table, path: Path) -> None:
    """Write the whole tree of a table to a new file."""
    with path.open("xb") as file:
        for level in merkle.levels(list(canonical.leaves(table))):
            file.write(b"".join(level))
