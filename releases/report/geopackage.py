"""The findings as a GeoPackage: layers to open in QGIS and work through, coloured at once.

    findings_polygons  findings_lines  findings_points     by the fault's own shape, else by its place
    findings_nowhere                                       faults of files and fields, and those that were only counted

`status` is for whoever mends: "open" until he says "fixed". `layer_styles` is where QGIS looks for the style of a layer. The same
bytes for equal candidates, written as the features of a release are (`releases.features`).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely

from config.models import Text
from releases import databasefile, geopackage
from releases.features import quoted, reference_systems
from releases.findings import Finding
from releases.report import qml
from releases.report.places import drawable
from releases.table import Objects

#: The column of keys: the finding's place in the JSON, from 1, which is its number on the page too.
KEY: Final = "number"
GEOMETRY: Final = "geom"
#: Column -> its type. What is empty in a finding is null.
COLUMNS: Final = {
    "status": "TEXT NOT NULL DEFAULT 'open'",
    "severity": "TEXT NOT NULL",
    "rule": "TEXT NOT NULL",
    "authority": "TEXT",
    "layer": "TEXT",
    "field": "TEXT",
    "feature": "TEXT",
    "row": "INTEGER",
    "message_zh": "TEXT NOT NULL",
    "message_en": "TEXT NOT NULL",
    "measured": "DOUBLE",
    "others": "TEXT",
    "other_layer": "TEXT",
    "count": "INTEGER NOT NULL",
    "remark": "TEXT",
}


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table of the file; `kind` is its geometry type, None for one without geometry."""

    name: str
    title: Text
    kind: str | None
    dimension: int | None


SHEETS: Final = (
    Sheet("findings_polygons", Text(zh="检查发现（面）", en="Findings (polygons)"), "MULTIPOLYGON", 2),
    Sheet("findings_lines", Text(zh="检查发现（线）", en="Findings (lines)"), "MULTILINESTRING", 1),
    Sheet("findings_points", Text(zh="检查发现（点）", en="Findings (points)"), "POINT", 0),
    Sheet("findings_nowhere", Text(zh="检查发现（无位置）", en="Findings (no place)"), None, None),
)
#: As QGIS makes it when it stores a style in a GeoPackage.
_STYLES: Final = """
CREATE TABLE layer_styles (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256), f_table_schema TEXT(256),
  f_table_name TEXT(256), f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT,
  useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30),
  update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')))
"""


def write(path: Path, findings: Sequence[Finding], crs: str) -> None:
    """Write findings to a new file; places and shapes are in degrees of `crs` ("EPSG:4490"), x = lon, y = lat."""
    shapes = [_shape(finding) for finding in findings]
    with databasefile.created(path, geopackage.APPLICATION_ID, geopackage.VERSION) as connection:
        for statement in geopackage.TABLES:
            connection.execute(statement)
        connection.executemany(
            "INSERT INTO gpkg_spatial_ref_sys VALUES (?, ?, ?, ?, ?, ?)", reference_systems(crs)
        )
        for sheet in SHEETS:
            here = [
                number
                for number, shape in enumerate(shapes)
                if (None if shape is None else shapely.get_dimensions(shape)) == sheet.dimension
            ]
            _fill(connection, sheet, findings, shapes, here, int(crs.rpartition(":")[2]))
        _style(connection)


def _shape(finding: Finding) -> shapely.Geometry | None:
    """The fault as one polygon, line or point, of several kinds the widest; else its place, None without one."""
    fault = drawable(finding.geometry)
    if fault is None:
        return None if finding.place is None else shapely.Point(finding.place)
    parts = shapely.get_parts(fault)
    parts = parts[~shapely.is_empty(parts)]
    dimension = shapely.get_dimensions(parts).max()
    widest = list(parts[shapely.get_dimensions(parts) == dimension])
    if dimension == 0:
        return widest[0]
    if dimension == 1:
        return shapely.MultiLineString([shapely.LineString(line) for line in widest])
    return shapely.MultiPolygon(widest)


