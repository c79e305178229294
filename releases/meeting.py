"""Which features meet a place: a box, a box of another CRS, or the shape of a filter's spatial operator.

The R-tree's envelopes decide most of them (`envelopes`); the geometries of the others are read, and GEOS decides many
with one call.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from functools import reduce
from time import monotonic
from typing import Final, Protocol

import numpy as np
import orjson
import shapely
from shapely import GeometryType

from config.models import Box, Layer
from releases import crs, geopackage
from releases.cql2.nodes import Call, Shape
from releases.cql2.operators import CONVERSES
from releases.cql2.predicates import PREDICATES
from releases.cql2.shapes import rectangle
from releases.envelopes import Boxes, Mask, has, sift
from releases.features import quoted
from releases.query import Frame, Keys, TooCostly
from releases.table import Objects

#: Bytes of geometry that are decided at once.
_BATCH: Final = 1_000_000
#: Operators that hold for what lies in the inside of an area; all others but S_DISJOINT hold for nothing there.
_INSIDE: Final = ("s_intersects", "s_within")
#: Operators that hold for nothing that does not reach as far as the shape itself.
_AROUND: Final = ("s_contains", "s_equals")
_LEAST, _MOST = np.float32(-np.inf), np.float32(np.inf)


class _Place(Protocol):
    """What features are held against."""

    def sift(self, boxes: Boxes) -> tuple[Mask, Mask]:
        """In which boxes all features are meant, and in which some may be."""

    def holds(self, geometry: Objects) -> Mask:
        """Which geometries are meant."""


def touching(
    connection: sqlite3.Connection,
    layer: Layer,
    places: tuple[Box | Frame, ...],
    among: Keys | None,
    end: float,
) -> Keys:
    """Keys of the features that touch one of some boxes, edges included, ascending; of `among` alone if it is given.

    Features without a geometry match every box (17-069r4 /req/core/fc-bbox-response C). TooCostly when `end` of the
    monotonic clock comes first.
    """
    found = [_found(connection, layer, _Boxed(place), among, end) for place in places]
    nowhere = _nowhere(connection, layer)
    return reduce(np.union1d, [*found, nowhere if among is None else nowhere[has(among, nowhere)]])


def meeting(connection: sqlite3.Connection, layer: Layer, call: Call, among: Keys | None, end: float) -> Keys:
    """Keys of the features for which a spatial operator of the layer's geometry and a shape is true, ascending.

    It is null where there is no geometry. `among` and `end` as for `touching`.
    """
    shape = next(arg for arg in call.args if isinstance(arg, Shape))
    op = call.op if call.args[1] is shape else CONVERSES.get(call.op, call.op)
    if op != "s_disjoint":
        return _found(connection, layer, _Related(op, shape), among, end)
    met = _found(connection, layer, _Related("s_intersects", shape), among, end)
    placed = _placed(connection, layer, among)
    return placed[~has(met, placed)]


class _Boxed:
    """A box of degrees, or of another CRS that geometries are shown in."""

    def __init__(self, place: Box | Frame) -> None:
        frame = place if isinstance(place, Frame) else Frame(place, "", place, place)
        self._near, self._inside, self._crs = frame.near, frame.inside, frame.crs
        self._shape = rectangle(*frame.box)
        shapely.prepare(self._shape)

    def sift(self, boxes: Boxes) -> tuple[Mask, Mask]:
        some = _overlap(boxes, self._near)
        if self._inside is None:
            return np.zeros(len(boxes), dtype=bool), some
        west, south, east, north = self._inside
        xmin, xmax, ymin, ymax = boxes.T.astype(np.float64)
        return some & (xmin >= west) & (xmax <= east) & (ymin >= south) & (ymax <= north), some

    def holds(self, geometry: Objects) -> Mask:
        shown = geometry if not self._crs else crs.from_storage_xy(geometry, self._crs)
        found: Mask = shapely.intersects(self._shape, shown)
        return found


class _Related:
    """A shape to which geometries are related as an operator says, geometry first."""

    def __init__(self, op: str, shape: Shape) -> None:
        self._op, self._box = op, shape.box
        self._predicate = PREDICATES[CONVERSES.get(op, op)]
        self._shape = shapely.from_wkb(shape.wkb)
        shapely.prepare(self._shape)
        kind = shapely.get_type_id(self._shape)
        self._areal = kind in (GeometryType.POLYGON, GeometryType.MULTIPOLYGON)

    def sift(self, boxes: Boxes) -> tuple[Mask, Mask]:
        every, some = np.zeros((2, len(boxes)), dtype=bool)
        near = np.flatnonzero(_overlap(boxes, self._box))
        if self._op in _AROUND:
            west, south, east, north = self._box
            xmin, xmax, ymin, ymax = boxes[near].T.astype(np.float64)
            near = near[(xmin <= west) & (xmax >= east) & (ymin <= south) & (ymax >= north)]
        # A little larger, so that that of a point is an area too.
        low, high = np.nextafter(boxes[near][:, ::2], _LEAST), np.nextafter(boxes[near][:, 1::2], _MOST)
        areas = shapely.box(*low.T.astype(np.float64), *high.T.astype(np.float64))
        met = shapely.intersects(self._shape, areas)
        near, areas = near[met], areas[met]
        inside = shapely.contains_properly(self._shape, areas) if self._areal else np.zeros(len(near), bool)
        if self._op in _INSIDE:
            every[near[inside]] = some[near] = True
        else:
            some[near[~inside]] = True
        return every, some

    def holds(self, geometry: Objects) -> Mask:
        # GEOS is quick when the first one is prepared.
        found: Mask = self._predicate(self._shape, geometry)
        return found


def _overlap(boxes: Boxes, box: Box | None) -> Mask:
    if box is None:
        return np.zeros(len(boxes), dtype=bool)
    west, south, east, north = box
    xmin, xmax, ymin, ymax = boxes.T.astype(np.float64)
    found: Mask = (xmax >= west) & (xmin <= east) & (ymax >= south) & (ymin <= north)
    return found


def _found(
    connection: sqlite3.Connection, layer: Layer, place: _Place, among: Keys | None, end: float
) -> Keys:
    certain, doubtful = sift(connection, layer, place.sift, among, end)
    found = [certain]
    for keys, geometry in _geometries(connection, layer, doubtful, end):
        found.append(keys[place.holds(geometry)])
    return np.sort(np.concatenate(found))


def _geometries(
    connection: sqlite3.Connection, layer: Layer, keys: Keys, end: float
) -> Iterator[tuple[Keys, Objects]]:
    """Features of these keys that have a geometry, some at a time; TooCostly at `end`."""
    key, shape = quoted(geopackage.key_column(layer)), quoted(geopackage.geometry_column(layer))
    rows = connection.execute(
        f"SELECT {key}, {shape} FROM {quoted(layer.id)} "
        f"WHERE {key} IN (SELECT value FROM json_each(?)) AND {shape} NOT NULL",
        (orjson.dumps(keys.tolist()).decode(),),
    )
    for batch in _batches(rows):
        if monotonic() > end:
            raise TooCostly
        some, blobs = zip(*batch, strict=True)
        yield np.array(some, dtype=np.uint32), geopackage.from_blobs(list(blobs))


def _batches(rows: sqlite3.Cursor) -> Iterator[list[tuple[int, bytes]]]:
    batch, size = [], 0
    for row in rows:
        batch.append(row)
        size += len(row[1])
        if size > _BATCH:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _placed(connection: sqlite3.Connection, layer: Layer, among: Keys | None) -> Keys:
    """Keys of the features that have a geometry."""
    if among is None:
        # A key is the place in the order of ids, from 1.
        key, table = quoted(geopackage.key_column(layer)), quoted(layer.id)
        (last,) = connection.execute(f"SELECT max({key}) FROM {table}").fetchone()
        among = np.arange(1, (last or 0) + 1, dtype=np.uint32)
    return among[~has(_nowhere(connection, layer), among)]


def _nowhere(connection: sqlite3.Connection, layer: Layer) -> Keys:
    """Keys of the features without a geometry; an index of these alone finds them, empty where every feature has one."""
    key, shape = quoted(geopackage.key_column(layer)), quoted(geopackage.geometry_column(layer))
    rows = connection.execute(f"SELECT {key} FROM {quoted(layer.id)} WHERE {shape} IS NULL ORDER BY {key}")
    return np.fromiter((row[0] for row in rows), dtype=np.uint32)
