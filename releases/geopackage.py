"""What a release needs of GeoPackage 1.3 (OGC 12-128r17): tables, geometry blobs, R-tree.

Only facts of the format live here; `features.py` fills them. Readers are GDAL, QGIS and our own store.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

import numpy as np
import shapely

from config.models import Field, Layer
from releases.table import Objects, Table

APPLICATION_ID = 0x47504B47  # "GPKG", clause 1.1.1.1.1
VERSION = 10_300
#: A release has no time of its own (its history entry has one), and the column may not be null.
LAST_CHANGE = "1970-01-01T00:00:00.000Z"

#: GeoPackageBinary (clause 2.1.3), little endian, always with an xy envelope: 40 bytes, then the WKB.
HEADER = np.dtype(
    [("magic", "S2"), ("version", "u1"), ("flags", "u1"), ("srs", "<i4"), ("envelope", "<f8", (4,))]
)
LITTLE_ENDIAN, ENVELOPE_XY, EMPTY = 0b0001, 0b0010, 0b10000

COLUMN_TYPES = {
    "string": "TEXT",
    "integer": "INTEGER",
    "number": "DOUBLE",
    "boolean": "BOOLEAN",
    "array": "TEXT",  # the text of a JSON array
}

TABLES = (
    """
    CREATE TABLE gpkg_spatial_ref_sys (
      srs_name TEXT NOT NULL, srs_id INTEGER NOT NULL PRIMARY KEY, organization TEXT NOT NULL,
      organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL, description TEXT)
    """,
    """
    CREATE TABLE gpkg_contents (
      table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL, identifier TEXT UNIQUE,
      description TEXT DEFAULT '',
      last_change DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')),
      min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE, srs_id INTEGER,
      CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id))
    """,
    """
    CREATE TABLE gpkg_geometry_columns (
      table_name TEXT NOT NULL, column_name TEXT NOT NULL, geometry_type_name TEXT NOT NULL,
      srs_id INTEGER NOT NULL, z TINYINT NOT NULL, m TINYINT NOT NULL,
      CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name),
      CONSTRAINT uk_gc_table_name UNIQUE (table_name),
      CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES gpkg_contents(table_name),
      CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys (srs_id))
    """,
    """
    CREATE TABLE gpkg_extensions (
      table_name TEXT, column_name TEXT, extension_name TEXT NOT NULL, definition TEXT NOT NULL,
      scope TEXT NOT NULL,
      CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name))
    """,
)

#: What the R-tree extension demands of a file that may be edited (annex F.3); never fired in a release.
TRIGGERS = (
    """
    CREATE TRIGGER "rtree_{t}_{g}_insert" AFTER INSERT ON "{t}"
      WHEN (NEW."{g}" NOT NULL AND NOT ST_IsEmpty(NEW."{g}"))
    BEGIN INSERT OR REPLACE INTO "rtree_{t}_{g}" VALUES (NEW."{k}", ST_MinX(NEW."{g}"), ST_MaxX(NEW."{g}"),
      ST_MinY(NEW."{g}"), ST_MaxY(NEW."{g}")); END
    """,
    """
    CREATE TRIGGER "rtree_{t}_{g}_update1" AFTER UPDATE OF "{g}" ON "{t}"
      WHEN OLD."{k}" = NEW."{k}" AND (NEW."{g}" NOTNULL AND NOT ST_IsEmpty(NEW."{g}"))
    BEGIN INSERT OR REPLACE INTO "rtree_{t}_{g}" VALUES (NEW."{k}", ST_MinX(NEW."{g}"), ST_MaxX(NEW."{g}"),
      ST_MinY(NEW."{g}"), ST_MaxY(NEW."{g}")); END
    """,
    """
    CREATE TRIGGER "rtree_{t}_{g}_update2" AFTER UPDATE OF "{g}" ON "{t}"
      WHEN OLD."{k}" = NEW."{k}" AND (NEW."{g}" ISNULL OR ST_IsEmpty(NEW."{g}"))
    BEGIN DELETE FROM "rtree_{t}_{g}" WHERE id = OLD."{k}"; END
    """,
    """
    CREATE TRIGGER "rtree_{t}_{g}_update3" AFTER UPDATE ON "{t}"
      WHEN OLD."{k}" != NEW."{k}" AND (NEW."{g}" NOTNULL AND NOT ST_IsEmpty(NEW."{g}"))
    BEGIN DELETE FROM "rtree_{t}_{g}" WHERE id = OLD."{k}";
      INSERT OR REPLACE INTO "rtree_{t}_{g}" VALUES (NEW."{k}", ST_MinX(NEW."{g}"), ST_MaxX(NEW."{g}"),
      ST_MinY(NEW."{g}"), ST_MaxY(NEW."{g}")); END
    """,
    """
    CREATE TRIGGER "rtree_{t}_{g}_update4" AFTER UPDATE ON "{t}"
      WHEN OLD."{k}" != NEW."{k}" AND (NEW."{g}" ISNULL OR ST_IsEmpty(NEW."{g}"))
    BEGIN DELETE FROM "rtree_{t}_{g}" WHERE id IN (OLD."{k}", NEW."{k}"); END
    """,
    """
    CREATE TRIGGER "rtree_{t}_{g}_delete" AFTER DELETE ON "{t}" WHEN OLD."{g}" NOT NULL
    BEGIN DELETE FROM "rtree_{t}_{g}" WHERE id = OLD."{k}"; END
    """,
)


def key_column(layer: Layer) -> str:
    """The column of keys, "fid" unless a field has that name."""
    return free("fid", layer)


def geometry_column(layer: Layer) -> str:
    """The column of geometries, "geom" unless a field has that name."""
    return free("geom", layer)


def free(name: str, layer: Layer) -> str:
    """A name for a column that no field of the layer has, this one if it can be; case makes no difference."""
    taken = {field.name.lower() for field in layer.fields}
    while name in taken:
        name += "_"
    return name


class Columns(NamedTuple):
    """The types of a layer's columns: of each field, and of its geometry."""

    fields: Mapping[str, str]
    geometry: str


