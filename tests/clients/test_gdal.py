"""GDAL's drivers for OGC API Features and Tiles, through pyogrio, read layers by the address of the service."""

from __future__ import annotations

import pyogrio
import pytest
import shapely


def test_gdal_lists_every_collection(live: str) -> None:
    layers = pyogrio.list_layers(f"OAPIF:{live}")[:, 0].tolist()
    assert len(layers) == 18 and "xzq_county" in layers


def test_gdal_reads_all_221_counties_whatever_its_page_size(live: str) -> None:
    for page_size in (10, 100, 1000):
        meta, _, geometry, _ = pyogrio.raw.read(
            f"OAPIF:{live}", layer="xzq_county", datetime_as_string=True, PAGE_SIZE=page_size
        )
        assert len(geometry) == 221
        assert "XZQMC" in meta["fields"]


def test_gdal_pushes_a_box_down_to_the_service(live: str) -> None:
    box = (106.3, 29.4, 106.8, 29.8)
    meta, _, _, fields = pyogrio.raw.read(
        f"OAPIF:{live}", layer="xzq_county", bbox=box, datetime_as_string=True
    )
    names = dict(zip(meta["fields"], fields))["XZQMC"]
    assert "渝中区" in names and "锦江区" not in names


@pytest.mark.parametrize("layer", ["rail_stations", "major_projects", "plan_structure"])
def test_gdal_reads_null_and_mixed_geometries(live: str, layer: str) -> None:
    _, _, geometry, _ = pyogrio.raw.read(f"OAPIF:{live}", layer=layer)
    assert len(geometry) > 0


def test_gdal_reads_vector_tiles_in_degrees(live: str) -> None:
    meta, _, geometry, fields = pyogrio.raw.read(
        f"OGCAPI:{live}/collections/xzq_county",
        layer="Zoom level 6",
        API="TILES",
        TILEMATRIXSET="CGCS2000Quad",
    )
    west, south, east, north = shapely.total_bounds(shapely.from_wkb(geometry))
    assert meta["crs"] == "EPSG:4490"
    assert (west, south, east, north) == pytest.approx((97.357, 26.05, 110.19, 34.317), abs=0.01)
    assert "渝中区" in dict(zip(meta["fields"], fields))["XZQMC"]
