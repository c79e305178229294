"""What a manifest says about each layer of a candidate: counts, extents, honesty, and under which terms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

import shapely

from config.models import Layer, Licence, Source, Text
from releases import featuretext, search
from releases.manifest import PublishedLayer, PublishedPart, PublishedSource
from releases.proof import merkle
from releases.proof.merkle import Digests
from releases.table import Candidate, Delivery, SourceRecord, Table


def layer(candidate: Candidate, table: Table, leaves: Digests) -> PublishedLayer:
    """Describe a layer before it is written; takes as long as writing its text, for the digest.

    `leaves` are the digests of its features (`releases.proof.canonical`).
    """
    configured = table.layer
    return PublishedLayer(
        **terms(candidate, configured),
        count=len(table),
        null_geometries=int(shapely.is_missing(table.geometry).sum()),
        extent=table.extent(),
        span=table.span(),
        temporal=_temporal(table),
        values=codes(table),
        digest=featuretext.digest(table),
        root=merkle.root(leaves).hex(),
        tree=f"features/{configured.id}.tree",
        file=f"features/{configured.id}.geojsonl",
        offsets=f"features/{configured.id}.offsets.npy",
        package=f"features/{configured.id}.gpkg",
        search=f"features/{configured.id}.search" if search.fields(configured) else None,
        attributes=f"features/{configured.id}.attributes",
        downloads={
            "flatgeobuf": f"features/{configured.id}.fgb",
            "geoparquet": f"features/{configured.id}.parquet",
            "gpkg": f"features/{configured.id}.gpkg",
        },
    )


def terms(candidate: Candidate, configured: Layer) -> dict[str, Any]:
    """What a layer is called and under which terms it stands: all that does not follow from its features."""
    deliveries = candidate.deliveries.get(configured.id, ())
    records = [record for record in candidate.sources if record.layer == configured.id]
    return {
        "layer": configured.model_copy(update={"sources": tuple(_source(record) for record in records)}),
        "nature": candidate.nature(configured),
        "attribution": _attribution(configured, deliveries),
        "licence": _licence(configured, deliveries),
        "notices": tuple(dict.fromkeys(one.note for one in deliveries if one.note)),
        "parts": _parts(candidate.parts(configured.id), deliveries),
    }


def source(record: SourceRecord) -> PublishedSource:
    """The record of a source as the manifest has it."""
    return PublishedSource(**{**asdict(record), "path": record.path.as_posix()})


def _source(record: SourceRecord) -> Source:
    return Source(authority=record.authority, path=record.path.as_posix(), table=record.table)


def _attribution(configured: Layer, deliveries: Iterable[Delivery]) -> Text:
    said = list(dict.fromkeys(one.attribution for one in deliveries if one.attribution))
    if not said:
        return configured.attribution
    return Text(zh="；".join(one.zh for one in said), en="; ".join(one.en for one in said))


def _licence(configured: Layer, deliveries: Iterable[Delivery]) -> Licence:
    """The licence of the deliveries when they agree; else the layer's, and each part keeps its own."""
    said = {one.licence for one in deliveries if one.licence}
    return said.pop() if len(said) == 1 else configured.licence


def _parts(counts: Mapping[str, int], deliveries: Iterable[Delivery]) -> tuple[PublishedPart, ...]:
    notes = {one.authority: one for one in deliveries}
    return tuple(
        PublishedPart(
            authority=authority,
            count=counts.get(authority, 0),
            nature=note.nature if (note := notes.get(authority)) else None,
            attribution=note.attribution if note else None,
            licence=note.licence if note else None,
            note=note.note if note else None,
        )
        for authority in sorted(counts.keys() | notes.keys())
    )


def _temporal(table: Table) -> tuple[str | None, str | None] | None:
    """Earliest start and latest end; a missing end means that something holds until further notice."""
    names = table.layer.temporal_fields
    if not names:
        return None
    starts, ends = table.values[names[0]].tolist(), table.values[names[-1]].tolist()
    timed = [(start, end) for start, end in zip(starts, ends) if start is not None or end is not None]
    if not timed:
        return None
    open_start = any(start is None for start, _ in timed)
    open_end = any(end is None for _, end in timed)
    first = None if open_start else min(start for start, _ in timed)
    last = None if open_end else max(end for _, end in timed)
    return first, last


def codes(table: Table) -> dict[str, tuple[str, ...]]:
    """The codes that occur in each field with a code list, of arrays each member; as text, sorted."""
    found = {}
    for field in table.layer.fields:
        if field.codelist:
            values = (value for value in table.values[field.name] if value is not None)
            members = (
                member for value in values for member in (value if isinstance(value, list) else [value])
            )
            found[field.name] = tuple(sorted({str(member) for member in members}))
    return found
