"""The files of a release as others read them: GDAL opens them, and bytes never vary."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pyogrio
import pytest
import shapely

from config.models import Layer

VALIDATOR = Path("/usr/lib/python3/dist-packages/osgeo_utils/samples/validate_gpkg.py")
ROWS = [
    (
        shapely.Point(104.0650001, 30.6570001),
        "a",
        "锦江区",
        "01",
        3,
        1.5,
        True,
        "2020-01-01",
        None,
        ["x", "y"],
    ),
    (None, "b", None, "02", None, None, None, None, None, None),
    (shapely.box(0, 0, 4, 4), "c", 'quo"te', "02", 0, 2.0, False, "2020-01-01", "2021-01-01", []),
    (
        shapely.MultiPolygon([shapely.box(0, 0, 1, 1), shapely.box(3, 3, 4, 4)]),
        *("d", "d", "03", -5, 0.1, None, None, None, ["江"]),
    ),
    (shapely.LineString([(0, 0), (5, 5)]), "e", "e", "03", 2**53, -0.1, True, None, None, None),
]


@pytest.fixture
def release(tmp_path: Path, table: Callable[..., Any], write_release: Callable[..., Any]) -> Path:
    write_release(tmp_path / "r", table(ROWS))
    return tmp_path / "r"


def test_gdal_reads_from_the_geopackage_what_was_published(release: Path) -> None:
    path = release / "features" / "parcels.gpkg"
    assert pyogrio.list_layers(path).tolist() == [["parcels", "Unknown"]]
    meta, fids, geometry, columns = pyogrio.raw.read(path, return_fids=True, datetime_as_string=True)
    assert fids.tolist() == [1, 2, 3, 4, 5]
    assert meta["crs"] == "EPSG:4490"
    found = dict(zip(meta["fields"], (column.tolist() for column in columns)))
    assert list(found) == ["CODE", "NAME", "KIND", "FLOORS", "AREA", "LISTED", "SINCE", "UNTIL", "TAGS"]
    assert found["NAME"] == ["锦江区", None, 'quo"te', "d", "e"]
    assert found["AREA"][0] == 1.5 and np.isnan(found["AREA"][1])
    assert found["TAGS"] == ['["x","y"]', None, "[]", '["江"]', None]
    assert str(found["SINCE"][0]) == "2020-01-01"
    assert [None if blob is None else shapely.from_wkb(blob) for blob in geometry] == [row[0] for row in ROWS]


def test_a_declared_kind_is_declared_when_all_geometries_are_of_it(
    tmp_path: Path, table: Callable[..., Any], write_release: Callable[..., Any], layer: Layer
) -> None:
    points = layer.model_copy(update={"geometry": "Point", "generalise": layer.generalise})
    write_release(tmp_path / "r", table([ROWS[0], ROWS[1]], points))
    assert pyogrio.read_info(tmp_path / "r/features/parcels.gpkg")["geometry_type"] == "Point"


def test_gdal_finds_by_the_spatial_index_what_is_in_a_box(release: Path) -> None:
    path = release / "features" / "parcels.gpkg"
    found = pyogrio.raw.read(path, bbox=(1.5, 1.5, 2.5, 2.5), return_fids=True, datetime_as_string=True)
    assert found[1].tolist() == [3, 5], "of d, only the envelope is hit"


def test_the_validator_of_gdal_has_nothing_to_say(release: Path, need: Callable[[bool, str], None]) -> None:
    need(VALIDATOR.exists(), "GDAL's GeoPackage validator (python3-gdal)")
    run = subprocess.run(
        ["/usr/bin/python3", str(VALIDATOR), "-v", str(release / "features" / "parcels.gpkg")],
        capture_output=True,
        text=True,
        env={"PATH": "/usr/bin:/bin"},
    )
    assert run.returncode == 0, run.stdout + run.stderr


def test_a_copy_can_be_edited_and_its_spatial_index_follows(
    release: Path, need: Callable[[bool, str], None]
) -> None:
    need(shutil.which("ogrinfo") is not None, "ogrinfo (gdal-bin)")
    copy = release / "copy.gpkg"
    shutil.copy(release / "features" / "parcels.gpkg", copy)
    moved = "UPDATE parcels SET geom = (SELECT geom FROM parcels WHERE fid = 1) WHERE fid = 3"
    subprocess.run(["ogrinfo", "-q", str(copy), "-sql", moved], check=True, capture_output=True)
    with sqlite3.connect(copy) as connection:
        (x,) = connection.execute("SELECT minx FROM rtree_parcels_geom WHERE id = 3").fetchone()
    connection.close()
    assert x == pytest.approx(104.065, abs=1e-4)


def test_sqlite_finds_the_package_whole_and_its_queries_indexed(release: Path) -> None:
    connection = sqlite3.connect(f"file:{release}/features/parcels.gpkg?immutable=1", uri=True)
    try:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        for field in ("CODE", "NAME", "KIND", "FLOORS", "AREA", "LISTED", "SINCE"):
            plan = connection.execute(
                f'EXPLAIN QUERY PLAN SELECT fid FROM parcels WHERE "{field}" = ?', ("1",)
            )
            assert "USING COVERING INDEX" in str(plan.fetchall())
    finally:
        connection.close()


def test_the_text_is_a_feature_a_line_and_its_sha256_is_the_digest_of_the_layer(
    tmp_path: Path, table: Callable[..., Any], write_release: Callable[..., Any]
) -> None:
    manifest = write_release(tmp_path / "r", table(ROWS))
    data = (tmp_path / "r" / manifest.layers[0].file).read_bytes()
    assert hashlib.sha256(data).hexdigest() == manifest.layers[0].digest
    lines = [orjson.loads(line) for line in data.splitlines()]
    assert [line["id"] for line in lines] == ["a", "b", "c", "d", "e"]
    shapes = [
        shapely.from_geojson(orjson.dumps(line["geometry"])) if line["geometry"] else None for line in lines
    ]
    assert shapes == [row[0] for row in ROWS]
    starts = np.load(tmp_path / "r" / manifest.layers[0].offsets)
    assert starts[-1] == len(data) and all(
        data[start - 1 : start] in (b"\n", b"") for start in starts.tolist()
    )


def test_gdal_reads_the_text_too(release: Path) -> None:
    meta, _, _, columns = pyogrio.raw.read(release / "features" / "parcels.geojsonl", datetime_as_string=True)
    assert dict(zip(meta["fields"], columns))["NAME"].tolist() == [row[2] for row in ROWS]


def test_equal_tables_give_equal_bytes_whatever_the_order_of_rows(
    tmp_path: Path, table: Callable[..., Any], write_release: Callable[..., Any]
) -> None:
    rows = [
        (shapely.Point(i % 50 / 10, i / 70), f"{i:05}", f"n{i}", "01", i, i / 7, *ROWS[0][6:])
        for i in range(5000)
    ]
    one = write_release(tmp_path / "one", table(rows))
    other = write_release(tmp_path / "other path", table(rows[::-1]))
    assert one == other
    for path in (path for path in (tmp_path / "one").rglob("*") if path.is_file()):
        twin = tmp_path / "other path" / path.relative_to(tmp_path / "one")
        assert path.read_bytes() == twin.read_bytes(), path
    left = {path.suffix for path in (tmp_path / "one").rglob("*") if path.is_file()}
    written = {".attributes", ".geojsonl", ".npy", ".gpkg", ".search", ".tree", ".columns"}
    assert left == written, "no journal is left"


def test_fields_named_like_our_own_columns_are_told_apart(
    tmp_path: Path, table: Callable[..., Any], write_release: Callable[..., Any], layer: Layer
) -> None:
    from releases.filestore import FileStore
    from releases.query import Query, Where

    fields = (
        *layer.fields[:1],
        layer.fields[1].model_copy(update={"name": "fid"}),
        layer.fields[2].model_copy(update={"name": "GEOM", "codelist": None}),
        *layer.fields[3:],
    )
    renamed = layer.model_copy(update={"fields": fields})
    store = FileStore(tmp_path / "r", write_release(tmp_path / "r", table(ROWS, renamed)))
    page = store.page("parcels", Query(5, where=Where(boxes=((1, 1, 2, 2),), equals=(("fid", 'quo"te'),))))
    assert [orjson.loads(one)["id"] for one in page.features()] == ["c"]
