"""Faults of whole sources: files that are missing, broken, of another format, encoding, CRS or schema.

Each takes a source that no other layer is held against, so one fault hides none; a mandatory field that is missing
leaves every feature without a value, which is planted as its consequence.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pyogrio
import pyproj
import shapely
from numpy.typing import NDArray

from releases.demo.dirty.site import Site, remove
from releases.demo.rows import Rows

Clean = Mapping[tuple[str, str], Rows]
JOINT, SICHUAN = "joint/joint.gpkg", "sichuan/sichuan.gpkg"


def broken(site: Site, clean: Clean) -> None:
    """Files, tables and fields that are not what they should be."""
    _files(site, clean)
    _tables(site, clean)


def _files(site: Site, clean: Clean) -> None:
    """Files that cannot be read as what they should be."""
    data = site.data
    remove(data / "joint/cooperation_platforms.geojson")
    site.plant("source-missing", "joint", "cooperation_platforms", "删除文件", "the file deleted")

    _cut(site.own("joint/plan_structure.geojson"), 0.5)
    site.plant(
        "source-unreadable", "joint", "plan_structure", "GeoJSON 截去一半", "half of the GeoJSON cut off"
    )

    _cut(site.own("chongqing/XZQJX.shp"), 0.6)
    site.plant("source-truncated", "chongqing", "xzqjx", ".shp 截短", "the .shp cut short")

    (data / "chongqing/STBHHX.shx").unlink()
    site.plant("source-incomplete", "chongqing", "stbhhx", "删除 .shx", "the .shx deleted")

    archive = data / "joint/major_projects.zip"
    archive.write_bytes(b"PK\x03\x04" + (data / "joint/major_projects.geojson").read_bytes()[:2000])
    remove(data / "joint/major_projects.geojson")
    site.source("major_projects", "joint")["path"] = "joint/major_projects.zip"
    site.plant("source-archive", "joint", "major_projects", "压缩包损坏", "a damaged archive")

    (data / "chongqing/XZJ.geojson").rename(data / "chongqing/XZJ.fgb")
    site.source("townships", "chongqing")["path"] = "chongqing/XZJ.fgb"
    site.plant(
        "source-format",
        "chongqing",
        "townships",
        "GeoJSON 命名为 FlatGeobuf",
        "a GeoJSON named as a FlatGeobuf",
    )

    site.rewrite("yjjbnt", "chongqing", clean["yjjbnt", "chongqing"], encoding="UTF-8")
    remove_suffix(data / "chongqing/YJJBNT.shp", ".cpg")
    site.plant(
        "encoding", "chongqing", "yjjbnt", "以 UTF-8 写入，声明为 GBK", "written in UTF-8, declared as GBK"
    )

    site.write_note("chongqing/delivery.yml", {"authority": "chongqing", "layers": {"ghfqs": {}}})
    site.plant(
        "delivery-note", "chongqing", None, "说明中的图层不存在", "a note on a layer that there is not"
    )
    (data / "joint/delivery.yml").write_text("authority: joint\n  layers: {\n", "utf-8")
    site.plant("delivery-note", "joint", None, "说明不是 YAML", "a note that is no YAML")


def _tables(site: Site, clean: Clean) -> None:
    """Tables that are not there, empty, or have other columns than they should."""
    with _opened(site.own(SICHUAN)) as database:
        _renamed(database, "XZJ", "XZJ_2023")
        site.plant("table-missing", "sichuan", "townships", "数据表改名", "the table renamed")
        database.execute('DELETE FROM "STBHHX"')
        database.execute("UPDATE gpkg_ogr_contents SET feature_count = 0 WHERE table_name = 'STBHHX'")
        site.plant("empty-layer", "sichuan", "stbhhx", "删除全部要素", "all features deleted")
        database.execute('ALTER TABLE "CZKFBJ" ADD COLUMN "BZ" TEXT')
        site.plant("unknown-field", "sichuan", "czkfbj", "多出字段 BZ", "one more field, BZ", "BZ")
    with _opened(site.own(JOINT)) as database:
        database.execute('ALTER TABLE "world_heritage" DROP COLUMN "SFSY"')
        number = site.plant(
            "missing-field", "joint", "world_heritage", "删除必填字段", "a mandatory field dropped", "SFSY"
        )
        for row, identifier in enumerate(clean["world_heritage", "joint"].values["BH"], start=1):
            site.plant(
                "mandatory",
                "joint",
                "world_heritage",
                "缺少必填字段，故无值",
                "no value, since the mandatory field is missing",
                "SFSY",
                feature=str(identifier),
                row=row,
                consequence_of=number,
            )
        database.execute('ALTER TABLE "places" DROP COLUMN "RK"')
        site.plant(
            "field-absent", "joint", "places", "删除非必填字段", "a field dropped that is not mandatory", "RK"
        )
        # "GPKG" and "GP10" are what a GeoPackage has there (OGC 12-128r19 1.1.1.1.1).
        database.execute("PRAGMA application_id = 0")
        for layer in (
            "xzqjx",
            "plan_extent",
            "places",
            "airports",
            "rail_stations",
            "rivers",
            "world_heritage",
        ):
            site.plant("reader-warning", "joint", layer, "application_id 有误", "a wrong application_id")

    _with_copy(site.data / "chongqing/CZKFBJ.shp", "XZMC", "XZQMC")
    site.plant(
        "ambiguous-field",
        "chongqing",
        "czkfbj",
        "同一字段以别名与原名各出现一次",
        "a field twice, by its alias and by its own name",
        "XZQMC",
    )


def references(site: Site, clean: Clean) -> None:
    """Coordinates that are not in the CRS that the file or the configuration names."""
    remove_suffix(site.data / "chongqing/XZQJX.shp", ".prj")
    site.plant("crs-missing", "chongqing", "xzqjx", "删除 .prj", "the .prj deleted")

    label = site.own("chongqing/STBHHX.prj")
    label.write_bytes(label.read_text("utf-8").replace("CGCS2000", "国家大地坐标系").encode("gbk"))
    site.plant("crs-unreadable", "chongqing", "stbhhx", ".prj 不是 UTF-8", "a .prj that is not UTF-8")

    site.own("chongqing/YJJBNT.prj").write_text(pyproj.CRS("EPSG:4523").to_wkt("WKT1_ESRI"), "utf-8")
    site.plant("crs-other", "chongqing", "yjjbnt", ".prj 写成第 35 带", "a .prj of zone 35")

    site.own("chongqing/CZKFBJ.prj").write_text(pyproj.CRS("EPSG:2360").to_wkt("WKT1_ESRI"), "utf-8")
    site.plant("crs-datum", "chongqing", "czkfbj", ".prj 写成西安 1980", "a .prj of Xian 1980")
    with _opened(site.own(SICHUAN)) as database:
        beijing = pyproj.CRS("EPSG:4214")
        database.execute(
            "INSERT INTO gpkg_spatial_ref_sys VALUES (?, 4214, 'EPSG', 4214, ?, NULL)",
            (beijing.name, beijing.to_wkt("WKT1_GDAL")),
        )
        for table in ("gpkg_contents", "gpkg_geometry_columns"):
            database.execute(f"UPDATE {table} SET srs_id = 4214 WHERE table_name = 'CZKFBJ'")
        site.plant("crs-datum", "sichuan", "czkfbj", "标为北京 1954", "labelled as Beijing 1954")


def positions(site: Site, clean: Clean) -> None:
    """Coordinates that are not what the label says, which only the numbers themselves tell."""
    _relabelled(site, "yjjbnt", _in(clean["yjjbnt", "chongqing"], "EPSG:4523"))
    site.plant(
        "wrong-zone",
        "chongqing",
        "yjjbnt",
        "第 35 带的坐标标为第 36 带",
        "coordinates of zone 35 labelled as zone 36",
    )
    _relabelled(site, "stbhhx", clean["stbhhx", "chongqing"])
    site.plant("crs-label", "chongqing", "stbhhx", "经纬度标为投影坐标", "degrees labelled as metres")
    _relabelled(site, "xzqjx", _in(clean["xzqjx", "chongqing"], "EPSG:4524", turned=True))
    site.plant("swapped-axes", "chongqing", "xzqjx", "北坐标在前", "northing before easting")
    site.rewrite("czkfbj", "sichuan", _in(clean["czkfbj", "sichuan"], "EPSG:4524"), crs=None)
    site.plant("crs-label", "sichuan", "czkfbj", "投影坐标标为经纬度", "metres labelled as degrees")


def _in(rows: Rows, code: str, turned: bool = False) -> Rows:
    """Rows with the coordinates they have in another CRS, northing first if turned."""
    transformer = pyproj.Transformer.from_crs("EPSG:4490", code, always_xy=True)

    def moved(xy: NDArray[np.float64]) -> NDArray[np.float64]:
        there = np.column_stack(transformer.transform(xy[:, 0], xy[:, 1]))
        return there[:, ::-1] if turned else there

    return Rows(np.asarray(shapely.transform(rows.geometry, moved), dtype=object), rows.values)


def _relabelled(site: Site, layer: str, rows: Rows) -> None:
    """Write Chongqing's part of a layer with the coordinates it is given and the label it had."""
    path = site.data / str(site.source(layer, "chongqing")["path"])
    label = path.with_suffix(".prj").read_bytes()
    site.rewrite(layer, "chongqing", rows, crs=None)
    path.with_suffix(".prj").write_bytes(label)


