"""Which features touch one of some boxes, edges included: by the R-tree, and what crosses an edge by GEOS.

Features without a geometry match every box (17-069r4 /req/core/fc-bbox-response C).
"""

from __future__ import annotations

import sqlite3
from functools import reduce
from typing import Final

import numpy as np
import orjson
import shapely
from numpy.typing import NDArray

from config.models import Box, Layer
from releases import crs, geopackage
from releases.features import quoted
from releases.query import Frame
from releases.table import Objects

Keys = NDArray[np.uint32]

#: Features that the R-tree is asked about one by one; of more it is asked for all that are near.
FEW: Final = 10_000


def touching(
    connection: sqlite3.Connection, layer: Layer, places: tuple[Box | Frame, ...], among: Keys | None = None
) -> Keys:
    """Keys, ascending, of the features that touch one of the places, or of those among some keys."""
    found = [_within(connection, layer, place, among) for place in places]
    keys: Keys = reduce(np.union1d, [*found, _nowhere(connection, layer)])
    return keys if among is None else np.intersect1d(keys, among, assume_unique=True)


def _nowhere(connection: sqlite3.Connection, layer: Layer) -> Keys:
    """Keys of the features without a geometry; an index of these alone finds them, empty where every feature has one."""
    shape, key = quoted(geopackage.geometry_column(layer)), quoted(geopackage.key_column(layer))
    return _keys(connection, f"SELECT {key} FROM {quoted(layer.id)} WHERE {shape} IS NULL", [])


def _within(connection: sqlite3.Connection, layer: Layer, place: Box | Frame, among: Keys | None) -> Keys:
    """Keys of the features that touch a box.

    The R-tree keeps envelopes as float32 rounded outwards: what lies inside the box by them is inside, and
    only what crosses its edge is read and decided by GEOS.
    """
    outer, inner = (place.near, place.inside) if isinstance(place, Frame) else (place, place)
    if outer is None:
        return np.zeros(0, dtype=np.uint32)
    xmin, ymin, xmax, ymax = outer
    shape, key = geopackage.geometry_column(layer), quoted(geopackage.key_column(layer))
    source, values = f"{quoted(f'rtree_{layer.id}_{shape}')} AS r", list[float | str]()
    if among is not None and len(among) <= FEW:
        source = f"json_each(?) AS k CROSS JOIN {source} ON r.id = k.value"
        values.append(_listed(among))
    near = "r.maxx >= ? AND r.minx <= ? AND r.maxy >= ? AND r.miny <= ?"
    inside = "r.minx >= ? AND r.maxx <= ? AND r.miny >= ? AND r.maxy <= ?"
    # A box that is the wrong way round, so that nothing lies inside of it.
    left, bottom, right, top = inner or (xmax, ymax, xmin, ymin)
    values += [xmin, xmax, ymin, ymax, left, right, bottom, top]
    base = f"SELECT r.id FROM {source} WHERE {near} AND {{}}"
    certain = _keys(connection, base.format(f"({inside})"), values)
    doubtful = _keys(connection, base.format(f"NOT ({inside})"), values)
    if among is not None:
        doubtful = np.intersect1d(doubtful, among, assume_unique=True)
    if not len(doubtful):
        return certain
    rows = connection.execute(
        f"SELECT {key}, {quoted(shape)} FROM {quoted(layer.id)} WHERE {key} IN (SELECT value FROM json_each(?))",
        (_listed(doubtful),),
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


def _listed(keys: Keys) -> str:
    return orjson.dumps(keys.tolist()).decode()


def _keys(connection: sqlite3.Connection, sql: str, values: list[float | str]) -> Keys:
    found = np.fromiter((row[0] for row in connection.execute(sql, values)), dtype=np.uint32)
    found.sort()
    return found
