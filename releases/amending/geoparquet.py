"""The GeoParquet of a layer with some features written anew.

Parquet has no place for a row that is longer than it was, so columns are read and written again; none of them is made
from text or geometry. Features stay where they lie on the curve.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from config.models import Lang
from releases.amending.differences import NotInPlace
from releases.formats import columns, geoparquet
from releases.formats.subject import Subject
from releases.manifest import PublishedLayer
from releases.table import Table


def write(
    was: PublishedLayer, before: Path, layer: PublishedLayer, after: Table, path: Path, lang: Lang
) -> None:
    """Write the file of a layer in which the rows of `after` are what they are now."""
    subject = Subject(layer=was, release="", lang=lang, whole=before)
    schema = columns.of_subject(subject)
    rows = columns.batch(schema, after.values, after.geometry)
    name = after.layer.id_field.name
    table = pq.read_table(before, columns=schema.names).cast(schema)
    places = pc.index_in(rows.column(name), value_set=table.column(name).combine_chunks())
    if places.null_count:
        raise NotInPlace("GeoParquet 中找不到要素", "a feature is not found in the GeoParquet")
    order = np.argsort(places.to_numpy())
    at = places.to_numpy()[order].tolist()
    pieces, end = [], 0
    for place, i in zip(at, order.tolist()):
        pieces += [table.slice(end, place - end), pa.Table.from_batches([rows.slice(i, 1)])]
        end = place + 1
    geoparquet.put(pa.concat_tables([*pieces, table.slice(end)]).combine_chunks(), layer, path)
