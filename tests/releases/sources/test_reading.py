"""Sources of every format, CRS and dialect become one table."""

from __future__ import annotations

import hashlib
import itertools
import random
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import pytest
import shapely

from releases.table import Table

VALUES = {
    "CODE": ["L1", "L2", "L3"],
    "NAME": ["长寿湖", "Salt Lake", "镜湖"],
    "DEPTH": [None, 3.0, 12.5],
    "ISLANDS": [None, 0, 2],
    "SALT": [None, True, False],
    "SURVEYED": [None, "2020-12-31", "2024-05-01"],
    "NAMES": [None, [], ["镜", "湖"]],
}


def same(one: Table, other: Table) -> bool:
    """Whether two tables hold the same features; rows are where they were found, and may differ."""
    return (
        one.ids.tolist() == other.ids.tolist()
        and {k: v.tolist() for k, v in one.values.items()} == {k: v.tolist() for k, v in other.values.items()}
        and shapely.to_wkb(one.geometry).tolist() == shapely.to_wkb(other.geometry).tolist()
        and one.authority.tolist() == other.authority.tolist()
    )


def packed(path: Path, *names: str) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for part in sorted(p for p in path.parent.iterdir() if p.name in names):
            archive.write(part, f"folder/{part.name}")
    return path


@pytest.mark.parametrize("name", ["lakes.gpkg", "lakes.shp", "lakes.geojson", "lakes.fgb"])
def test_every_format_holds_the_same_lakes(office: Any, name: str) -> None:
    office.write(name)
    table = office.table({"path": name})
    assert {key: column.tolist() for key, column in table.values.items()} == VALUES
    assert table.ids.tolist() == VALUES["CODE"]
    assert table.row.tolist() == [2, 3, 1]
    assert [None if g is None else g.geom_type for g in table.geometry] == [
        None,
        "MultiPolygon",
        "MultiPolygon",
    ]


def test_types_come_back_as_they_are_meant_and_not_as_gdal_holds_them(office: Any) -> None:
    office.write("lakes.shp")
    values = office.table({"path": "lakes.shp"}).values
    kinds = {
        name: {type(value) for value in column.tolist()} - {type(None)} for name, column in values.items()
    }
    assert kinds == {
        "CODE": {str},
        "NAME": {str},
        "DEPTH": {float},
        "ISLANDS": {int},
        "SALT": {bool},
        "SURVEYED": {str},
        "NAMES": {list},
    }


def test_a_shapefile_in_gauss_kruger_and_gbk_gives_the_geometry_of_the_geopackage(office: Any) -> None:
    office.write("north.gpkg")
    forward = pyproj.Transformer.from_crs("EPSG:4490", "EPSG:4524", always_xy=True)
    shapes = [
        None
        if shape is None
        else shapely.transform(shape, lambda x, y: forward.transform(x, y), interleaved=False)
        for shape in (shapely.box(106.1, 29.1, 106.2345678, 29.2), None, shapely.box(107, 30, 107.5, 30.5))
    ]
    office.write(
        "south.shp", shapes=shapes, crs="EPSG:4524", encoding="GBK", rename={"NAME": "MC", "DEPTH": "SD"}
    )
    (north,) = office.read({"path": "north.gpkg"})[0].tables
    south = office.table(
        {"path": "south.shp", "encoding": "GBK", "crs": "EPSG:4524", "aliases": {"MC": "NAME", "SD": "DEPTH"}}
    )
    assert south.values["NAME"].tolist() == VALUES["NAME"]
    assert south.values["DEPTH"].tolist() == VALUES["DEPTH"]
    assert shapely.equals_exact(south.geometry[2], north.geometry[2], tolerance=0, normalize=True)


def test_an_archive_is_read_like_what_is_in_it(office: Any, tmp_path: Path) -> None:
    office.write("lakes.shp")
    packed(tmp_path / "lakes.shp.zip", *(f"lakes.{s}" for s in ("shp", "shx", "dbf", "prj", "cpg")))
    assert same(office.table({"path": "lakes.shp.zip"}), office.table({"path": "lakes.shp"}))


def test_an_archive_of_several_needs_the_name_of_one(office: Any, tmp_path: Path) -> None:
    office.write("lakes.fgb")
    office.write("ponds.fgb")
    packed(tmp_path / "all.zip", "lakes.fgb", "ponds.fgb")
    assert office.refusal(path="all.zip").rule == "source-archive"
    assert len(office.table({"path": "all.zip", "table": "ponds"})) == 3


