"""A schema of PostgreSQL with PostGIS as a target: a table a layer. Each harvest is one transaction.

A layer that is fetched whole is loaded into a table of its own, which takes the place of the old one at the end; changes
are made in the table. Readers see the release before until the transaction ends, and the one after from then on.
"""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import psycopg2  # type: ignore[import-untyped]
import psycopg2.extras  # type: ignore[import-untyped]
import shapely
from psycopg2 import errors, sql

from config.models import Field
from releases import geopackage
from releases.features import quoted
from releases.harvest import failure, ledger
from releases.harvest.delta import Delta
from releases.harvest.failure import TargetFailed, WrongTarget
from releases.harvest.form import Form
from releases.harvest.ledger import Ledger
from releases.harvest.state import State
from releases.harvest.target import Tables
from releases.harvest.workplace import workplace
from releases.manifest import Manifest, PublishedLayer
from releases.table import Table

_STATE: Final = "blueprint_state"
_HARVEST: Final = "blueprint_harvest"
_TYPES: Final = {
    "string": "text",
    "integer": "bigint",
    "number": "double precision",
    "boolean": "boolean",
    "array": "text[]",
}
#: Whoever edits a layer is noticed, whether or not he may write what a harvest remembers.
_WATCH: Final = """
    CREATE FUNCTION blueprint_edited() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
    BEGIN
      EXECUTE format('UPDATE %I.blueprint_harvest SET edited = true WHERE layer = %L', TG_TABLE_SCHEMA, TG_TABLE_NAME);
      RETURN NULL;
    END $$
"""
#: What COPY's text form writes otherwise.
_ESCAPED: Final = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


class Database:
    """A schema in a database, made if need be."""

    def __init__(self, address: str, schema: str) -> None:
        self._address, self._schema = address, schema
        try:
            self.where = f"{_shown(address)}#{schema}"
        except psycopg2.ProgrammingError as fault:
            raise WrongTarget(
                f"不是数据库地址：{_line(fault)}", f"no address of a database: {_line(fault)}"
            ) from fault
        name = hashlib.sha256(f"{address} {schema}".encode()).hexdigest()[:16]
        cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
        self._folder = cache / "blueprint" / "harvest" / name
        self._connection: Any = None

    @contextmanager
    def held(self) -> Iterator[Path]:
        """Hold the schema alone, on whatever machine (`target.Target`)."""
        with failure.told(self.where), _told(self.where):
            self._connection = psycopg2.connect(self._address, application_name="blueprint harvest")
            try:
                with self._connection, self._connection.cursor() as cursor:
                    cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", (self._lock,))
                    if not cursor.fetchone()[0]:
                        raise TargetFailed(
                            f"另一个采集正在写 {self.where}", f"another harvest is writing {self.where}"
                        )
                with workplace(self._folder, self.where) as folder:
                    yield folder
            finally:
                self._connection.close()

    @property
    def _lock(self) -> str:
        return f"blueprint harvest {self._schema}"

    def state(self) -> State | None:
        """What the schema holds; a layer that somebody has edited since is not in it."""
        with _told(self.where), self._connection, self._connection.cursor() as cursor:
            cursor.execute(
                "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p', 'v', 'm', 'f') "
                "AND relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = %s)",
                (self._schema,),
            )
            there = {name for (name,) in cursor.fetchall()}
            if not there:
                return None
            rows = []
            if _STATE in there:
                cursor.execute(f"SELECT state FROM {quoted(self._schema)}.{_STATE}")
                rows = cursor.fetchall()
            try:
                state = State.model_validate_json(rows[0][0])
            except (IndexError, ValueError) as fault:
                raise WrongTarget(
                    f"{self.where} 中有别的表（{min(there)}），不会改动它",
                    f"{self.where} holds other tables ({min(there)}), and is left as it is",
                ) from fault
            cursor.execute(f"SELECT layer FROM {quoted(self._schema)}.{_HARVEST} WHERE edited")
            edited = {name for (name,) in cursor.fetchall()}
        kept = {name: held for name, held in state.layers.items() if name not in edited}
        return state.model_copy(update={"layers": kept})

    @contextmanager
    def update(self, manifest: Manifest, before: State | None) -> Iterator[DatabaseUpdate]:
        """Begin a next state (`target.Target`)."""
        with _told(self.where), self._connection.cursor() as cursor:
            try:
                cursor.execute(
                    sql.SQL("CREATE SCHEMA IF NOT EXISTS {0}; SET LOCAL search_path = {0}, public").format(
                        sql.Identifier(self._schema)
                    )
                )
                if before is None:
                    _begun(cursor)
                yield DatabaseUpdate(self._connection, cursor, manifest)
            finally:
                # Nothing is left of what was not committed, and nothing undone of what was.
                self._connection.rollback()


