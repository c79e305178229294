"""A folder of GeoParquet files as a target.

    TARGET/current -> releases/<release>-<n>     what readers open: current/<layer>.parquet
    TARGET/releases/<release>-<n>/               a file for each layer, and what a harvest has to know of it

`current` is replaced by one rename: whoever opens a file through it gets the release before or the one after, and a
file that is open stays whole for its reader. Layers that stay the same are links to the same bytes.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import ValidationError

from releases import history
from releases.formats import columns, geoparquet
from releases.harvest import failure
from releases.harvest.delta import Delta
from releases.harvest.failure import WrongTarget
from releases.harvest.form import Form
from releases.harvest.ledger import Astray
from releases.harvest.state import State
from releases.harvest.target import Tables
from releases.harvest.workplace import workplace
from releases.manifest import Manifest, PublishedLayer
from releases.proof import merkle
from releases.proof.merkle import SIZE, Digests

CURRENT: Final = "current"
_SETS: Final = "releases"
_STATE: Final = "harvest.json"
_FRESH: Final = "current.new"
_WORK: Final = ".harvest"


class Folder:
    """A folder, made if need be."""

    def __init__(self, path: Path) -> None:
        self.where = str(path)
        self._path = path

    @contextmanager
    def held(self) -> Iterator[Path]:
        """Hold the target alone (`target.Target`)."""
        with failure.told(self.where):
            self._judged()
            with workplace(self._path / _WORK, self.where) as folder:
                self._clean()
                yield folder

    def state(self) -> State | None:
        """What the folder holds."""
        path = self._path / CURRENT / _STATE
        with failure.told(self.where):
            if not path.exists():
                return None
            try:
                return State.model_validate_json(path.read_bytes())
            except ValidationError as fault:
                raise WrongTarget(
                    f"{path} 不是采集记录", f"{path} is no record that a harvest made"
                ) from fault

    @contextmanager
    def update(self, manifest: Manifest, before: State | None) -> Iterator[FolderUpdate]:
        """Begin a next state (`target.Target`)."""
        with failure.told(self.where):
            fresh = self._fresh(manifest.id)
            fresh.mkdir(parents=True)
            update = FolderUpdate(self._path, fresh, manifest)
            try:
                yield update
            finally:
                self._clean()

    def _judged(self) -> None:
        """Never work in somebody else's folder."""
        known = {CURRENT, _SETS, _WORK, _FRESH}
        if self._path.is_dir():
            strange = sorted(path.name for path in self._path.iterdir() if path.name not in known)
            if strange and not (self._path / CURRENT / _STATE).exists():
                raise WrongTarget(
                    f"{self.where} 中有别的文件（{strange[0]}），不会改动它",
                    f"{self.where} holds something else ({strange[0]}), and is left as it is",
                )

    def _fresh(self, release: str) -> Path:
        sets = self._path / _SETS
        return next(path for n in range(1, 10**9) if not (path := sets / f"{release}-{n}").exists())

    def _clean(self) -> None:
        """Remove what is not current: sets that were replaced, and those of harvests that were killed."""
        (self._path / _FRESH).unlink(missing_ok=True)
        current = (self._path / CURRENT).resolve()
        sets = self._path / _SETS
        for path in sets.iterdir() if sets.exists() else ():
            if path.resolve() != current:
                shutil.rmtree(path)


