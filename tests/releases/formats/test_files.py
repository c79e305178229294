"""The files of whole layers, as their formats' own readers find them."""

from __future__ import annotations

import errno
import json
import resource
import shutil
import signal
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import geopandas
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import pyproj
import pytest
import shapely

from releases.formats import flatgeobuf, geoparquet
from releases.rendition import Rendition
from tiles import hilbert

CORNERS = ["xmin", "ymin", "xmax", "ymax"]


def codes(whole: Any, box: tuple[float, float, float, float]) -> set[str]:
    hit = shapely.intersects(shapely.box(*box), whole.table.geometry)
    return set(whole.table.ids[hit])


@pytest.mark.parametrize("form", ["flatgeobuf", "geoparquet"])
def test_a_whole_layer_holds_every_feature_and_value(
    whole: Any, form: str, read: Callable[..., Any], written: Callable[..., bytes]
) -> None:
    of_file = sorted(read(form, getattr(whole, form).read_bytes()), key=lambda row: row[0]["CODE"])
    of_text = read("geojson", written("geojson", whole.chunks(), whole.subject()))
    assert [properties for properties, _ in of_file] == [properties for properties, _ in of_text]
    assert [shape for _, shape in of_file] == [shape for _, shape in of_text]


@pytest.mark.parametrize("form", [flatgeobuf, geoparquet])
def test_equal_content_gives_equal_bytes(whole: Any, form: Any, tmp_path: Path) -> None:
    # GDAL takes a name without an ending for a folder.
    files = [tmp_path / name for name in ("one.fgb", "other.fgb")]
    for file in files:
        form.save(whole.table, whole.layer, file, "zh")
    assert files[0].read_bytes() == files[1].read_bytes()


@pytest.mark.parametrize("free, number", [(0, errno.ENOSPC), (2**30, errno.EIO)])
def test_a_disk_that_gdal_cannot_write_on_is_an_error_of_the_system(
    polygons: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, free: int, number: int
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=free))
    # No file of this program may grow beyond a few kilobytes, which the system tells GDAL as it would a full disk.
    limits, handler = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, limits[1]))
    try:
        with pytest.raises(OSError) as failed:
            flatgeobuf.save(polygons.table, polygons.layer, tmp_path / "a.fgb", "zh")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)
    assert failed.value.errno == number and failed.value.filename == str(tmp_path / "a.fgb")


def test_flatgeobuf_has_an_index_that_finds_what_a_box_touches(polygons: Any) -> None:
    info = pyogrio.read_info(polygons.flatgeobuf)
    assert info["capabilities"]["fast_spatial_filter"] and info["features"] == 120
    assert info["geometry_type"] == "MultiPolygon"
    box = (103.0, 28.3, 104.2, 29.1)
    _, _, _, values = pyogrio.raw.read(polygons.flatgeobuf, bbox=box, columns=["CODE"])
    assert 0 < len(values[0]) < 60 and set(values[0]) == codes(polygons, box)


def test_flatgeobuf_leaves_no_feature_out_for_having_no_geometry(mixed: Any) -> None:
    info = pyogrio.read_info(mixed.flatgeobuf)
    assert info["features"] == len(mixed.table)
    assert not info["capabilities"]["fast_spatial_filter"]


def test_a_selection_is_indexed_when_each_feature_has_a_place(
    polygons: Any, mixed: Any, written: Callable[..., bytes], tmp_path: Path
) -> None:
    def indexed(whole: Any, keys: list[int], rendition: Rendition) -> bool:
        path = tmp_path / "selection.fgb"
        path.write_bytes(written("flatgeobuf", whole.chunks(keys), whole.subject(rendition)))
        return bool(pyogrio.read_info(path)["capabilities"]["fast_spatial_filter"])

    assert indexed(polygons, [1, 2, 3], Rendition(crs="EPSG:4523"))
    assert indexed(mixed, [0, 2, 3], Rendition())
    assert not indexed(mixed, [0, 1, 2], Rendition())
    assert not indexed(polygons, [1, 2, 3], Rendition(geometry=False))


