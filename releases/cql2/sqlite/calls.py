"""The functions that a condition calls: what CQL2 means and SQLite has no means for, in Python and by GEOS.

SQLite calls them row by row and looks at the clock only between its own steps, so each looks at it too before it
begins. Literals are given by their place in the condition, geometries of features as GeoPackage blobs. Where any
argument is null so is the answer, and nobody is called.
"""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache, partial
from time import monotonic
from typing import Any, Final

import pyproj

from config.models import Layer
from releases.cql2 import arithmetic, texts
from releases.cql2.sqlite.geometries import Geometries
from releases.cql2.sqlite.sets import Sets
from releases.cql2.sqlite.writer import PREFIX, Condition

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
#: The integers that SQLite holds.
_INTEGERS: Final = range(-(2**63), 2**63)
#: As many arguments as there are.
_ANY: Final = -1

Function = Callable[..., Any]


class OutOfTime(Exception):
    """There is no time left for another call."""


def install(connection: sqlite3.Connection, condition: Condition, layer: Layer, end: float) -> None:
    """Give a connection the functions that a condition calls; they give up at `end` of the monotonic clock."""
    if not condition.calls:
        return
    geometries = Geometries(condition.shapes, partial(_ellipsoid, connection, layer))
    sets = Sets(condition.arrays, geometries)
    known: Mapping[str, tuple[int, Function]] = {
        **_PLAIN,
        "spatial": (3, geometries.predicate),
        "area": (1, geometries.area),
        "length": (1, geometries.length),
        "centroid": (1, geometries.centroid),
        "arrays": (3, sets.compare),
        "set": (_ANY, sets.of),
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


def _substr(text: str, first: float, count: float) -> str:
    start, stop = int(first) - 1, int(first) - 1 + int(count)
    return text[max(start, 0) : max(stop, 0)]


def _abs(number: int | float) -> int | float:
    found = abs(number)
    return found if isinstance(found, float) or found in _INTEGERS else float(found)


def _round(number: int | float) -> int | float:
    if isinstance(number, int) or abs(number) >= arithmetic.WHOLE:
        return number
    whole = math.floor(abs(number))
    return int(math.copysign(whole + (abs(number) - whole >= 0.5), number))


def _moment(milliseconds: int) -> datetime:
    return _EPOCH + timedelta(milliseconds=milliseconds)


#: Name -> how many arguments, and what is computed from them; those that need nothing of the condition.
_PLAIN: Final[Mapping[str, tuple[int, Function]]] = {
    **{name: (1, fold) for name, fold in texts.FOLDINGS.items()},
    "lower": (1, str.lower),
    "upper": (1, str.upper),
    "substr": (3, _substr),
    "char_length": (1, len),
    "abs": (1, _abs),
    "round": (1, _round),
    "modulo": (2, arithmetic.operation("%")),
    "quotient": (2, arithmetic.operation("div")),
    "power": (2, arithmetic.operation("^")),
    "year": (1, lambda time: _moment(time).year),
    "month": (1, lambda time: _moment(time).month),
    "day": (1, lambda time: _moment(time).day),
}
