"""Which features of a layer match a query's conditions: their keys, found in the layer's GeoPackage.

The whole answer is found at once and not page by page: a bbox needs the exact predicate on what crosses its
edge, the count must be exact, and a walk asks for the same conditions again and again. So a store keeps
selections (4 bytes a feature), and every further page is a slice.
"""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta
from functools import reduce
from time import monotonic
from typing import Final

import numpy as np
import orjson
import shapely
from numpy.typing import NDArray

from config.models import Box, Layer
from releases import crs, geopackage, search
from releases.cql2 import Filter, sqlite
from releases.features import milliseconds, quoted
from releases.order import ordered
from releases.query import Frame, Interval, SortKey, TooCostly, Value, Where
from releases.table import Objects

Keys = NDArray[np.uint32]
Condition = tuple[str, list[Value]]

#: So long may a database look for what matches.
SECONDS: Final = 10.0
#: Features whose conditions are looked at one by one; where a text search finds more, both are asked for all.
FEW: Final = 10_000
#: Characters of a condition; SQLite takes a million bytes of SQL. Hundreds of long intervals would have more.
LONGEST: Final = 500_000
#: Steps of SQLite's machine between two looks at the clock, a millisecond or less.
_STEPS: Final = 10_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def select(
    connection: sqlite3.Connection, layer: Layer, where: Where, order: tuple[SortKey, ...] = ()
) -> Keys:
    """The keys that match, ascending or in an order; TooCostly when they are not found in SECONDS."""
    end = monotonic() + SECONDS
    conditions = [_equality(layer, *pair) for pair in where.equals]
    if where.interval:
        conditions += _intersection(layer, where.interval)
    if where.filter:
        conditions.append(_filtering(connection, layer, where.filter, end))
    connection.set_progress_handler(lambda: monotonic() > end, _STEPS)
    try:
        if order and where.everything:
            return ordered(connection, layer, order)
        found = _matching(connection, layer, where, conditions)
        return ordered(connection, layer, order, found) if order else found
    except sqlite3.OperationalError as fault:
        if monotonic() > end:
            raise TooCostly from fault
        raise
    finally:
        connection.set_progress_handler(None, 0)


def _matching(
    connection: sqlite3.Connection, layer: Layer, where: Where, conditions: list[Condition]
) -> Keys:
    places: tuple[Box | Frame, ...] = (*where.boxes, *where.frames)
    called = search.find(connection, where.words) if where.words else None
    if called is None:
        return _meeting(connection, layer, places, conditions)
    if where.only_words:
        return called
    if len(called) <= FEW:
        return _meeting(connection, layer, places, [_among(layer, called), *conditions])
    found = _meeting(connection, layer, places, conditions)
    return np.intersect1d(found, called, assume_unique=True)


def _meeting(
    connection: sqlite3.Connection, layer: Layer, places: tuple[Box | Frame, ...], conditions: list[Condition]
) -> Keys:
    """Keys of the features that touch one of the places, if there are any, and meet all conditions."""
    if places:
        found = [_within(connection, layer, place, conditions) for place in places]
        return reduce(np.union1d, [*found, _nowhere(connection, layer, conditions)])
    key = f"l.{quoted(geopackage.key_column(layer))}"
    sql, values = _joined(conditions)
    return _keys(connection, f"SELECT {key} FROM {quoted(layer.id)} AS l WHERE {sql}", values)


def key_of(connection: sqlite3.Connection, layer: Layer, feature_id: Value) -> int | None:
    """The key of the feature with an id of the id field's type, None when there is none."""
    key, name = quoted(geopackage.key_column(layer)), quoted(layer.id_field.name)
    row = connection.execute(
        f"SELECT {key} FROM {quoted(layer.id)} WHERE {name} = ?", (feature_id,)
    ).fetchone()
    return None if row is None else int(row[0])


def _equality(layer: Layer, name: str, value: Value) -> Condition:
    field = layer.field(name)
    if field is not None and field.type == "array":
        # No index: arrays stand in small registers, and the answer is kept.
        return f"EXISTS (SELECT 1 FROM json_each(l.{quoted(name)}) AS member WHERE member.value = ?)", [value]
    return f"l.{quoted(name)} = ?", [value]


def _among(layer: Layer, keys: Keys) -> Condition:
    key = quoted(geopackage.key_column(layer))
    return f"l.{key} IN (SELECT value FROM json_each(?))", [orjson.dumps(keys.tolist()).decode()]


def _filtering(connection: sqlite3.Connection, layer: Layer, filter: Filter, end: float) -> Condition:
    """The condition of a filter; what it calls goes to the connection, which one thread holds, and looks at the clock."""
    found = sqlite.condition(filter, layer)
    if len(found.text) > LONGEST:
        raise TooCostly
    sqlite.install(connection, found, layer, end)
    return found.text, list(found.values)