@pytest.mark.parametrize("code", ["OGC:CRS84", "EPSG:4490", "EPSG:4523", "EPSG:3857"])
@pytest.mark.parametrize("form", ["flatgeobuf", "geoparquet"])
def test_a_file_says_which_crs_it_is_in(
    polygons: Any, code: str, form: str, written: Callable[..., bytes], tmp_path: Path
) -> None:
    path = tmp_path / "selection"
    path.write_bytes(written(form, polygons.chunks([1, 2]), polygons.subject(Rendition(crs=code))))
    frame = geopandas.read_file(path) if form == "flatgeobuf" else geopandas.read_parquet(path)
    assert frame.crs.equals(pyproj.CRS(code)) or frame.crs.to_authority() == pyproj.CRS(code).to_authority()
    # Transformed back by whoever reads it, everything is where it was.
    back = frame.to_crs("OGC:CRS84").geometry.to_numpy()
    of = dict(zip(polygons.table.ids, polygons.table.geometry, strict=True))
    expected = [of[name] for name in frame["CODE"]]
    assert shapely.equals_exact(back, expected, 1e-6).all()


@pytest.mark.parametrize("form", ["flatgeobuf", "geoparquet"])
def test_a_file_says_how_real_it_is_and_what_may_be_done_with_it(whole: Any, form: str) -> None:
    if form == "flatgeobuf":
        said = pyogrio.read_info(whole.flatgeobuf)["layer_metadata"]
        said = {name.lower() if name.isupper() else name: text for name, text in said.items()}
    else:
        kept = pq.read_metadata(whole.geoparquet).metadata
        said = {name.decode(): value.decode() for name, value in kept.items()}
    expected = {
        "content": f"sha256:{whole.layer.digest}",
        "collection": "parcels",
        "nature": "synthetic",
        "title": "Parcels（中文）",
        "title_en": "Parcels",
        "description": "Parcels of every kind（中文）",
        "licence_id": "CC-BY-4.0",
        "licence_url": "https://example.org/licence",
        "licence": "Open（中文）",
        "attribution": "The surveyors（中文）",
        "attribution_en": "The surveyors",
    }
    assert expected.items() <= said.items()
    # The same file in every release in which the layer is the same.
    assert "release" not in said


def test_a_date_is_a_date_only_where_each_of_its_values_is_one(polygons: Any) -> None:
    types = pq.read_schema(polygons.geoparquet)
    assert types.field("SINCE").type == pa.date32()
    assert types.field("SEEN").type == pa.timestamp("us", tz="UTC")
    assert types.field("SOME").type == pa.string()
    dtypes = dict(
        zip(*(pyogrio.read_info(polygons.flatgeobuf)[name] for name in ("fields", "ogr_types")), strict=True)
    )
    # FlatGeobuf has no dates, and a day is not its midnight.
    assert (dtypes["SINCE"], dtypes["SEEN"], dtypes["SOME"]) == ("OFTString", "OFTDateTime", "OFTString")


def test_a_selection_has_the_columns_of_the_whole_layer(
    polygons: Any, written: Callable[..., bytes], tmp_path: Path
) -> None:
    path = tmp_path / "selection.parquet"
    # Of SOME this selection has days alone, of SINCE nothing.
    path.write_bytes(written("geoparquet", polygons.chunks([1, 5, 9]), polygons.subject()))
    assert pq.read_schema(path).equals(pq.read_schema(polygons.geoparquet))


def test_geoparquet_says_what_its_standard_demands(whole: Any) -> None:
    schema = pq.read_schema(whole.geoparquet)
    geo = json.loads(pq.read_metadata(whole.geoparquet).metadata[b"geo"])
    assert geo["version"] == "1.1.0" and geo["primary_column"] == "geometry"
    column = geo["columns"]["geometry"]
    assert column["encoding"] == "WKB" and column["edges"] == "planar"
    assert pyproj.CRS.from_json_dict(column["crs"]) == pyproj.CRS("OGC:CRS84")
    kinds = {shape.geom_type for shape in whole.table.geometry if shape is not None}
    assert column["geometry_types"] == sorted(kinds)
    assert column["bbox"] == shapely.total_bounds(whole.table.geometry).tolist()
    assert column["covering"] == {"bbox": {corner: ["bbox", corner] for corner in CORNERS}}
    assert schema.field("geometry").type == pa.binary()
    table = pq.read_table(whole.geoparquet)
    boxes = np.array(
        [[None] * 4 if box is None else list(box.values()) for box in table["bbox"].to_pylist()], dtype=float
    )
    shapes = shapely.from_wkb(table["geometry"].to_numpy())
    assert np.array_equal(boxes, shapely.bounds(shapes), equal_nan=True)
    exteriors = [
        part.exterior
        for shape in shapes
        if shape is not None and shape.geom_type == "MultiPolygon"
        for part in shape.geoms
    ]
    assert (
        exteriors and all(ring.is_ccw for ring in exteriors) and column["orientation"] == "counterclockwise"
    )