def _with_copy(path: Path, field: str, name: str) -> None:
    """Give a shapefile a field more, with the values of one that it has."""
    meta, _, wkb, columns = pyogrio.raw.read(path, encoding="GBK")
    fields = meta["fields"].tolist()
    remove(path)
    pyogrio.raw.write(
        path,
        wkb,
        [*columns, columns[fields.index(field)]],
        [*fields, name],
        driver="ESRI Shapefile",
        geometry_type="MultiPolygon",
        crs=meta["crs"],
        encoding="GBK",
    )


def remove_suffix(path: Path, suffix: str) -> None:
    """Take one part of a shapefile away."""
    path.with_suffix(suffix).unlink(missing_ok=True)


def _cut(path: Path, share: float) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    """A GeoPackage as a database; its triggers go, since they call functions that only GDAL has."""
    database = sqlite3.connect(path)
    try:
        triggers = database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for (name,) in triggers:
            database.execute(f'DROP TRIGGER "{name}"')
        yield database
        database.commit()
    finally:
        database.close()


def _renamed(database: sqlite3.Connection, old: str, new: str) -> None:
    """Give a feature table another name, in the tables of a GeoPackage too."""
    database.execute(f'ALTER TABLE "{old}" RENAME TO "{new}"')
    for table in ("gpkg_contents", "gpkg_geometry_columns", "gpkg_extensions", "gpkg_ogr_contents"):
        database.execute(f"UPDATE {table} SET table_name = ? WHERE table_name = ?", (new, old))
    database.execute("UPDATE gpkg_contents SET identifier = ? WHERE identifier = ?", (new, old))