def _intersection(layer: Layer, interval: Interval) -> list[Condition]:
    """Features whose time intersects the interval, to the millisecond.

    A missing start or end is open, so a feature without either matches always (17-069r4 7.15.4).
    """
    if not layer.temporal_fields:
        return []
    first, last = layer.temporal_fields[0], layer.temporal_fields[-1]
    start, end = milliseconds(first, table="l"), milliseconds(last, end=True, table="l")
    conditions: list[Condition] = []
    if interval[0] is not None:
        conditions.append((f"({end} >= ? OR {end} IS NULL)", [_since_epoch(interval[0])]))
    if interval[1] is not None:
        conditions.append((f"({start} <= ? OR {start} IS NULL)", [_since_epoch(interval[1])]))
    return conditions


def _since_epoch(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def _nowhere(connection: sqlite3.Connection, layer: Layer, conditions: list[Condition]) -> Keys:
    """Keys of the features without a geometry: they match every box (17-069r4 /req/core/fc-bbox-response C).

    An index of these alone finds them: it is empty where every feature has one.
    """
    shape, key = quoted(geopackage.geometry_column(layer)), quoted(geopackage.key_column(layer))
    where, values = _joined(conditions)
    return _keys(
        connection, f"SELECT l.{key} FROM {quoted(layer.id)} AS l WHERE l.{shape} IS NULL AND {where}", values
    )


def _within(
    connection: sqlite3.Connection, layer: Layer, place: Box | Frame, conditions: list[Condition]
) -> Keys:
    """Keys of the features that touch a box, edges included.

    The R-tree keeps envelopes as float32 rounded outwards: what lies inside the box by them is inside, and
    only what crosses its edge is read and decided by GEOS.
    """
    outer, inner = (place.near, place.inside) if isinstance(place, Frame) else (place, place)
    if outer is None:
        return np.zeros(0, dtype=np.uint32)
    xmin, ymin, xmax, ymax = outer
    shape, key = geopackage.geometry_column(layer), quoted(geopackage.key_column(layer))
    rtree, table = quoted(f"rtree_{layer.id}_{shape}"), quoted(layer.id)
    # CROSS JOIN keeps SQLite from walking an index of the table and asking the R-tree row by row.
    join = f" CROSS JOIN {table} AS l ON l.{key} = r.id" if conditions else ""
    near = "r.maxx >= ? AND r.minx <= ? AND r.maxy >= ? AND r.miny <= ?"
    inside = "r.minx >= ? AND r.maxx <= ? AND r.miny >= ? AND r.maxy <= ?"
    where, values = _joined(conditions)
    # A box that is the wrong way round, so that nothing lies inside of it.
    left, bottom, right, top = inner or (xmax, ymax, xmin, ymin)
    bounds = [xmin, xmax, ymin, ymax, left, right, bottom, top, *values]
    base = f"SELECT r.id FROM {rtree} AS r{join} WHERE {near} AND {{}} AND {where}"
    certain = _keys(connection, base.format(f"({inside})"), bounds)
    doubtful = _keys(connection, base.format(f"NOT ({inside})"), bounds)
    if not len(doubtful):
        return certain
    rows = connection.execute(
        f"SELECT {key}, {quoted(shape)} FROM {table} WHERE {key} IN (SELECT value FROM json_each(?))",
        (orjson.dumps(doubtful.tolist()).decode(),),
    ).fetchall()
    found = np.array([row[0] for row in rows], dtype=np.uint32)
    return np.union1d(certain, found[_touching(place, geopackage.from_blobs([row[1] for row in rows]))])


def _touching(place: Box | Frame, geometry: Objects) -> NDArray[np.bool_]:
    """Which geometries touch a box, those of a frame's as they are shown in its CRS."""
    if isinstance(place, Frame):
        shape, geometry = _shape(place.box), crs.from_storage_xy(geometry, place.crs)
    else:
        shape = _shape(place)
    shapely.prepare(shape)
    found: NDArray[np.bool_] = shapely.intersects(shape, geometry)
    return found


def _shape(box: Box) -> shapely.Geometry:
    """The box as a valid geometry also where it has no width, no height or neither."""
    xmin, ymin, xmax, ymax = box
    if xmin == xmax and ymin == ymax:
        return shapely.Point(xmin, ymin)
    if xmin == xmax or ymin == ymax:
        return shapely.LineString([(xmin, ymin), (xmax, ymax)])
    return shapely.box(*box)


def _joined(conditions: list[Condition]) -> Condition:
    where = " AND ".join(sql for sql, _ in conditions) or "1"
    return where, [value for _, values in conditions for value in values]


def _keys(connection: sqlite3.Connection, sql: str, values: list[Value]) -> Keys:
    found = np.fromiter((row[0] for row in connection.execute(sql, values)), dtype=np.uint32)
    found.sort()
    return found
