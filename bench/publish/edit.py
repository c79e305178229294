"""A delivery in which some edges run otherwise: what an authority sends that has surveyed a boundary again."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import shapely

from bench.dataset import Dataset
from releases import geopackage

FILE = Path("sichuan") / "sichuan.gpkg"
TABLE, AREA, UNIT = "GHFQ", "MJ", "XZQDM"
#: Degrees that a vertex is moved by: less than the next is away.
_BY = np.array([2e-5, -1e-5])
_NEAR = 1e-9


def move(data: Dataset, pairs: int, seed: int = 1) -> None:
    """Move one vertex that two zones of one county share, of so many pairs of zones, and state their areas anew."""
    path, random = data.folder / "data" / FILE, np.random.default_rng(seed)
    with closing(sqlite3.connect(path)) as connection:
        # They would call functions of geometry that only desktops have; the index is not what GDAL reads rows by.
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f'DROP TRIGGER "{name}"')
        count = connection.execute(f"SELECT max(fid) FROM {TABLE}").fetchone()[0]
        moved: set[int] = set()
        while len(moved) < 2 * pairs:
            found = _pair(connection, int(random.integers(1, count + 1)))
            if found and moved.isdisjoint(found):
                moved |= found.keys()
                connection.executemany(f"UPDATE {TABLE} SET geom = ?, {AREA} = ? WHERE fid = ?", _rows(found))
        connection.commit()


def _pair(connection: sqlite3.Connection, fid: int) -> dict[int, Any] | None:
    """Two neighbours with a vertex moved that only they share, by row; None when a row has none that will do."""
    at = _zones(connection, "fid = ?", fid).get(fid)
    if at is None:
        return None
    for place in shapely.get_coordinates(at)[1::5]:
        x, y = place.tolist()
        near = f"fid IN (SELECT id FROM rtree_{TABLE}_geom WHERE minx <= ? AND maxx >= ? AND miny <= ? AND maxy >= ?)"
        zones = _zones(connection, near, x + _NEAR, x - _NEAR, y + _NEAR, y - _NEAR)
        have = {row: zone for row, zone in zones.items() if _has(zone, place).any()}
        moved = {row: shapely.transform(zone, lambda xy: _moved(xy, place)) for row, zone in have.items()}  # noqa: B023
        if len(moved) == 2 and all(shapely.is_valid(list(moved.values()))) and _one_unit(connection, moved):
            return moved
    return None


def _zones(connection: sqlite3.Connection, where: str, *values: Any) -> dict[int, Any]:
    rows = connection.execute(f"SELECT fid, geom FROM {TABLE} WHERE {where}", values)
    return {row: shapely.from_wkb(blob[_head(blob) :]) for row, blob in rows}


def _head(blob: bytes) -> int:
    """Where the WKB begins (OGC 12-128r17, 2.1.3)."""
    return 8 + {0: 0, 1: 32, 2: 48, 3: 48, 4: 64}[blob[3] >> 1 & 7]


def _has(zone: Any, place: Any) -> Any:
    return (np.abs(shapely.get_coordinates(zone) - place) < _NEAR).all(axis=1)


def _moved(xy: Any, place: Any) -> Any:
    return np.where((np.abs(xy - place) < _NEAR).all(axis=1)[:, None], np.round(place + _BY, 7), xy)


def _one_unit(connection: sqlite3.Connection, zones: dict[int, Any]) -> bool:
    marks = ", ".join("?" * len(zones))
    asked = f"SELECT count(DISTINCT {UNIT}) FROM {TABLE} WHERE fid IN ({marks})"
    return bool(connection.execute(asked, list(zones)).fetchone()[0] == 1)


def _rows(zones: dict[int, Any]) -> Iterator[tuple[bytes | None, float, int]]:
    ellipsoid = pyproj.Geod(ellps="GRS80")
    shapes = np.array(list(zones.values()), dtype=object)
    for row, zone, blob in zip(zones, shapes, geopackage.to_blobs(shapes, 4490)):
        yield blob, round(abs(ellipsoid.geometry_area_perimeter(zone)[0]), 1), row