def columns(table: Table) -> Columns:
    """The types that the values of a whole layer have."""
    fields = {
        field.name: column_type(field, full_dates(table.values[field.name])) for field in table.layer.fields
    }
    kinds = {shape.geom_type for shape in table.geometry if shape is not None}
    return Columns(fields, geometry_type(table.layer, kinds))


def full_dates(values: Objects) -> bool:
    """Whether all values of a date field are full-dates; of another field's, nothing is said."""
    return all(len(value) == 10 for value in values if isinstance(value, str))


def column_type(field: Field, full_dates: bool) -> str:
    """The GeoPackage type of a field's column.

    A date is DATE when all its values are full-dates; a column where date-times stand as well fits no
    GeoPackage date type and is TEXT.
    """
    if field.type == "date":
        return "DATE" if full_dates else "TEXT"
    return COLUMN_TYPES[field.type]


def geometry_type(layer: Layer, kinds: Collection[str]) -> str:
    """The declared kind when all geometries are of it, else GEOMETRY, which allows any."""
    return layer.geometry.upper() if set(kinds) <= {layer.geometry} else "GEOMETRY"


def to_blobs(geometry: Objects, srs: int) -> list[bytes | None]:
    """GeoPackageBinary of each geometry (n,), None for a null one."""
    header = np.zeros(len(geometry), HEADER)
    header["magic"] = b"GP"
    header["flags"] = LITTLE_ENDIAN | ENVELOPE_XY | np.where(shapely.is_empty(geometry), EMPTY, 0)
    header["srs"] = srs
    header["envelope"] = shapely.bounds(geometry)[:, [0, 2, 1, 3]]
    heads = header.tobytes()
    size = HEADER.itemsize
    bodies = shapely.to_wkb(geometry, byte_order=1)
    return [
        None if body is None else heads[i * size : (i + 1) * size] + body for i, body in enumerate(bodies)
    ]


def from_blobs(blobs: list[bytes]) -> Objects:
    """The geometries of blobs that `to_blobs` made; (n,) objects."""
    bodies = np.array([blob[HEADER.itemsize :] for blob in blobs], dtype=object)
    geometry: Objects = shapely.from_wkb(bodies)
    return geometry
