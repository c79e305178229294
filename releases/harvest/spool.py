"""Where a layer waits that is fetched whole: a file of columns for each page, in a folder named after the layer's root.

A page's file says where the next page is, and is complete when it has its name. So a harvest that was killed goes on
behind the last page, and one of a release in which the layer is the same uses what is there.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import shapely

from config.models import Layer
from releases.harvest import page
from releases.harvest.failure import NotTrusted
from releases.harvest.form import Form
from releases.proof import canonical, merkle
from releases.proof.merkle import Digests
from releases.table import Table

_TYPES: Final = {
    "string": pa.string(),
    "date": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "array": pa.list_(pa.string()),
}
_SUFFIX: Final = ".arrow"


def press(layer: Layer, body: bytes, following: str | None, path: Path) -> int:
    """Read a page, compute its features' digests and write its file; how many features it has.

    NotTrusted when these are no features of the layer. A process of its own may do this.
    """
    table = page.table(layer, body)
    shapes = canonical.wkb(table.geometry)
    values = {name: column.tolist() for name, column in table.values.items()}
    entries = canonical.entries(layer, table.ids.tolist(), values, shapes)
    leaves = merkle.digests(map(merkle.leaf, entries))
    columns = [pa.array(table.ids, _TYPES[layer.id_field.type])]
    try:
        columns += [pa.array(values[field.name], _TYPES[field.type]) for field in layer.fields]
    except (pa.ArrowInvalid, pa.ArrowTypeError) as fault:
        raise NotTrusted(f"{layer.id}：{fault}", f"{layer.id}: {fault}") from fault
    columns.append(pa.array([shape or None for shape in shapes], pa.binary()))
    columns.append(
        pa.FixedSizeBinaryArray.from_buffers(
            pa.binary(merkle.SIZE), len(table), [None, pa.py_buffer(leaves.tobytes())]
        )
    )
    said = {"next": following or "", "form": Form.of(table).model_dump_json()}
    batch = pa.record_batch(columns, names=[str(place) for place in range(len(columns))])
    batch = batch.replace_schema_metadata(said)
    fresh = path.with_suffix(".new")
    with pa.OSFile(str(fresh), "wb") as sink, pa.ipc.new_file(sink, batch.schema) as writer:
        writer.write_batch(batch)
    os.replace(fresh, path)
    return len(table)


class Spool:
    """The pages of one layer, in a folder that is made if need be."""

    def __init__(self, folder: Path, layer: Layer, root: str) -> None:
        self.layer = layer
        self._folder = folder / f"{layer.id}-{root[:32]}"
        self._folder.mkdir(parents=True, exist_ok=True)
        for left in self._folder.glob("*.new"):
            left.unlink()
        pages = sorted(self._folder.glob(f"*{_SUFFIX}"))
        #: Pages up to the first gap: they are made by several processes, and the last may be there before the others.
        self.pages = next((place for place, path in enumerate(pages) if path != self.page(place)), len(pages))
        for path in pages[self.pages :]:
            path.unlink()

    def page(self, place: int) -> Path:
        """The file of a page."""
        return self._folder / f"{place:08}{_SUFFIX}"

    def following(self) -> str | None:
        """Where the page behind the last is; None when there is no page yet, or none behind."""
        return self._said(self.pages - 1)[b"next"].decode() or None if self.pages else None

    def count(self) -> int:
        """How many features are there."""
        return sum(self._batch(place).num_rows for place in range(self.pages))

    def form(self) -> Form:
        """What all its features are like."""
        found = Form()
        for place in range(self.pages):
            found |= Form.model_validate_json(self._said(place)[b"form"])
        return found

    def leaves(self) -> Digests:
        """The digests of all features (n, 32)."""
        found = [self._batch(place).column(-1) for place in range(self.pages)]
        flat = [np.frombuffer(one.buffers()[1], np.uint8)[: len(one) * merkle.SIZE] for one in found]
        return np.concatenate([*flat, np.empty(0, np.uint8)]).reshape(-1, merkle.SIZE)

    def tables(self) -> Iterator[tuple[Table, Digests]]:
        """Its features with their digests, page by page."""
        for place in range(self.pages):
            batch = self._batch(place)
            names = [field.name for field in self.layer.fields]
            columns = [page.column(one.to_pylist()) for one in batch.columns[:-2]]
            geometry = shapely.from_wkb(batch.column(batch.num_columns - 2).to_numpy(zero_copy_only=False))
            values = dict(zip(names, columns[1:]))
            count = batch.num_rows
            digests = np.frombuffer(batch.column(-1).buffers()[1], np.uint8)[: count * merkle.SIZE]
            table = Table(
                self.layer, columns[0], geometry, values, np.full(count, ""), np.arange(1, count + 1)
            )
            yield table, digests.reshape(-1, merkle.SIZE)

    def remove(self) -> None:
        """Throw it away."""
        shutil.rmtree(self._folder)

    def _batch(self, place: int) -> Any:
        with pa.memory_map(str(self.page(place))) as source:
            return pa.ipc.open_file(source).get_batch(0)

    def _said(self, place: int) -> Any:
        with pa.memory_map(str(self.page(place))) as source:
            return pa.ipc.open_file(source).schema.metadata
