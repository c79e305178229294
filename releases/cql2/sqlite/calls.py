"""The functions that a condition calls: what CQL2 means and SQLite has no means for, in Python and by GEOS.

SQLite calls them row by row and looks at the clock only between its own steps, so each looks at it too before it
begins. Literals and what is to be computed are given by their place in the condition, geometries of features as
GeoPackage blobs. Where any argument is null so is the answer, and nobody is called.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from time import monotonic
from typing import Any

import orjson
import pyproj
import shapely

from config.models import Layer
from releases.cql2.sqlite import sets, values
from releases.cql2.sqlite.geometries import Geometries, blob
from releases.cql2.sqlite.writer import PREFIX, Condition

Function = Callable[..., Any]


class OutOfTime(Exception):
    """There is no time left for another call."""


def install(connection: sqlite3.Connection, condition: Condition, layer: Layer, end: float) -> None:
    """Give a connection the functions that a condition calls; they give up at `end` of the monotonic clock."""
    if not condition.calls:
        return
    geometries = Geometries(condition.shapes, partial(_ellipsoid, connection, layer))
    programs = [values.program(node, geometries) for node in condition.computed]
    known: dict[str, tuple[int, Function]] = {
        "spatial": (3, geometries.predicate),
        "arrays": (3, _arrays),
        "value": (-1, partial(_value, programs)),
    }
    for name in condition.calls:
        count, function = known[name]
        # Deterministic, so that what is the same for all rows is called once.
        connection.create_function(PREFIX + name, count, _guarded(function, end), deterministic=True)


def _guarded(function: Function, end: float) -> Function:
    def call(*args: Any) -> Any:
        if None in args:
            return None
        if monotonic() > end:
            raise OutOfTime
        return function(*args)

    return call


def _value(programs: Sequence[values.Program], place: int, *inputs: Any) -> Any:
    """What is computed; a geometry as a blob, an array as JSON in bytes, which tells it from that of a field."""
    found = programs[place](inputs)
    if isinstance(found, shapely.Geometry):
        return blob(found)
    return orjson.dumps(sorted(found)) if isinstance(found, frozenset) else found


def _arrays(name: str, left: str | bytes, right: str | bytes) -> bool:
    return sets.TESTS[name](_members(left), _members(right))


@lru_cache(maxsize=256)
def _members(array: str | bytes) -> sets.Members:
    return frozenset(orjson.loads(array)) if isinstance(array, bytes) else sets.of_json(array)


def _ellipsoid(connection: sqlite3.Connection, layer: Layer) -> pyproj.Geod:
    """The ellipsoid of the CRS that the file says its geometries are in."""
    (name,) = connection.execute(
        "SELECT organization || ':' || organization_coordsys_id FROM gpkg_spatial_ref_sys "
        "JOIN gpkg_geometry_columns USING (srs_id) WHERE table_name = ?",
        (layer.id,),
    ).fetchone()
    return _geod(name)


@lru_cache
def _geod(crs: str) -> pyproj.Geod:
    found = pyproj.CRS.from_user_input(crs).get_geod()
    if found is None:
        raise ValueError(f"{crs} has no ellipsoid")
    return found
