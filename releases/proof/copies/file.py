"""A file, or a folder of files, as the copies of layers that it holds; the form is told by its first bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

from config.models import Layer
from releases.proof.copies import geojson, tables
from releases.proof.copies.rows import CopyUnreadable, Rows

#: Bytes by which a form is known: SQLite 3, Parquet, FlatGeobuf (major version 3).
_SQLITE, _PARQUET, _FLATGEOBUF = b"SQLite format 3\0", b"PAR1", b"fgb\3fgb"
_TEXT: Final = (b"{", b"\x1e", b"\xef\xbb\xbf")
_LONGEST: Final = 16
#: In a folder that is kept by harvesting, the name that leads to what it holds now.
CURRENT: Final = "current"


class Part(NamedTuple):
    """A copy of one layer: which, as far as the file says so, and how its features are read."""

    name: str | None
    path: Path
    rows: Callable[[Layer], Iterator[Rows]]


def parts(path: Path) -> list[Part]:
    """What a file holds, or the files of a folder; CopyUnreadable when that is nothing we know."""
    if path.is_dir():
        path = path / CURRENT if (path / CURRENT).is_dir() else path
        found = [part for file in sorted(path.iterdir()) if _known(file) for part in parts(file)]
        if not found:
            raise CopyUnreadable(f"{path} 中没有图层文件", f"{path} holds no file of a layer")
        return found
    head = _head(path)
    if head.startswith((_SQLITE, _FLATGEOBUF)):
        return [Part(name, path, partial(tables.read, path, name)) for name in tables.names(path)]
    if head.startswith(_PARQUET):
        return [Part(tables.collection(path) or path.stem, path, partial(tables.read_parquet, path))]
    if head.lstrip().startswith(_TEXT):
        return [Part(path.stem, path, partial(geojson.read, path))]
    raise CopyUnreadable(
        f"{path.name} 不是 GeoPackage、GeoParquet、FlatGeobuf 或 GeoJSON",
        f"{path.name} is no GeoPackage, GeoParquet, FlatGeobuf or GeoJSON",
    )


def _known(path: Path) -> bool:
    """Whether a file of a folder is one of ours: others may lie beside."""
    if not path.is_file():
        return False
    head = _head(path)
    return head.startswith((_SQLITE, _PARQUET, _FLATGEOBUF, b"\x1e")) or path.suffix in (
        ".geojson",
        ".geojsonl",
    )


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_LONGEST)
    except (FileNotFoundError, IsADirectoryError):
        raise CopyUnreadable(f"没有文件 {path}", f"there is no file {path}") from None