def _fill(
    connection: sqlite3.Connection,
    sheet: Sheet,
    findings: Sequence[Finding],
    shapes: Sequence[shapely.Geometry | None],
    here: list[int],
    srs: int,
) -> None:
    """Make a table and put the findings in it whose places in the list are `here`."""
    columns = [f"{quoted(KEY)} INTEGER PRIMARY KEY NOT NULL"]
    columns += [f"{quoted(name)} {kind}" for name, kind in COLUMNS.items()]
    rows = [(number + 1, *_values(findings[number])) for number in here]
    if sheet.kind is None:
        _describe(connection, sheet, None, None)
        connection.execute(f"CREATE TABLE {sheet.name} ({', '.join(columns)})")
        _insert(connection, sheet.name, rows)
        return
    geometry: Objects = np.empty(len(here), dtype=object)
    geometry[:] = [shapes[number] for number in here]
    box = shapely.total_bounds(geometry).tolist() if here else None
    _describe(connection, sheet, box, srs)
    connection.execute(
        "INSERT INTO gpkg_geometry_columns VALUES (?, ?, ?, ?, 0, 0)", (sheet.name, GEOMETRY, sheet.kind, srs)
    )
    connection.execute(
        "INSERT INTO gpkg_extensions VALUES (?, ?, 'gpkg_rtree_index', ?, 'write-only')",
        (sheet.name, GEOMETRY, "http://www.geopackage.org/spec130/#extension_rtree"),
    )
    connection.execute(f"CREATE TABLE {sheet.name} ({', '.join(columns)}, {GEOMETRY} {sheet.kind})")
    rtree = f"rtree_{sheet.name}_{GEOMETRY}"
    connection.execute(f"CREATE VIRTUAL TABLE {rtree} USING rtree(id, minx, maxx, miny, maxy)")
    blobs = geopackage.to_blobs(geometry, srs) if here else []
    _insert(connection, sheet.name, [(*row, blob) for row, blob in zip(rows, blobs)])
    boxes = shapely.bounds(geometry)[:, [0, 2, 1, 3]].tolist() if here else []
    _insert(connection, rtree, [(row[0], *each) for row, each in zip(rows, boxes)])
    # Here they do fire: the file is made to be edited.
    for trigger in geopackage.TRIGGERS:
        connection.execute(trigger.format(t=sheet.name, g=GEOMETRY, k=KEY))


def _describe(
    connection: sqlite3.Connection, sheet: Sheet, box: Sequence[float] | None, srs: int | None
) -> None:
    kind = "attributes" if sheet.kind is None else "features"
    title = f"{sheet.title.zh} {sheet.title.en}"
    connection.execute(
        "INSERT INTO gpkg_contents VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (sheet.name, kind, title, "", geopackage.LAST_CHANGE, *(box or (None, None, None, None)), srs),
    )


def _insert(connection: sqlite3.Connection, table: str, rows: Sequence[Sequence[Any]]) -> None:
    if rows:
        connection.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(rows[0]))})", rows)


def _values(finding: Finding) -> tuple[Any, ...]:
    """A finding's columns, in their order."""
    return (
        "open",
        finding.severity,
        finding.rule,
        finding.authority,
        finding.layer,
        finding.field,
        finding.feature,
        finding.row,
        finding.message.zh,
        finding.message.en,
        finding.measured,
        ", ".join(finding.others) or None,
        finding.other_layer,
        finding.count,
        None,
    )


def _style(connection: sqlite3.Connection) -> None:
    """How QGIS shows each layer that has geometries."""
    connection.execute(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, last_change)"
        " VALUES ('layer_styles', 'attributes', 'layer_styles', ?)",
        (geopackage.LAST_CHANGE,),
    )
    connection.execute(_STYLES)
    for sheet in SHEETS:
        connection.execute(
            "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName,"
            " styleQML, styleSLD, useAsDefault, description, owner, ui, update_time)"
            " VALUES ('', '', ?, ?, 'severity', ?, '', 1, '', '', NULL, ?)",
            (
                sheet.name,
                GEOMETRY if sheet.kind else "",
                qml.style(sheet.dimension),
                geopackage.LAST_CHANGE,
            ),
        )
