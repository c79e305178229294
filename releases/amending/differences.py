"""Which features differ from those of the current release, found without reading those that do not.

file's digest as before ─ nothing differs
else its rows against those kept ─┬─ the same columns, as many rows, the same ids: the rows that differ
                                  └─ anything else: NotInPlace, and the whole publish has its turn
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from config.models import Layer, Service, Source, Text
from releases import description, records
from releases.amending import snapshot
from releases.amending.snapshot import KEYS, Kept, Sources
from releases.featuretext import FeatureText
from releases.findings import Finding
from releases.gate import RULES
from releases.manifest import PublishedLayer, PublishedSource
from releases.progress import Progress
from releases.proof import canonical
from releases.proof.tree import Tree
from releases.release import Release
from releases.rendition import PLAIN
from releases.sources import raw
from releases.sources.dataset import Dataset, opened
from releases.sources.delivery import deliveries
from releases.sources.fault import SourceFault
from releases.sources.reading import read_source
from releases.table import Delivery, Table

Keys = NDArray[np.uint32]
#: Features of a layer beyond which it is quicker to make all of it anew.
MOST: Final = 10_000


class NotInPlace(Exception):
    """What changed is more than some features in place; `why` says what, for the operator."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.why = Text(zh=zh, en=en)


class Origin(NamedTuple):
    """Where the features of a layer come from, by keys: the place of their authority among the layer's sources, row."""

    authorities: tuple[str, ...]
    authority: NDArray[np.uint8]
    row: NDArray[np.int64]


class Amendment(NamedTuple):
    """Features of a layer that differ: their keys (m,), ascending, what they were and what they are (m rows each)."""

    layer: PublishedLayer
    keys: Keys
    before: Table
    after: Table


class Differences(NamedTuple):
    """All that differs from a release.

    `origins` are of every layer; `said` what the delivery notes say and `findings` what was told while reading;
    `sources` what is kept for the publish after this.
    """

    amendments: tuple[Amendment, ...]
    origins: Mapping[str, Origin]
    said: Mapping[str, tuple[Delivery, ...]]
    findings: tuple[Finding, ...]
    records: tuple[PublishedSource, ...]
    sources: Sources


def find(service: Service, parent: Release, progress: Progress) -> Differences:
    """Compare the sources with a release; NotInPlace when they differ in more than features changed in place."""
    index = snapshot.read(service, parent.id)
    if index is None:
        raise NotInPlace("没有保留上一版次的来源", "the sources of the release before are not kept")
    said, noted = deliveries(service)
    walk = _Walk(service, parent, index.sources)
    every = list(snapshot.every(service))
    for done, (layer, source) in enumerate(every):
        progress(f"compare: {layer.id} ({source.authority})", done, len(every))
        walk.visit(layer, source)
    amendments = [
        one
        for layer in parent.manifest.layers
        if (one := _amendment(parent, layer, walk.changed.get(layer.id, []), walk.origins[layer.id]))
    ]
    walk.records.sort(key=lambda record: (record.layer, record.authority, record.path, record.table or ""))
    findings = (*noted, *walk.findings)
    return Differences(tuple(amendments), walk.origins, said, findings, tuple(walk.records), walk.sources)


class _Walk:
    """The sources one after the other, and what came of them."""

    def __init__(self, service: Service, parent: Release, known: Mapping[str, Kept]) -> None:
        self._service = service
        self._known = known
        self._published = {
            (one.layer, one.authority, one.path, one.table): one for one in parent.manifest.sources
        }
        self._digests: dict[Path, str] = {}
        self.sources = Sources({}, {})
        self.records: list[PublishedSource] = []
        self.findings: list[Finding] = []
        self.changed: dict[str, list[tuple[Keys, Table]]] = {}
        self.origins = {
            layer.id: Origin(
                tuple(source.authority for source in layer.sources),
                np.zeros(parent.manifest.layer(layer.id).count, np.uint8),
                np.zeros(parent.manifest.layer(layer.id).count, np.int64),
            )
            for layer in service.layers
        }

    def visit(self, layer: Layer, source: Source) -> None:
        name = snapshot.name_of(layer, source)
        record = self._published.get((layer.id, source.authority, source.path, source.table))
        known = self._known.get(name)
        before = snapshot.kept(self._service, known) if known else None
        if record is None or known is None or before is None:
            raise NotInPlace(f"没有保留 {source.path}", f"{source.path} is not kept from the release before")
        keys = before.column(KEYS).to_numpy()
        origin = self.origins[layer.id]
        origin.authority[keys - 1] = origin.authorities.index(source.authority)
        origin.row[keys - 1] = np.arange(1, len(keys) + 1)
        try:
            with opened(source, self._service.data, self._digests) as dataset:
                if dataset.sha256 == known.sha256:
                    self.sources.known[name] = known
                    self.findings += snapshot.told_again(known, layer, source)
                    self.records.append(record)
                else:
                    self._compare(layer, source, dataset, (name, known, before), keys)
        except SourceFault as fault:
            raise NotInPlace(fault.message.zh, fault.message.en) from fault

    def _compare(
        self, layer: Layer, source: Source, dataset: Dataset, was: tuple[str, Kept, pa.Table], keys: Keys
    ) -> None:
        name, known, before = was
        meta, now = snapshot.rows(dataset, source.table, source.encoding)
        places = _places(source, known, before.drop_columns([KEYS]), meta, now)
        if len(places) > MOST:
            count = len(places)
            raise NotInPlace(f"{source.path} 有 {count} 行改动", f"{count} rows of {source.path} differ")
        # One row is always read: that is how what is to be told of the table as a whole is told again.
        read = places if len(places) else np.arange(min(1, len(now)))
        fids = now.column(0).to_numpy()[read].astype(np.int64)
        table, record, told = read_source(
            self._service, layer, source, dataset, raw.Rows(read, fids, len(now))
        )
        if any(RULES[one.rule].severity != "note" for one in told):
            raise NotInPlace(f"{source.path} 有检查发现", f"there are findings in {source.path}")
        self.findings += told
        self.records.append(description.source(record))
        self.sources.known[name] = snapshot.described(name, dataset, meta, told)
        self.sources.fresh[name] = now.append_column(KEYS, before.column(KEYS))
        if len(places):
            self.changed.setdefault(layer.id, []).append((keys[places], table))


