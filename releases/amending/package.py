"""The GeoPackage of a layer with some rows updated.

A copy to which SQLite does what a desktop would do: the triggers that the format demands of a file which may be edited
(OGC 12-128r17, annex F.3) keep the R-tree, with the functions of geometry that they call.
"""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import shapely

from config.models import Box
from releases import databasefile, geopackage
from releases.features import quoted
from releases.table import Table


def write(before: Path, after: Table, keys: np.ndarray, extent: Box | None, crs: str, path: Path) -> None:
    """Write the GeoPackage of a release whose features of `keys` (m,) are the rows of `after`."""
    shutil.copyfile(before, path)
    layer, srs = after.layer, int(crs.rpartition(":")[2])
    names = [*(field.name for field in layer.fields), geopackage.geometry_column(layer)]
    marks = ", ".join(f"{quoted(name)} = ?" for name in names)
    update = f"UPDATE {quoted(layer.id)} SET {marks} WHERE {quoted(geopackage.key_column(layer))} = ?"
    arrays = {field.name for field in layer.fields if field.type == "array"}
    columns: list[Any] = [
        [None if value is None else orjson.dumps(value).decode() for value in after.values[field.name]]
        if field.name in arrays
        else after.values[field.name].tolist()
        for field in layer.fields
    ]
    blobs = geopackage.to_blobs(after.geometry, srs)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.executescript(databasefile.SETTINGS)
        for name, function in _FUNCTIONS.items():
            connection.create_function(name, 1, function, deterministic=True)
        connection.execute("BEGIN")
        connection.executemany(update, zip(*columns, blobs, keys.tolist(), strict=True))
        connection.execute(
            "UPDATE gpkg_contents SET min_x = ?, min_y = ?, max_x = ?, max_y = ?", extent or [None] * 4
        )
        connection.execute("COMMIT")
    databasefile.sign(path)


def _shape(blob: bytes) -> shapely.Geometry:
    return geopackage.from_blobs([blob])[0]


_FUNCTIONS = {
    "ST_IsEmpty": lambda blob: bool(shapely.is_empty(_shape(blob))),
    "ST_MinX": lambda blob: float(shapely.bounds(_shape(blob))[0]),
    "ST_MinY": lambda blob: float(shapely.bounds(_shape(blob))[1]),
    "ST_MaxX": lambda blob: float(shapely.bounds(_shape(blob))[2]),
    "ST_MaxY": lambda blob: float(shapely.bounds(_shape(blob))[3]),
}
