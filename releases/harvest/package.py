"""A GeoPackage as a target: a table a layer, as every desktop opens it, and beside them what a harvest has to know.

The first harvest fills a new file, which takes its place when it is whole. Later ones are one transaction each: a reader
sees the release before or the one after, and what a killed one began is rolled back by whoever opens the file next.
`blueprint_harvest`, a table for people too, says what each layer is; the state and the ledgers are listed nowhere.
"""

from __future__ import annotations

import os
import sqlite3
import struct
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely

from releases import databasefile, features, geopackage, history, rtree
from releases.features import quoted
from releases.harvest import failure, ledger
from releases.harvest.delta import Delta
from releases.harvest.failure import WrongTarget
from releases.harvest.form import Form
from releases.harvest.ledger import Ledger
from releases.harvest.state import State
from releases.harvest.target import Tables
from releases.harvest.workplace import workplace
from releases.manifest import Manifest, PublishedLayer

HARVEST: Final = "blueprint_harvest"
_STATE: Final = "blueprint_state"
#: Seconds to wait for a program that reads or writes the file just now.
_PATIENCE: Final = 30.0
_LEDGER: Final = ledger.COLUMNS.format(integer="INTEGER", bytes="BLOB")
_TABLES: Final = (
    f"CREATE TABLE {_STATE} (state TEXT NOT NULL)",
    f"CREATE TABLE {ledger.NAME} ({_LEDGER})",
    f"CREATE TABLE {HARVEST} (fid INTEGER PRIMARY KEY NOT NULL, layer TEXT NOT NULL, release TEXT NOT NULL, "
    "root TEXT NOT NULL, features INTEGER NOT NULL, url TEXT NOT NULL, harvested TEXT NOT NULL, "
    "last_change TEXT NOT NULL)",
    f"INSERT INTO gpkg_contents (table_name, data_type, identifier, last_change) "
    f"VALUES ('{HARVEST}', 'attributes', '{HARVEST}', '{geopackage.LAST_CHANGE}')",
)

#: Whoever edits a layer, by whatever program, is noticed: its time is that of the harvest no more.
_WATCH: Final = (
    f'CREATE TRIGGER "{HARVEST} {{layer}} {{act}}" AFTER {{act}} ON "{{layer}}" BEGIN '
    f"UPDATE {HARVEST} SET last_change = '' WHERE layer = '{{layer}}' AND last_change != ''; END"
)


class Package:
    """A file x.gpkg."""

    def __init__(self, path: Path) -> None:
        self.where = str(path)
        self._path = path
        self._folder = path.parent / f".{path.name}.harvest"

    @contextmanager
    def held(self) -> Iterator[Path]:
        """Hold the target alone (`target.Target`)."""
        if not self._path.absolute().parent.is_dir():
            folder = self._path.absolute().parent
            raise WrongTarget(f"没有文件夹 {folder}", f"there is no folder {folder}")
        with failure.told(self.where), workplace(self._folder, self.where) as folder:
            yield folder

    def state(self) -> State | None:
        """What the file holds; a layer that somebody has edited since is not in it."""
        if not self._path.exists():
            return None
        with failure.told(self.where), closing(_opened(self._path)) as connection:
            try:
                rows = connection.execute(f"SELECT state FROM {_STATE}").fetchall()
                state = State.model_validate_json(rows[0][0])
            except (sqlite3.OperationalError, IndexError, ValueError) as fault:
                if getattr(fault, "sqlite_errorcode", sqlite3.SQLITE_ERROR) != sqlite3.SQLITE_ERROR:
                    raise
                raise WrongTarget(
                    f"{self.where} 不是采集所得的文件，不会改动它",
                    f"{self.where} is no file that a harvest made, and is left as it is",
                ) from fault
            edited = connection.execute(
                f"SELECT layer FROM {HARVEST} LEFT JOIN gpkg_contents ON layer = table_name "
                f"WHERE gpkg_contents.last_change IS NOT {HARVEST}.last_change"
            ).fetchall()
        kept = {name: held for name, held in state.layers.items() if (name,) not in edited}
        return state.model_copy(update={"layers": kept})

    @contextmanager
    def update(self, manifest: Manifest, before: State | None) -> Iterator[PackageUpdate]:
        """Begin a next state (`target.Target`)."""
        with failure.told(self.where):
            if before is not None:
                with closing(_opened(self._path)) as connection:
                    connection.execute("BEGIN IMMEDIATE")
                    yield PackageUpdate(connection, manifest)
                    if connection.in_transaction:
                        connection.execute("ROLLBACK")
                return
            fresh = self._folder / "new.gpkg"
            fresh.unlink(missing_ok=True)
            try:
                with databasefile.created(fresh, geopackage.APPLICATION_ID, geopackage.VERSION) as connection:
                    features.begin(connection, manifest.service.crs)
                    for statement in _TABLES:
                        connection.execute(statement)
                    update = PackageUpdate(connection, manifest, new=True)
                    yield update
                if update.committed:
                    _synced(fresh)
                    os.replace(fresh, self._path)
                    history.sync_folder(self._path.absolute().parent)
            finally:
                fresh.unlink(missing_ok=True)


