"""From the files of all authorities to one candidate: each source read, its parts of a layer joined and
sorted by id.

Bad data never raises here. What cannot be read, or not as declared, is a finding; the rest of the candidate
is read all the same, so that whoever delivered it learns of all faults at once.
"""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from config.models import Field, Layer, Service, Source, Text
from releases.faults import RowFault
from releases.findings import Finding
from releases.progress import Progress, silent
from releases.sources import raw
from releases.sources.dataset import Dataset, opened
from releases.sources.delivery import deliveries
from releases.sources.fault import SourceFault
from releases.sources.fields import Matching, matching
from releases.sources.reference import label, reference
from releases.sources.shapes import shapes
from releases.sources.values import cast
from releases.table import Candidate, Objects, SourceRecord, Table, nulls


def read(service: Service, progress: Progress = silent) -> tuple[Candidate, tuple[Finding, ...]]:
    """Read all sources that the configuration names; the findings name what is wrong with them.

    A candidate with refusing findings is whatever could be read, good for looking at and not for publishing.
    """
    said, findings = deliveries(service)
    found = list(findings)
    work = [(layer, source) for layer in service.layers for source in layer.sources]
    parts: dict[str, list[Table]] = {layer.id: [] for layer in service.layers}
    records: list[SourceRecord] = []
    digests: dict[Path, str] = {}
    for done, (layer, source) in enumerate(work):
        progress(f"{layer.id} ({source.authority})", done, len(work))
        try:
            with opened(source, service.data, digests) as dataset:
                table, record, faults = read_source(service, layer, source, dataset)
        except SourceFault as fault:
            found.append(Finding(fault.rule, fault.message, source.authority, layer.id))
            continue
        parts[layer.id].append(table)
        records.append(record)
        found += faults
    progress("", len(work), len(work))
    tables = tuple(_joined(parts[layer.id]) for layer in service.layers if parts[layer.id])
    records.sort(key=lambda record: (record.layer, record.authority, record.path, record.table or ""))
    return Candidate(tables, tuple(records), said), tuple(found)


def read_source(
    service: Service, layer: Layer, source: Source, dataset: Dataset, rows: raw.Rows | None = None
) -> tuple[Table, SourceRecord, list[Finding]]:
    """One authority's part of a layer as a table in the order of its rows, and its findings.

    With `rows` the table has only those, and the findings of rows are theirs.
    """
    content = raw.read(dataset, source.encoding, rows)
    crs = reference(content.crs, source.crs)
    fields = matching(content.columns, layer, source, content.keys)
    with np.errstate(invalid="ignore", over="ignore"):  # NaN is a finding of the gate, no warning of numpy's
        geometry, faults = shapes(content, layer.geometry, crs, service)
    values: dict[str, Objects] = {}
    for field in layer.fields:
        values[field.name], wrong = cast(_column(field, fields, content), field)
        faults += wrong
    count = len(content)
    places = np.arange(count, dtype=np.int64) if rows is None else rows.places
    table = Table(
        layer,
        values[layer.id_field.name],
        geometry,
        values,
        np.full(count, source.authority, dtype=object),
        places + 1,
    )
    record = SourceRecord(
        layer.id,
        source.authority,
        PurePosixPath(source.path),
        source.table,
        dataset.format,
        dataset.sha256,
        count if rows is None else rows.total,
        label(crs),
        source.encoding,
    )
    return (
        table,
        record,
        [*fields.findings, *_told(content, layer, source), *_listed(faults, table, service.gate.listed)],
    )


def _column(field: Field, fields: Matching, content: raw.Raw) -> Any:
    if field.name in fields.columns:
        return content.columns[fields.columns[field.name]]
    column = np.empty(len(content), dtype=object)
    column.fill(fields.constants.get(field.name))
    return column


def _listed(faults: tuple[RowFault, ...], table: Table, listed: int) -> list[Finding]:
    return [finding for fault in faults for finding in fault.findings(table, listed)]


def _told(content: raw.Raw, layer: Layer, source: Source) -> list[Finding]:
    """What GDAL warned of, and that there is nothing in the table at all."""
    texts = [Text(zh=f"GDAL 提示：{words}", en=f"GDAL says: {words}") for words in content.warnings]
    findings = [Finding("reader-warning", text, source.authority, layer.id) for text in texts]
    if not len(content):
        text = Text(zh=f"{source.path} 中没有要素", en=f"{source.path} holds no feature")
        findings.append(Finding("empty-layer", text, source.authority, layer.id))
    return findings


def _joined(parts: list[Table]) -> Table:
    """All authorities' parts as one table, sorted by id (missing ones last), then authority and row."""
    whole = Table.joined(parts)
    ids = whole.ids
    keys = zip(nulls(ids).tolist(), ids.tolist(), whole.authority.tolist(), whole.row.tolist())
    order = sorted(
        range(len(ids)), key=[(missing, "" if missing else i, a, r) for missing, i, a, r in keys].__getitem__
    )
    return whole.take(np.array(order, dtype=np.int64))
