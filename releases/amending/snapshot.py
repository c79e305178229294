"""What the sources held when the current release was published, as they were read and before anything was made of it.

    published/sources/index.json      of which release, read by which program, and of each source its file and digest
    published/sources/<name>.arrow    its rows as GDAL read them, and the key that each has in the release

So the next publish finds the rows that differ by comparing columns, a second for a million rows. Nothing needs it: who
removes it makes the next publish a whole one.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import orjson
import pyarrow as pa
import pyogrio.raw
from numpy.typing import NDArray
from pydantic import ValidationError

from config.models import Frozen, Layer, Service, Source, Text
from releases import program
from releases.findings import Finding
from releases.history import sync_folder
from releases.sources.dataset import Dataset, opened
from releases.sources.raw import options_of
from releases.table import Candidate, Table

FOLDER: Final = "sources"
INDEX: Final = "index.json"
#: The column of keys; no format has a column of this name.
KEYS: Final = "\0key"


class Said(Frozen):
    """What was told of a source without being a fault, such as a field that is not delivered."""

    rule: str
    message: Text
    field: str | None


class Kept(Frozen):
    """One source: the digest of its file, its file here, what GDAL said of the table, and what was told of it."""

    sha256: str
    file: str
    crs: str | None
    kind: str | None
    said: tuple[Said, ...]


class Index(Frozen):
    """All sources of one release; `service` is the digest of the configuration that they were read by."""

    release: str
    program: str
    service: str
    sources: Mapping[str, Kept]


class Sources(NamedTuple):
    """Sources by name: how they are known in the index, and the rows of those that are not kept yet."""

    known: dict[str, Kept]
    fresh: dict[str, pa.Table]


def name_of(layer: Layer, source: Source) -> str:
    """What a source is known by."""
    said = f"{source.path}\0{source.table}"
    return f"{layer.id}-{source.authority}-{hashlib.sha256(said.encode()).hexdigest()[:8]}"


def digest_of(service: Service) -> str:
    """The digest of all that a service's sources are read, checked and published by."""
    told = service.model_dump_json(exclude={"published", "cache", "server", "limits", "url"})
    return hashlib.sha256(told.encode()).hexdigest()


def every(service: Service) -> Iterator[tuple[Layer, Source]]:
    """Each source with its layer, in the order of the configuration."""
    return ((layer, source) for layer in service.layers for source in layer.sources)


def read(service: Service, release_id: str) -> Index | None:
    """The index of a release's sources; None when they were read by another program or configuration, or are gone."""
    index = _index(service)
    fitting = (release_id, program.digest(), digest_of(service))
    return index if index and (index.release, index.program, index.service) == fitting else None


def _index(service: Service) -> Index | None:
    try:
        return Index.model_validate_json((service.published / FOLDER / INDEX).read_bytes())
    except (FileNotFoundError, ValidationError):
        return None


def is_of(service: Service, release_id: str) -> bool:
    """Whether a release was made by this program and is the last that was, whatever the configuration says now."""
    index = _index(service)
    return index is not None and (index.release, index.program) == (release_id, program.digest())


def rows(dataset: Dataset, table: str | None, encoding: str) -> tuple[Mapping[str, Any], pa.Table]:
    """What GDAL says of a table, and its rows, of which the first column has GDAL's numbers."""
    name = table or str(pyogrio.list_layers(dataset.path)[0][0])
    options = options_of(dataset, name, encoding)
    meta, found = pyogrio.raw.read_arrow(dataset.path, **options, datetime_as_string=True, return_fids=True)
    return meta, found.combine_chunks()


def kept(service: Service, one: Kept) -> pa.Table | None:
    """The rows of a source with their keys, mapped; None when the file is gone or cut short."""
    try:
        with pa.memory_map(str(service.published / FOLDER / one.file)) as file:
            return pa.ipc.open_file(file).read_all()
    except (FileNotFoundError, pa.ArrowInvalid):
        return None


def keep(service: Service, release_id: str, sources: Sources) -> None:
    """Keep the fresh sources' rows beside those that are kept already, and the index of them all."""
    folder = service.published / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    # Until the new index stands, there is none: no file is ever taken for another release's.
    (folder / INDEX).unlink(missing_ok=True)
    for name, found in sources.fresh.items():
        with (
            (folder / sources.known[name].file).open("wb") as file,
            pa.ipc.new_file(file, found.schema) as sink,
        ):
            sink.write_table(found)
    wanted = {one.file for one in sources.known.values()}
    for path in folder.iterdir():
        if path.name not in wanted:
            path.unlink()
    index = Index(
        release=release_id, program=program.digest(), service=digest_of(service), sources=sources.known
    )
    fresh = folder / f"{INDEX}.new"
    fresh.write_bytes(orjson.dumps(index.model_dump(mode="json"), option=orjson.OPT_INDENT_2))
    os.replace(fresh, folder / INDEX)
    sync_folder(folder)


def of_candidate(service: Service, candidate: Candidate, findings: Sequence[Finding]) -> Sources | None:
    """All sources as a whole publish has read them, with the keys of their rows.

    None when a layer has two sources of one authority (which of them a feature came from, nobody knows any more), or when
    a file is no longer what was read.
    """
    pairs = [(layer.id, source.authority) for layer, source in every(service)]
    if len(set(pairs)) < len(pairs):
        return None
    tables = {table.layer.id: table for table in candidate.tables}
    read_as = {(one.layer, one.authority): one.sha256 for one in candidate.sources}
    found = Sources({}, {})
    digests: dict[Path, str] = {}
    for layer, source in every(service):
        with opened(source, service.data, digests) as dataset:
            if dataset.sha256 != read_as[layer.id, source.authority]:
                return None
            name = name_of(layer, source)
            meta, content = rows(dataset, source.table, source.encoding)
            keys = _keys(tables[layer.id], source.authority, len(content))
            found.known[name] = described(name, dataset, meta, _told(findings, layer, source))
            found.fresh[name] = content.append_column(KEYS, pa.array(keys))
    return found


def described(name: str, dataset: Dataset, meta: Mapping[str, Any], told: Sequence[Finding]) -> Kept:
    """How a source is known in the index."""
    return Kept(
        sha256=dataset.sha256,
        file=f"{name}-{dataset.sha256[:16]}.arrow",
        crs=meta["crs"],
        kind=meta["geometry_type"],
        said=tuple(Said(rule=one.rule, message=one.message, field=one.field) for one in told),
    )


def told_again(one: Kept, layer: Layer, source: Source) -> list[Finding]:
    """What was told of a source, as findings."""
    return [Finding(said.rule, said.message, source.authority, layer.id, said.field) for said in one.said]


def _told(findings: Sequence[Finding], layer: Layer, source: Source) -> list[Finding]:
    return [one for one in findings if (one.layer, one.authority) == (layer.id, source.authority)]


def _keys(table: Table, authority: str, count: int) -> NDArray[np.uint32]:
    """The key of each row of one authority's source."""
    keys = np.zeros(count, dtype=np.uint32)
    mine = np.flatnonzero(table.authority == authority)
    keys[table.row[mine] - 1] = mine + 1
    return keys
