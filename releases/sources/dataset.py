"""A source as files on disk: found, readable, hashed, unpacked from a zip archive if need be.

What GDAL cannot tell plainly is told here first: a path that leads nowhere, one that may not be read, an
archive cut short. An archive is unpacked instead of read in place, so that the parts of a shapefile can be
checked like any other.
"""

from __future__ import annotations

import hashlib
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from config.models import Source
from releases.sources.fault import SourceFault, suggestion

SUFFIXES: dict[str, str] = {
    ".gpkg": "gpkg",
    ".shp": "shapefile",
    ".geojson": "geojson",
    ".json": "geojson",
    ".fgb": "flatgeobuf",
}

#: The files that make a shapefile, where they are present; an index or metadata beside them changes nothing.
PARTS = (".cpg", ".dbf", ".prj", ".shp", ".shx")


@dataclass(frozen=True, slots=True)
class Dataset:
    """A file to open: its path, its format, the table the configuration names, and its digest."""

    path: Path
    format: str
    table: str | None
    sha256: str


@contextmanager
def opened(source: Source, data: Path, digests: dict[Path, str]) -> Iterator[Dataset]:
    """The dataset a source points to, for as long as the block lasts; SourceFault when there is none.

    `data` is the folder that the source's path is relative to; `digests` are those of files read before, and
    is added to, since one GeoPackage holds many layers. `sha256` is of the bytes as delivered: the archive's
    where there is one, for a shapefile those of its parts in the order of their names.
    """
    path = data / source.path
    _present(path, source.path)
    if path.suffix.lower() != ".zip":
        kind = _format(source, path)
        files = [path] if kind != "shapefile" else list(parts(path).values())
        yield Dataset(path, kind, source.table, _digest(path, files, digests))
        return
    with tempfile.TemporaryDirectory(prefix="blueprint-") as folder:
        _unpack(path, Path(folder), source.path)
        inner = _inside(Path(folder), source)
        yield Dataset(inner, _format(source, inner), source.table, _digest(path, [path], digests))


def parts(path: Path) -> dict[str, Path]:
    """The files of a shapefile that lie beside `path`, by lower-case suffix, in the order of suffixes."""
    beside = {p.suffix.lower(): p for p in path.parent.iterdir() if p.stem.casefold() == path.stem.casefold()}
    return {suffix: beside[suffix] for suffix in PARTS if suffix in beside}


def _present(path: Path, name: str) -> None:
    try:
        with path.open("rb") as file:
            file.read(1)
    except FileNotFoundError:
        siblings = [p.name for p in path.parent.iterdir()] if path.parent.is_dir() else []
        zh, en = suggestion(path.name, siblings)
        raise SourceFault("source-missing", f"没有文件 {name}{zh}", f"there is no file {name}{en}") from None
    except OSError as error:
        raise _unreadable(name, error) from error


def _unreadable(name: str, error: OSError) -> SourceFault:
    reason = error.strerror or str(error)
    return SourceFault(
        "source-unreadable", f"文件 {name} 无法读取：{reason}", f"the file {name} cannot be read: {reason}"
    )


def _format(source: Source, path: Path) -> str:
    kind = source.format or SUFFIXES.get(path.suffix.lower())
    if kind is None:
        known = ", ".join(SUFFIXES)
        raise SourceFault(
            "source-format",
            f"从后缀看不出 {path.name} 的格式；可用后缀：{known}，或在配置中写明 format",
            f"the suffix of {path.name} names no format; known are {known}, or configure `format`",
        )
    return kind


def _digest(path: Path, files: list[Path], digests: dict[Path, str]) -> str:
    if path not in digests:
        digest = hashlib.sha256()
        try:
            for file in files:
                with file.open("rb") as stream:
                    while chunk := stream.read(1 << 20):
                        digest.update(chunk)
        except OSError as error:
            raise _unreadable(path.name, error) from error
        digests[path] = digest.hexdigest()
    return digests[path]


def _unpack(path: Path, folder: Path, name: str) -> None:
    # An OSError here is a full disk or a folder that may not be written: no fault of the data, so it passes.
    try:
        with zipfile.ZipFile(path) as archive:
            archive.extractall(folder)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise SourceFault(
            "source-archive",
            f"压缩包 {name} 不完整或已损坏：{error}",
            f"the archive {name} is cut short or damaged: {error}",
        ) from error


def _inside(folder: Path, source: Source) -> Path:
    found = sorted(p for p in folder.rglob("*") if p.suffix.lower() in SUFFIXES and p.is_file())
    if source.table is not None and len(found) > 1:
        found = [p for p in found if p.stem == source.table]
    if len(found) != 1:
        names = ", ".join(str(p.relative_to(folder)) for p in found) or "-"
        raise SourceFault(
            "source-archive",
            f"压缩包 {source.path} 中应恰有一个数据集（或用 table 指明），实有：{names}",
            f"the archive {source.path} must hold one dataset, or `table` must name it; it holds: {names}",
        )
    return found[0]
