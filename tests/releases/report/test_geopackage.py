"""The findings as a GeoPackage, read by GDAL and by SQLite."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
import shapely

from releases.report import geopackage
from releases.report.examined import Examined
from releases.report.places import drawable

Row = dict[str, Any]
SPATIAL = [sheet for sheet in geopackage.SHEETS if sheet.kind]


@pytest.fixture
def package(of_every_shape: Examined, tmp_path: Path) -> Path:
    """The findings of every shape in a file."""
    path = tmp_path / "report.gpkg"
    geopackage.write(path, of_every_shape.findings, of_every_shape.service.crs)
    return path


def rows(path: Path, layer: str) -> dict[int, Row]:
    """A layer as GDAL reads it: number of the finding -> its columns, and its geometry."""
    meta, fids, shapes, columns = pyogrio.raw.read(path, layer=layer, return_fids=True)
    found = {}
    for place, fid in enumerate(fids.tolist()):
        row = {name: column[place] for name, column in zip(meta["fields"], columns)}
        found[fid] = {**row, "geom": None if shapes is None else shapely.from_wkb(shapes[place])}
    return found


def test_each_finding_is_in_one_layer_with_all_that_is_known_of_it(
    package: Path, of_every_shape: Examined
) -> None:
    found: dict[int, Row] = {}
    for sheet in geopackage.SHEETS:
        here = rows(package, sheet.name)
        assert not found.keys() & here.keys()
        found |= here
    assert sorted(found) == list(range(1, len(of_every_shape.findings) + 1))
    for number, one in enumerate(of_every_shape.findings, start=1):
        row = found[number]
        assert (row["status"], row["remark"]) == ("open", None)
        assert (row["rule"], row["severity"], row["count"]) == (one.rule, one.severity, one.count)
        assert (row["authority"], row["layer"], row["feature"]) == (one.authority, one.layer, one.feature)
        assert (row["message_zh"], row["message_en"]) == (one.message.zh, one.message.en)
        assert (row["others"] or "") == ", ".join(one.others)


def test_a_finding_lies_where_its_fault_is(package: Path, of_every_shape: Examined) -> None:
    found = {
        number: (row, sheet.dimension)
        for sheet in geopackage.SHEETS
        for number, row in rows(package, sheet.name).items()
    }
    for number, one in enumerate(of_every_shape.findings, start=1):
        row, dimension = found[number]
        shape = drawable(one.geometry)
        if shape is None:
            expected = None if one.place is None else shapely.Point(one.place)
            assert row["geom"] is None if expected is None else shapely.equals_exact(row["geom"], expected)
        else:
            widest = max(shapely.get_dimensions(shapely.get_parts(shape)).tolist())
            assert dimension == widest
            assert set(map(tuple, shapely.get_coordinates(row["geom"]))) <= set(
                map(tuple, shapely.get_coordinates(shape))
            )
            if widest == 2 and shape.is_valid:
                assert row["geom"].area == pytest.approx(shape.area)


@pytest.mark.parametrize("sheet", SPATIAL, ids=lambda sheet: sheet.name)
def test_the_layers_are_of_one_kind_in_the_crs_of_the_service_with_an_index(
    package: Path, sheet: geopackage.Sheet
) -> None:
    said = pyogrio.read_info(package, layer=sheet.name)
    assert said["crs"] == "EPSG:4326"
    assert said["geometry_type"].upper().replace(" ", "") == sheet.kind
    bounds = np.array([row["geom"].bounds for row in rows(package, sheet.name).values()])
    with closing(sqlite3.connect(package)) as connection:
        boxes = connection.execute(f"SELECT * FROM rtree_{sheet.name}_geom ORDER BY id").fetchall()
    index = np.array(boxes)[:, [1, 3, 2, 4]]
    assert (index[:, :2] <= bounds[:, :2] + 1e-9).all() and (index[:, 2:] >= bounds[:, 2:] - 1e-9).all()


def test_the_same_findings_are_the_same_bytes(
    package: Path, of_every_shape: Examined, tmp_path: Path
) -> None:
    again = tmp_path / "again.gpkg"
    geopackage.write(again, of_every_shape.findings, of_every_shape.service.crs)
    assert again.read_bytes() == package.read_bytes()


def test_no_findings_are_empty_layers(sound: Examined, tmp_path: Path) -> None:
    geopackage.write(tmp_path / "none.gpkg", sound.findings, sound.service.crs)
    for sheet in geopackage.SHEETS:
        assert pyogrio.read_info(tmp_path / "none.gpkg", layer=sheet.name)["features"] == 0


def test_each_layer_has_a_default_style_for_qgis(package: Path) -> None:
    with closing(sqlite3.connect(package)) as connection:
        styles = dict(
            connection.execute("SELECT f_table_name, styleQML FROM layer_styles WHERE useAsDefault = 1")
        )
    assert set(styles) == {sheet.name for sheet in geopackage.SHEETS}
    for sheet in SPATIAL:
        assert all(f'value="{severity}"' in styles[sheet.name] for severity in ("refuse", "warn", "note"))


def test_the_layers_are_described_in_both_languages(
    package: Path, with_findings: Callable[..., Examined]
) -> None:
    with closing(sqlite3.connect(package)) as connection:
        titles = dict(connection.execute("SELECT table_name, identifier FROM gpkg_contents"))
    for sheet in geopackage.SHEETS:
        assert sheet.title.zh in titles[sheet.name] and sheet.title.en in titles[sheet.name]