class PackageUpdate:
    """A transaction on the file (`target.Update`)."""

    def __init__(self, connection: sqlite3.Connection, manifest: Manifest, new: bool = False) -> None:
        self.committed = False
        self._connection, self._manifest, self._new = connection, manifest, new
        self._crs = manifest.service.crs
        self._time = history.now().replace("Z", ".000Z")

    def ask(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """The rows of a query (`ledger.Asked`)."""
        return self._connection.execute(sql, values).fetchall()

    def tell(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Execute a statement for each row of values (`ledger.Asked`)."""
        self._connection.executemany(sql, rows)

    def keep(self, layer: PublishedLayer) -> None:
        """Have a layer as it is."""

    def drop(self, layer: str) -> None:
        """Have a layer no more."""
        columns = self.ask("SELECT column_name FROM gpkg_geometry_columns WHERE table_name = ?", (layer,))
        for (shape,) in columns:
            self._connection.execute(f"DROP TABLE {quoted(f'rtree_{layer}_{shape}')}")
        self._connection.execute(f"DROP TABLE IF EXISTS {quoted(layer)}")
        for table in ("gpkg_extensions", "gpkg_geometry_columns", "gpkg_contents"):
            self.tell(f"DELETE FROM {table} WHERE table_name = ?", [(layer,)])
        self.tell(f"DELETE FROM {HARVEST} WHERE layer = ?", [(layer,)])
        Ledger(self, layer).clear()

    def whole(self, layer: PublishedLayer, form: Form, tables: Tables) -> None:
        """Have a layer of these features."""
        said = layer.layer
        if not self._new:
            self.drop(layer.id)
        features.create(
            self._connection, said, self._crs, form.columns(said), layer.extent, last_change=self._time
        )
        entries, first = Ledger(self, layer.id), 1
        found: list[tuple[Any, Any]] = []
        for table, leaves in tables:
            for keys, geometry in features.fill_rows(self._connection, table, self._crs, first):
                bounds = shapely.bounds(geometry)
                placed = ~np.isnan(bounds[:, 0])
                found.append((np.array(keys)[placed], rtree.outward(bounds[placed][:, [0, 2, 1, 3]])))
            entries.append(table.ids.tolist(), leaves)
            first += len(table)
        if found:
            entered, boxes = (np.concatenate(part) for part in zip(*found))
            name = f"rtree_{layer.id}_{geopackage.geometry_column(said)}"
            rtree.fill(self._connection, name, entered, boxes)
        key = said.id_field.name
        self._connection.execute(
            f"CREATE UNIQUE INDEX {quoted(f'{layer.id}_{key}')} ON {quoted(layer.id)} ({quoted(key)})"
        )
        features.finish(self._connection, said)
        for act in ("INSERT", "UPDATE", "DELETE"):
            self._connection.execute(_WATCH.format(layer=layer.id, act=act))

    def change(self, layer: PublishedLayer, form: Form, delta: Delta) -> str:
        """Have a layer with these changes; its root."""
        entries, said = Ledger(self, layer.id), layer.layer
        entries.apply(delta)
        name, key = quoted(layer.id), quoted(said.id_field.name)
        self.tell(f"DELETE FROM {name} WHERE {key} = ?", [(one,) for one in delta.removed])
        shapes = geopackage.to_blobs(delta.put.geometry, int(self._crs.rpartition(":")[2]))
        rows = list(zip(*features.stored(delta.put, slice(None)), shapes))
        columns = [*(field.name for field in said.fields), geopackage.geometry_column(said)]
        self.tell(
            f"INSERT INTO {name} ({', '.join(map(quoted, columns))}) VALUES ({', '.join('?' * len(columns))})",
            [row for row, fresh in zip(rows, delta.fresh) if fresh],
        )
        self.tell(
            f"UPDATE {name} SET {', '.join(f'{quoted(column)} = ?' for column in columns)} WHERE {key} = ?",
            [(*row, one) for row, one, fresh in zip(rows, delta.put.ids.tolist(), delta.fresh) if not fresh],
        )
        self.tell(
            "UPDATE gpkg_contents SET identifier = ?, description = ?, min_x = ?, min_y = ?, max_x = ?, max_y = ?, "
            "last_change = ? WHERE table_name = ?",
            [(said.title.zh, said.title.en, *(layer.extent or [None] * 4), self._time, layer.id)],
        )
        self.tell(
            "UPDATE gpkg_geometry_columns SET geometry_type_name = ? WHERE table_name = ?",
            [(form.columns(said).geometry, layer.id)],
        )
        return entries.root()

    def commit(self, state: State) -> None:
        """Write down what the file holds, and have it seen."""
        self._connection.execute(f"DELETE FROM {_STATE}")
        self.tell(f"INSERT INTO {_STATE} VALUES (?)", [(state.model_dump_json(),)])
        self._connection.execute(f"DELETE FROM {HARVEST}")
        times = dict(self.ask("SELECT table_name, last_change FROM gpkg_contents"))
        self.tell(
            f"INSERT INTO {HARVEST} (layer, release, root, features, url, harvested, last_change) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                (name, state.release, held.root, held.count, state.url, state.harvested, times[name])
                for name, held in state.layers.items()
            ],
        )
        if not self._new:
            self._connection.execute("COMMIT")
        self.committed = True


def _opened(path: Path) -> sqlite3.Connection:
    """The file with the functions that the triggers of its R-trees call."""
    connection = sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None)
    for place, name in enumerate(("ST_MinX", "ST_MaxX", "ST_MinY", "ST_MaxY")):
        connection.create_function(name, 1, lambda blob, place=place: _corner(blob, place))
    connection.create_function("ST_IsEmpty", 1, lambda blob: bool(blob[3] & geopackage.EMPTY))
    return connection


def _corner(blob: bytes, place: int) -> float:
    # Whatever a harvest writes has its box in front (geopackage.HEADER).
    return float(struct.unpack_from("<4d", blob, 8)[place])


def _synced(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