def _places(
    source: Source, known: Kept, before: pa.Table, meta: Mapping[str, Any], now: pa.Table
) -> NDArray[np.int64]:
    """The places of rows that differ."""
    if (known.crs, known.kind) != (meta["crs"], meta["geometry_type"]) or not before.schema.equals(
        now.schema
    ):
        raise NotInPlace(
            f"{source.path} 的字段或坐标系有变", f"{source.path} has other columns or another CRS"
        )
    if any(pa.types.is_nested(kind) for kind in now.schema.types):
        # GDAL's reader of some rows does not know them, nor can Arrow compare them.
        raise NotInPlace(f"{source.path} 有列表字段", f"{source.path} has columns of lists")
    if len(before) != len(now):
        counts = f"{len(before)} → {len(now)}"
        raise NotInPlace(f"{source.path} 的行数有变：{counts}", f"{source.path} has other rows: {counts}")
    differs = np.zeros(len(now), dtype=bool)
    for one, other in zip(map(_plain, before.columns), map(_plain, now.columns)):
        equal = pc.equal(one, other).fill_null(False)
        both = pc.and_(pc.is_null(one), pc.is_null(other))
        differs |= ~pc.or_(equal, both).to_numpy()
    return np.flatnonzero(differs)


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A column as it is stored: those of JSON, which GDAL reads arrays as, cannot be compared."""
    kind = column.type
    return column.cast(kind.storage_type) if isinstance(kind, pa.BaseExtensionType) else column


def _amendment(
    parent: Release, layer: PublishedLayer, parts: list[tuple[Keys, Table]], origin: Origin
) -> Amendment | None:
    """The features of a layer that are not what they were; None when there is none."""
    if not parts:
        return None
    keys = np.concatenate([keys for keys, _ in parts])
    order = np.argsort(keys)
    keys, after = keys[order], Table.joined([table for _, table in parts]).take(order)
    tree = Tree(parent.path / layer.tree, layer.count)
    leaves = canonical.leaves(after)
    differ = np.array(
        [leaves[i].tobytes() != tree.leaf(key) for i, key in enumerate(keys.tolist())], dtype=bool
    )
    keys, after = keys[differ], after.take(differ)
    if not len(keys):
        return None
    _same_dates(parent, layer, after)
    before = table_of(parent, layer, after.layer, keys, origin)
    if before.ids.tolist() != after.ids.tolist():
        raise NotInPlace(f"图层 {layer.id} 的标识有变", f"ids of {layer.id} have changed")
    return Amendment(layer, keys, before, after)


def _same_dates(parent: Release, layer: PublishedLayer, after: Table) -> None:
    """A date field's column depends on all its values: only days among days leave it as it is."""
    written = pq.read_schema(parent.store.file(layer.id, "geoparquet"))
    for field in layer.layer.fields:
        if field.type != "date":
            continue
        days = {len(value) == len("2025-01-31") for value in after.values[field.name] if value is not None}
        if days and not (days == {True} and written.field(field.name).type == pa.date32()):
            raise NotInPlace(
                f"图层 {layer.id} 的 {field.name} 或须改变列类型",
                f"the column of {field.name} in {layer.id} may be of another type",
            )


def table_of(parent: Release, layer: PublishedLayer, configured: Layer, keys: Keys, origin: Origin) -> Table:
    """Published features again as the rows of a table, by ascending keys."""
    text = FeatureText(parent.path / layer.file, parent.path / layer.offsets)
    lines = [line for some in text.stream(keys) for line in some]
    found = records.read(lines, PLAIN)
    names = [field.name for field in configured.fields]
    return Table(
        configured,
        _objects(found.ids),
        found.geometry,
        {name: _objects([row[name] for row in found.properties]) for name in names},
        np.array(origin.authorities, dtype=object)[origin.authority[keys - 1]],
        origin.row[keys - 1],
    )


def _objects(values: list[Any]) -> NDArray[np.object_]:
    # Not by assignment, to which lists of one length are a second dimension.
    return np.fromiter(values, dtype=object, count=len(values))