def test_the_order_of_rows_changes_nothing(office: Any, rows: list[dict[str, Any]]) -> None:
    shapes = [shapely.box(106, 29, 106.1, 29.1), None, shapely.box(107, 29, 107.1, 29.1)]
    tables = []
    for number, order in enumerate(itertools.permutations(range(3))):
        name = f"lakes{number}.gpkg"
        office.write(name, [rows[i] for i in order], [shapes[i] for i in order], table="lakes")
        tables.append(office.table({"path": name}))
    assert all(same(tables[0], table) for table in tables)


def test_the_order_of_sources_changes_nothing(office: Any) -> None:
    shape = shapely.box(106, 29, 106.1, 29.1)
    codes = [f"L{number}" for number in range(20)]
    random.Random(3).shuffle(codes)
    lake = {"NAME": "湖"}
    office.write("north.gpkg", [{"CODE": code, **lake} for code in codes[:10]], [shape] * 10)
    office.write("south.fgb", [{"CODE": code, **lake} for code in codes[10:]], [shape] * 10)
    north, south = {"path": "north.gpkg"}, {"path": "south.fgb", "authority": "south"}
    one, other = office.read(north, south)[0], office.read(south, north)[0]
    assert same(one.tables[0], other.tables[0])
    assert one.sources == other.sources
    assert one.tables[0].ids.tolist() == sorted(codes)


def test_numbers_as_ids_are_sorted_as_numbers(office: Any) -> None:
    fields = [
        {"name": "N", "type": "integer", "title": {"zh": "号", "en": "n"}, "role": "id", "mandatory": True}
    ]
    office.layer |= {"fields": fields}
    office.write("lakes.gpkg", [{"N": 10}, {"N": 9}, {"N": 0}], [None] * 3)
    assert office.table({"path": "lakes.gpkg"}).ids.tolist() == [0, 9, 10]


def test_a_geopackage_may_keep_the_id_in_its_primary_key(office: Any) -> None:
    fields = [
        {"name": "fid", "type": "integer", "title": {"zh": "号", "en": "n"}, "role": "id", "mandatory": True}
    ]
    office.layer |= {"fields": fields}
    office.write("lakes.gpkg", [{}, {}], [None, None])
    assert office.table({"path": "lakes.gpkg"}).ids.tolist() == [1, 2]


def test_exterior_rings_turn_counter_clockwise_and_holes_the_other_way(office: Any) -> None:
    office.write("lakes.shp")  # whose exterior rings are clockwise
    geometry = office.table({"path": "lakes.shp"}).geometry[1].geoms[0]
    assert shapely.is_ccw(geometry.exterior)
    assert not shapely.is_ccw(geometry.interiors[0])


def test_coordinates_lie_on_the_grid_of_the_service(office: Any) -> None:
    office.write("lakes.gpkg", shapes=[shapely.box(106.123456749, 29.1, 106.2, 29.2), None, None])
    xy = shapely.get_coordinates(office.table({"path": "lakes.gpkg"}).geometry)
    assert 106.1234567 in xy[:, 0]
    assert np.array_equal(xy, np.array([[float(f"{value:.7f}") for value in pair] for pair in xy.tolist()]))


def test_a_record_tells_what_was_read_and_from_which_bytes(office: Any, tmp_path: Path) -> None:
    office.write("lakes.gpkg", table="lakes")
    office.write("ponds.shp", crs="EPSG:4524", encoding="GBK", shapes=[None, None, None])
    sources = (
        {"path": "lakes.gpkg", "table": "lakes"},
        {"path": "ponds.shp", "authority": "south", "encoding": "GBK", "crs": "EPSG:4524"},
    )
    gpkg, shp = office.read(*sources)[0].sources
    assert gpkg.sha256 == hashlib.sha256((tmp_path / "lakes.gpkg").read_bytes()).hexdigest()
    parts = b"".join((tmp_path / f"ponds.{s}").read_bytes() for s in ("cpg", "dbf", "prj", "shp", "shx"))
    assert shp.sha256 == hashlib.sha256(parts).hexdigest()
    assert (gpkg.format, gpkg.table, gpkg.count, gpkg.crs) == ("gpkg", "lakes", 3, "EPSG:4490")
    assert (shp.format, str(shp.path), shp.crs, shp.encoding) == (
        "shapefile",
        "ponds.shp",
        "EPSG:4524",
        "GBK",
    )


def test_progress_is_told_from_nothing_to_all(office: Any) -> None:
    from releases.sources import read

    office.write("lakes.gpkg")
    told: list[tuple[int, int]] = []
    read(office.service({"path": "lakes.gpkg"}), lambda stage, done, total: told.append((done, total)))
    assert told == [(0, 1), (1, 1)]