class FolderUpdate:
    """A set of files in the making (`target.Update`)."""

    def __init__(self, path: Path, fresh: Path, manifest: Manifest) -> None:
        self._path, self._fresh = path, fresh
        self._lang = manifest.service.language

    def keep(self, layer: PublishedLayer) -> None:
        """Have a layer as it is: the same bytes."""
        for name in (_file(layer.id), _leaves(layer.id)):
            os.link((self._path / CURRENT / name).resolve(), self._fresh / name)

    def drop(self, layer: str) -> None:
        """Have a layer no more: it is not put into the set."""

    def whole(self, layer: PublishedLayer, form: Form, tables: Tables) -> None:
        """Have a layer of these features."""
        schema = columns.of_moments(layer.layer, form.dates, self._lang)
        with (self._fresh / _leaves(layer.id)).open("xb") as file:

            def batches() -> Iterator[pa.RecordBatch]:
                for table, leaves in tables:
                    file.write(leaves)
                    yield columns.batch(schema, table.values, table.geometry)

            geoparquet.store(batches(), schema, layer, self._fresh / _file(layer.id))

    def change(self, layer: PublishedLayer, form: Form, delta: Delta) -> str:
        """Have a layer with these changes: its file is written anew; its root."""
        schema = columns.of_moments(layer.layer, form.dates, self._lang)
        before = self._path / CURRENT
        merged = _Merged(layer, schema, delta, np.fromfile(before / _leaves(layer.id), np.uint8))
        with pq.ParquetFile(before / _file(layer.id)) as file:
            geoparquet.store(merged.batches(file), schema, layer, self._fresh / _file(layer.id))
        leaves = merged.leaves()
        leaves.tofile(self._fresh / _leaves(layer.id))
        return merkle.root(leaves).hex()

    def commit(self, state: State) -> None:
        """Write down what the set holds, bring it to the disk, and have it seen."""
        (self._fresh / _STATE).write_text(state.model_dump_json(indent=1))
        for path in self._fresh.iterdir():
            with path.open("rb") as file:
                os.fsync(file.fileno())
        history.sync_folder(self._fresh)
        link = self._path / _FRESH
        link.unlink(missing_ok=True)
        link.symlink_to(self._fresh.relative_to(self._path))
        os.replace(link, self._path / CURRENT)
        history.sync_folder(self._path)


class _Merged:
    """A file's features, in the order of ids, with changes among them, and the digests of the result."""

    def __init__(self, layer: PublishedLayer, schema: pa.Schema, delta: Delta, leaves: Any) -> None:
        self._key, self._schema, self._delta = layer.layer.id_field.name, schema, delta
        self._old: Digests = leaves.reshape(-1, SIZE)
        self._new: list[Digests] = []
        self._put = columns.batch(schema, delta.put.values, delta.put.geometry)
        self._gone = {
            *delta.removed,
            *(one for one, fresh in zip(delta.put.ids.tolist(), delta.fresh) if not fresh),
        }

    def batches(self, file: pq.ParquetFile) -> Iterator[pa.RecordBatch]:
        """The features; Astray when the changes do not fit."""
        at = taken = 0
        ids = self._delta.put.ids.tolist()
        fresh = {one for one, new in zip(ids, self._delta.fresh) if new}
        for old in file.iter_batches(columns.CHUNK, columns=self._schema.names):
            batch = old.cast(self._schema)
            leaves = self._old[at : at + len(batch)]
            at += len(batch)
            here = batch.column(self._key).to_pylist()
            stays = [place for place, one in enumerate(here) if one not in self._gone]
            self._gone.difference_update(here)
            behind = taken
            while behind < len(ids) and ids[behind] <= here[-1]:
                behind += 1
            if not fresh.isdisjoint(here):
                raise Astray("an addition of a feature that is there")
            if len(stays) == len(here) and behind == taken:
                self._new.append(leaves)
                yield batch
                continue
            yield self._with(batch, leaves, stays, here, slice(taken, behind))
            taken = behind
        if self._gone:
            raise Astray(f"changes of {len(self._gone)} features that are not there")
        if taken < len(ids):
            self._new.append(self._delta.leaves[taken:])
            yield self._put.slice(taken)

    def leaves(self) -> Digests:
        """The digests of what was written (n, 32)."""
        return np.concatenate([*self._new, np.empty((0, SIZE), np.uint8)])

    def _with(
        self, batch: pa.RecordBatch, leaves: Digests, stays: list[int], here: list[Any], part: slice
    ) -> pa.RecordBatch:
        """Some old features and some new ones, by id."""
        ids = [*(here[place] for place in stays), *self._delta.put.ids[part].tolist()]
        order = sorted(range(len(ids)), key=ids.__getitem__)
        self._new.append(np.concatenate([leaves[stays], self._delta.leaves[part]])[order])
        put = self._put.slice(part.start, part.stop - part.start)
        both = pa.Table.from_batches([batch.take(pa.array(stays, pa.int64())), put]).take(order)
        return both.combine_chunks().to_batches()[0] if order else batch.slice(0, 0)


def _file(layer: str) -> str:
    return f"{layer}.parquet"


def _leaves(layer: str) -> str:
    return f"{layer}.digests"