def test_row_groups_follow_the_curve_and_their_statistics_say_where_they_lie(
    make: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(geoparquet, "GROUP", 30)
    monkeypatch.setattr("releases.formats.columns.CHUNK", 10)
    whole = make("Geometry", 120)
    path = tmp_path / "grouped.parquet"
    geoparquet.save(whole.table, whole.layer, path, "zh")
    file = pq.ParquetFile(path)
    assert file.num_row_groups == 4
    shapes = shapely.from_wkb(file.read()["geometry"].to_numpy())
    assert all(shape is None for shape in shapes[100:]) and not any(shape is None for shape in shapes[:100])
    bounds = shapely.bounds(shapes[:100])
    place = hilbert.position(*((bounds[:, :2] + bounds[:, 2:]) / 2).T)
    assert (place[1:] >= place[:-1]).all()
    for i in range(3):
        group = file.metadata.row_group(i)
        told = {
            (column := group.column(k)).path_in_schema: column.statistics for k in range(group.num_columns)
        }
        assert told["bbox.xmin"].min == bounds[30 * i : 30 * i + 30, 0].min()
        assert told["bbox.ymax"].max == bounds[30 * i : 30 * i + 30, 3].max()
        assert told["geometry"] is None and group.column(0).compression == "ZSTD"


def test_a_selection_has_no_group_of_a_few_features_beside_a_full_one(
    polygons: Any, written: Callable[..., bytes], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(geoparquet, "GROUP", 30)
    path = tmp_path / "selection.parquet"
    # Chunks of seven do not add up to thirty.
    path.write_bytes(written("geoparquet", polygons.chunks(), polygons.subject()))
    read = pq.ParquetFile(path).metadata
    assert [read.row_group(i).num_rows for i in range(read.num_row_groups)] == [35, 35, 35, 15]


def test_duckdb_and_geopandas_read_a_part_of_a_geoparquet(polygons: Any) -> None:
    box = (103.0, 28.3, 104.2, 29.1)
    where = "bbox.xmin <= 104.2 AND bbox.xmax >= 103.0 AND bbox.ymin <= 29.1 AND bbox.ymax >= 28.3"
    rows = duckdb.sql(f"SELECT CODE, SINCE, TAGS FROM '{polygons.geoparquet}' WHERE {where}").fetchall()
    assert {row[0] for row in rows} == codes(polygons, box)
    frame = geopandas.read_parquet(polygons.geoparquet, bbox=box)
    assert set(frame["CODE"]) == codes(polygons, box)


def test_a_selection_says_which_release_it_is_of(
    polygons: Any, written: Callable[..., bytes], tmp_path: Path
) -> None:
    path = tmp_path / "selection.parquet"
    path.write_bytes(written("geoparquet", polygons.chunks([1]), polygons.subject()))
    assert pq.read_metadata(path).metadata[b"release"] == b"r0"
    path = tmp_path / "selection.fgb"
    path.write_bytes(written("flatgeobuf", polygons.chunks([1]), polygons.subject()))
    assert pyogrio.read_info(path)["layer_metadata"]["release"] == "r0"


def test_without_geometry_a_geoparquet_is_a_plain_table(
    polygons: Any, written: Callable[..., bytes], tmp_path: Path
) -> None:
    path = tmp_path / "table.parquet"
    shown = Rendition(fields=("AREA",), geometry=False)
    path.write_bytes(written("geoparquet", polygons.chunks(), polygons.subject(shown)))
    assert pq.read_schema(path).names == ["CODE", "AREA"]
    assert b"geo" not in pq.read_metadata(path).metadata
    assert duckdb.sql(f"SELECT count(*) FROM '{path}'").fetchall() == [(120,)]