class DatabaseUpdate:
    """A transaction (`target.Update`)."""

    def __init__(self, connection: Any, cursor: Any, manifest: Manifest) -> None:
        self._connection, self._cursor = connection, cursor
        self._srid = int(manifest.service.crs.rpartition(":")[2])

    def ask(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """The rows of a query (`ledger.Asked`)."""
        self._cursor.execute(sql.replace("?", "%s"), values)
        rows: list[tuple[Any, ...]] = self._cursor.fetchall()
        return rows

    def tell(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Execute a statement for each row of values (`ledger.Asked`)."""
        psycopg2.extras.execute_batch(self._cursor, sql.replace("?", "%s"), rows)

    def keep(self, layer: PublishedLayer) -> None:
        """Have a layer as it is."""

    def drop(self, layer: str) -> None:
        """Have a layer no more."""
        self._cursor.execute(f"DROP TABLE IF EXISTS {quoted(layer)}")
        Ledger(self, layer).clear()

    def whole(self, layer: PublishedLayer, form: Form, tables: Tables) -> None:
        """Have a layer of these features."""
        said = layer.layer
        types = form.columns(said)
        shape, key = geopackage.geometry_column(said), said.id_field.name
        fresh = quoted(f"{layer.id[:50]} being loaded")
        fields = [f"{quoted(field.name)} {_type(field, types.fields[field.name])}" for field in said.fields]
        kind = f"geometry({types.geometry}, {self._srid})"
        self._cursor.execute(f"CREATE TABLE {fresh} ({', '.join([*fields, f'{quoted(shape)} {kind}'])})")
        Ledger(self, layer.id).clear()
        entries = Ledger(self, layer.id)
        for table, leaves in tables:
            self._cursor.copy_expert(f"COPY {fresh} FROM STDIN", _copied(table, self._srid))
            entries.append(table.ids.tolist(), leaves)
        # PostgreSQL's own 64 MB would have the index of a million boxes sorted on the disk.
        self._cursor.execute("SET LOCAL maintenance_work_mem = '256MB'")
        self._cursor.execute(f"ALTER TABLE {fresh} ADD PRIMARY KEY ({quoted(key)})")
        self._cursor.execute(f"CREATE INDEX ON {fresh} USING gist ({quoted(shape)})")
        self._cursor.execute(f"DROP TABLE IF EXISTS {quoted(layer.id)}")
        self._cursor.execute(f"ALTER TABLE {fresh} RENAME TO {quoted(layer.id)}")
        self._cursor.execute(
            f"CREATE TRIGGER blueprint_edited AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {quoted(layer.id)} "
            "EXECUTE FUNCTION blueprint_edited()"
        )
        self._cursor.execute(f"ANALYZE {quoted(layer.id)}")
        self._described(layer)

    def change(self, layer: PublishedLayer, form: Form, delta: Delta) -> str:
        """Have a layer with these changes; its root."""
        entries, said = Ledger(self, layer.id), layer.layer
        entries.apply(delta)
        key, name = quoted(said.id_field.name), quoted(layer.id)
        gone = [*delta.removed, *delta.put.ids[~delta.fresh].tolist()]
        if gone:
            kind = _TYPES[said.id_field.type]
            self._cursor.execute(f"DELETE FROM {name} WHERE {key} = ANY (%s::{kind}[])", (gone,))
        if len(delta.put):
            self._cursor.copy_expert(f"COPY {name} FROM STDIN", _copied(delta.put, self._srid))
        self._described(layer)
        return entries.root()

    def commit(self, state: State) -> None:
        """Write down what the schema holds, and have it seen."""
        self._cursor.execute(f"DELETE FROM {_STATE}; DELETE FROM {_HARVEST}")
        self.tell(f"INSERT INTO {_STATE} VALUES (?)", [(state.model_dump_json(),)])
        self.tell(
            f"INSERT INTO {_HARVEST} VALUES (?, ?, ?, ?, ?, ?, false)",
            [
                (name, state.release, held.root, held.count, state.url, state.harvested)
                for name, held in state.layers.items()
            ],
        )
        self._connection.commit()

    def _described(self, layer: PublishedLayer) -> None:
        said, name = layer.layer, quoted(layer.id)
        self._cursor.execute(f"COMMENT ON TABLE {name} IS %s", (f"{said.title.zh} · {said.title.en}",))
        for field in said.fields:
            text = f"{field.title.zh} · {field.title.en}"
            self._cursor.execute(f"COMMENT ON COLUMN {name}.{quoted(field.name)} IS %s", (text,))


def _begun(cursor: Any) -> None:
    columns = ledger.COLUMNS.format(integer="bigint", bytes="bytea")
    cursor.execute(f"CREATE TABLE {_STATE} (state text NOT NULL)")
    cursor.execute(f"CREATE TABLE {ledger.NAME} ({columns})")
    cursor.execute(
        f"ALTER TABLE {ledger.NAME} ALTER ids SET STORAGE EXTERNAL, ALTER leaves SET STORAGE EXTERNAL"
    )
    cursor.execute(
        f"CREATE TABLE {_HARVEST} (layer text PRIMARY KEY, release text NOT NULL, root text NOT NULL, "
        "features bigint NOT NULL, url text NOT NULL, harvested timestamptz NOT NULL, edited boolean NOT NULL)"
    )
    cursor.execute(_WATCH)


def _type(field: Field, package: str) -> str:
    """A date is one where a GeoPackage has it so; a date-time stays its text, which its digest is of."""
    return _TYPES[field.type] if field.type != "date" else {"DATE": "date"}.get(package, "text")


def _copied(table: Table, srid: int) -> io.StringIO:
    """Features as COPY reads them."""
    shapes = shapely.to_wkb(shapely.set_srid(table.geometry, srid), hex=True, byte_order=1, include_srid=True)
    columns = [_texts(field, table.values[field.name].tolist()) for field in table.layer.fields]
    columns.append([r"\N" if shape is None else shape for shape in shapes.tolist()])
    return io.StringIO("\n".join(map("\t".join, zip(*columns))) + "\n")


def _texts(field: Field, values: list[Any]) -> list[str]:
    write = _WRITERS.get(field.type, _escaped)
    return [r"\N" if value is None else write(value) for value in values]


def _escaped(value: str) -> str:
    return value.translate(_ESCAPED) if not value.isalnum() else value


def _array(values: list[str]) -> str:
    inner = ",".join('"' + one.replace("\\", "\\\\").replace('"', '\\"') + '"' for one in values)
    return _escaped("{" + inner + "}")


_WRITERS: Final[Mapping[str, Callable[[Any], str]]] = {
    "integer": str,
    "number": repr,
    "boolean": str,
    "array": _array,
}


@contextmanager
def _told(where: str) -> Iterator[None]:
    """Turn the database's errors into what a harvest says."""
    try:
        yield
    except errors.DependentObjectsStillExist as fault:
        raise TargetFailed(
            f"{where}：有视图等依赖于要替换的表：{_line(fault)}",
            f"{where}: something depends on a table that has to be replaced: {_line(fault)}",
        ) from fault
    except psycopg2.Error as fault:
        raise TargetFailed(f"{where}：{_line(fault)}", f"{where}: {_line(fault)}") from fault


def _line(fault: psycopg2.Error) -> str:
    return " ".join(str(fault).split())[:300]


def _shown(address: str) -> str:
    """An address without its password."""
    parts = psycopg2.extensions.parse_dsn(address)
    place = f"{parts.get('host', '')}{':' + parts['port'] if 'port' in parts else ''}"
    return f"postgresql://{place}/{parts.get('dbname', '')}"
