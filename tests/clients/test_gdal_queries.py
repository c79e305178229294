"""What GDAL asks of the service, and gets: filters, boxes, counts, pages and files, by its own command line and library."""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
from collections.abc import Callable
from io import BytesIO, StringIO
from typing import Any
from urllib.request import urlopen

import pyogrio
import pytest
import shapely

BOX = ("106.3", "29.4", "106.8", "29.8")
REGION = (97.357, 26.05, 110.19, 34.317)


@pytest.fixture
def ogr2ogr(need: Callable[[bool, str], None]) -> Callable[..., list[dict[str, str]]]:
    """Rows of a layer as the machine's own GDAL reads them."""
    program = shutil.which("ogr2ogr")
    need(program is not None, "GDAL's command line (gdal-bin)")

    def rows(address: str, *arguments: str, **options: str) -> list[dict[str, str]]:
        command = [str(program), "-f", "CSV", "/vsistdout/", address, *arguments]
        run = subprocess.run(
            command, capture_output=True, text=True, timeout=120, env={**os.environ, **options}, check=False
        )
        assert run.returncode == 0 and "ERROR" not in run.stderr, run.stderr
        return list(csv.DictReader(StringIO(run.stdout)))

    return rows


def test_an_equality_goes_to_the_server(ogr2ogr: Callable[..., Any], ear: Any) -> None:
    rows = ogr2ogr(f"OAPIF:{ear.address}", "xzq_county", "-where", "SJDM = '510100'")
    assert len(rows) == 20 and {row["SJDM"] for row in rows} == {"510100"}
    assert all(page["SJDM"] == "510100" for page in ear.pages)
    assert len(ear.pages) == 2, "20 rows are two pages of GDAL's ten"


def test_a_box_goes_to_the_server(ogr2ogr: Callable[..., Any], ear: Any) -> None:
    rows = ogr2ogr(f"OAPIF:{ear.address}", "xzq_county", "-spat", *BOX)
    assert "渝中区" in {row["XZQMC"] for row in rows} and len(rows) < 30
    assert ear.pages and "bbox" in ear.pages[0]


def test_any_comparison_goes_to_the_server_once_gdal_is_told_that_it_may(
    ogr2ogr: Callable[..., Any], ear: Any
) -> None:
    where = "MJ > 1000000000 AND XZQMC LIKE '%江%' AND NOT (SJDM = '500000')"
    told = ogr2ogr(
        f"OAPIF:{ear.address}", "xzq_county", "-where", where, "-spat", *BOX[:2], "110", "32",
        OGR_OAPIF_ALLOW_CQL_TEXT="YES",
    )  # fmt: skip
    assert all(page["filter-lang"] == "cql-text" and "bbox" in page for page in ear.pages)
    asked = len(ear.pages)
    untold = ogr2ogr(f"OAPIF:{ear.address}", "xzq_county", "-where", where, "-spat", *BOX[:2], "110", "32")
    assert told == untold and told
    assert asked == 1 < len(ear.pages) - asked


def test_a_count_is_one_page_and_an_order_is_made_by_gdal(ogr2ogr: Callable[..., Any], ear: Any) -> None:
    [row] = ogr2ogr(f"OAPIF:{ear.address}", "-sql", "SELECT COUNT(*) AS N FROM ghfq")
    assert int(row["N"]) > 2000 and len(ear.pages) == 0
    sql = "SELECT XZQMC FROM xzq_county ORDER BY MJ DESC LIMIT 2"
    rows = ogr2ogr(f"OAPIF:{ear.address}", "-sql", sql, "-oo", "PAGE_SIZE=1000")
    assert [row["XZQMC"] for row in rows] == ["石渠县", "理塘县"]


def test_gdal_walks_pages_in_the_form_that_costs_the_server_least(
    ogr2ogr: Callable[..., Any], ear: Any
) -> None:
    rows = ogr2ogr(f"OAPIF:{ear.address}", "ghfq", "-oo", "PAGE_SIZE=500", "-select", "BSM")
    assert len({row["BSM"] for row in rows}) == len(rows) > 2000
    assert len(ear.pages) == -(-len(rows) // 500)
    assert {page["f"] for page in ear.pages} == {"geojson"}


def test_gdal_reads_in_the_crs_that_is_stored_and_swaps_no_axis(live: str) -> None:
    meta, _, geometry, fields = pyogrio.raw.read(
        f"OAPIF:{live}", layer="xzq_county", datetime_as_string=True, bbox=tuple(map(float, BOX))
    )
    assert meta["crs"] == "EPSG:4490"
    names = dict(zip(meta["fields"], fields))["XZQMC"].tolist()
    west, south, east, north = shapely.from_wkb(geometry)[names.index("渝中区")].bounds
    assert 106.4 < west < east < 106.7 and 29.5 < south < north < 29.7


# Its driver would have an address end in .gpkg.
@pytest.mark.filterwarnings("ignore:.*non conformant file extension:RuntimeWarning")
@pytest.mark.parametrize(
    ("driver", "query"),
    [
        ("/vsicurl/", "f=flatgeobuf"),
        ("/vsicurl/", "f=gpkg"),
        ("/vsicurl_streaming/", "f=flatgeobuf&limit=1000"),
        ("CSV:/vsicurl_streaming/", "f=csv&limit=1000"),
        ("GeoJSONSeq:/vsicurl_streaming/", "f=geojsonseq&limit=1000"),
        ("/vsicurl_streaming/", "f=geojson&limit=1000"),
    ],
)
def test_gdal_reads_every_form_over_http(live: str, driver: str, query: str) -> None:
    address = f"{driver}{live}/collections/xzq_county/items?{query}"
    meta, _, geometry, fields = pyogrio.raw.read(address, datetime_as_string=True)
    assert len(fields[0]) == 221
    assert "锦江区" in dict(zip(meta["fields"], fields))["XZQMC"]
    if "csv" not in query:
        assert shapely.total_bounds(shapely.from_wkb(geometry)) == pytest.approx(REGION, abs=0.01)


def test_gdal_reads_of_a_flatgeobuf_only_what_lies_in_a_box(ogr2ogr: Callable[..., Any], ear: Any) -> None:
    address = f"/vsicurl/{ear.address}/collections/ghfq/items?f=flatgeobuf"
    rows = ogr2ogr(address, "-spat", *BOX)
    assert 0 < len(rows) < 200
    ranges = [one for one in ear.heard if one.method == "GET"]
    assert ranges and {one.status for one in ranges} == {206}


def test_geopandas_reads_a_whole_layer_and_its_geoparquet(live: str) -> None:
    import geopandas

    address = f"{live}/collections/ghfq/items"
    read = geopandas.read_file(f"{address}?limit=1000000")
    with urlopen(f"{address}?f=geoparquet") as answer:
        stored = geopandas.read_parquet(BytesIO(answer.read()))
    assert len(read) == len(stored) > 2000
    assert set(read["BSM"]) == set(stored["BSM"])
    assert stored.total_bounds == pytest.approx(read.total_bounds)
