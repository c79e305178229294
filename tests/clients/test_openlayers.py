"""OpenLayers in a real browser, on a page of another origin, draws tilesets in the region's own coordinate systems.

What lies at a pixel is held against the items and pyproj, which know nothing of tiles.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from functools import cache, partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import compress
from pathlib import Path
from threading import Thread
from typing import Any, NamedTuple
from urllib.parse import urlsplit
from urllib.request import urlopen

import pyproj
import pytest
import shapely

WIDTH, HEIGHT = 1200, 800
#: The colours of the page: Sichuan's counties and Chongqing's.
COLOURS = {"51": [0xF2, 0xD1, 0x6B], "50": [0x6B, 0xB7, 0xA8]}
CENTRE = (104.2, 30.2)
CHONGQING = (106.5528, 29.5628)
#: The counties in which Chengdu's and Chongqing's governments sit; a place in the neighbouring province.
SEATS, OUTSIDE = {"510105": (104.0667, 30.6667), "500103": CHONGQING}, (108.0, 34.0)


@cache
def to_map(code: str) -> pyproj.Transformer:
    """From longitude and latitude to a CRS, x first on both sides."""
    return pyproj.Transformer.from_crs("EPSG:4490", code, always_xy=True)


class Sheet(NamedTuple):
    """One way to draw the region: a tileset's path, its CRS as OpenLayers is told of it, units of the CRS a pixel."""

    path: str
    code: str
    resolution: float
    definition: str | None = None
    collections: list[str] | None = None

    @property
    def set(self) -> str:
        """The tile matrix set's id."""
        return self.path.rpartition("/")[2]

    def on_map(self, place: tuple[float, float]) -> tuple[float, float]:
        """Longitude and latitude in the CRS, x first, by pyproj."""
        return to_map(self.code).transform(*place)

    def pixel(self, place: tuple[float, float]) -> tuple[float, float]:
        """Where longitude and latitude lie on the screen."""
        (x, y), (middle_x, middle_y) = self.on_map(place), self.on_map(CENTRE)
        return WIDTH / 2 + (x - middle_x) / self.resolution, HEIGHT / 2 - (y - middle_y) / self.resolution


DEGREES = "+proj=longlat +ellps=GRS80 +no_defs +type=crs"
ZONE_35 = "+proj=tmerc +lat_0=0 +lon_0=105 +k=1 +x_0=35500000 +y_0=0 +ellps=GRS80 +units=m +no_defs +type=crs"
COUNTIES = ["xzq_county"]
SHEETS = [
    Sheet("/collections/xzq_county/tiles/CGCS2000Quad", "EPSG:4490", 0.0115, DEGREES),
    Sheet("/tiles/CGCS2000TianDiTuQuad", "EPSG:4490", 0.0115, DEGREES, COUNTIES),
    Sheet("/tiles/CGCS2000GK35Quad", "EPSG:4523", 1200.0, ZONE_35, COUNTIES),
    Sheet("/collections/xzq_county/tiles/WebMercatorQuad", "EPSG:3857", 1400.0),
]


def document(address: str) -> Any:
    with urlopen(address) as answer:
        return json.load(answer)


class Files(BaseHTTPRequestHandler):
    """A handful of files by name, from wherever they lie."""

    def __init__(self, files: dict[str, Path], *arguments: Any) -> None:
        self.files = files
        super().__init__(*arguments)

    def do_GET(self) -> None:
        """Answer with the file of that name."""
        path = self.files.get(self.path.removeprefix("/") or "index.html")
        if path is None:
            self.send_error(404)
            return
        body = path.read_bytes()
        self.send_response(200)
        self.send_header("Content-Type", "text/html" if path.suffix == ".html" else "text/javascript")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def site(root: Path, need: Callable[[bool, str], None]) -> Iterator[str]:
    """The address of a page with OpenLayers, of another origin than the service."""
    files = {name: root / "tests" / "clients" / "openlayers" / name for name in ("index.html", "page.js")}
    for package in ("ol", "proj4"):
        files[f"{package}.js"] = root / "node_modules" / package / "dist" / f"{package}.js"
        need(files[f"{package}.js"].is_file(), f"the npm package {package}")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Files, files)) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


class Opened(NamedTuple):
    """A page that has drawn, and the paths that it asked the service for."""

    page: Any
    asked: list[str]


@pytest.fixture
def draw(browser: Any, live: str, site: str) -> Iterator[Callable[..., Opened]]:
    """Draw a sheet; whatever went wrong, or elsewhere, fails the test at its end."""
    contexts, faults, hosts = [], [], set()

    def draw(sheet: Sheet, centre: tuple[float, float] = CENTRE) -> Opened:
        context = browser.new_context(viewport={"width": WIDTH, "height": HEIGHT})
        contexts.append(context)
        page = context.new_page()
        asked: list[str] = []

        def note(request: Any) -> None:
            parts = urlsplit(request.url)
            if parts.scheme != "data":
                hosts.add(parts.netloc)
            if parts.netloc == urlsplit(live).netloc:
                asked.append(parts.path)

        page.on("request", note)
        page.on("requestfailed", lambda one: faults.append(f"{one.failure} {one.url}"))
        page.on(
            "response", lambda one: faults.append(f"{one.status} {one.url}") if one.status >= 400 else None
        )
        # Warnings are Chromium's advice to OpenLayers on how to read pixels.
        page.on("console", lambda line: faults.append(line.text) if line.type == "error" else None)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(site)
        page.evaluate(
            "draw",
            {
                "tileset": live + sheet.path,
                "code": sheet.code,
                "definition": sheet.definition,
                "centre": sheet.on_map(centre),
                "resolution": sheet.resolution,
                # JSON has no word for what is not given.
                **({"collections": sheet.collections} if sheet.collections else {}),
            },
        )
        return Opened(page, asked)

    yield draw
    for context in contexts:
        context.close()
    assert not faults
    assert hosts <= {urlsplit(live).netloc, urlsplit(site).netloc}


@pytest.fixture(scope="module")
def counties(live: str) -> dict[str, Any]:
    """The counties' areas by code, from the items."""
    page = document(f"{live}/collections/xzq_county/items?limit=1000")
    return {
        feature["properties"]["XZQDM"]: shapely.from_geojson(json.dumps(feature["geometry"]))
        for feature in page["features"]
    }


def assert_within_limits(asked: list[str], tileset: dict[str, Any]) -> None:
    """Every address is one that the tileset's metadata allows, so no row is negative or outside."""
    limits = {one["tileMatrix"]: one for one in tileset["tileMatrixSetLimits"]}
    addresses = [path.rsplit("/", 3)[1:] for path in asked if re.search(r"/tiles/\w+/[^/]+/", path)]
    assert addresses
    for matrix, row, column in addresses:
        limit = limits[matrix]
        assert limit["minTileRow"] <= int(row) <= limit["maxTileRow"]
        assert limit["minTileCol"] <= int(column) <= limit["maxTileCol"]


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.set)
def test_openlayers_draws_every_county_where_it_is(
    sheet: Sheet, draw: Callable[..., Opened], live: str, counties: dict[str, Any], tmp_path: Path
) -> None:
    opened = draw(sheet)
    opened.page.screenshot(path=tmp_path / f"{sheet.set}.png")
    assert_within_limits(opened.asked, document(live + sheet.path))

    inside = {code: shapely.point_on_surface(area).coords[0] for code, area in counties.items()}
    expected = [*inside.items(), *SEATS.items(), (None, OUTSIDE)]
    places = [place for _, place in expected]
    found = opened.page.evaluate("([places, code]) => probe(places, code)", [places, sheet.code])

    plain = 0
    for (code, place), one in zip(expected, found, strict=True):
        assert one["pixel"] == pytest.approx(sheet.pixel(place), abs=0.5)
        # A neighbour's line may be within reach of the pixel too.
        within = shapely.dwithin(list(counties.values()), shapely.Point(place), 0.05)
        near = set(compress(counties, within))
        codes = {feature["properties"]["XZQDM"] for feature in one["features"]}
        assert codes <= near and (code is None or code in codes)
        if code and near == {code}:
            plain += 1
            assert one["colour"] == COLOURS[code[:2]]
    assert plain > 100
    assert not found[-1]["features"]


def test_a_click_on_a_tile_leads_to_the_record_with_the_same_attributes(
    draw: Callable[..., Opened], live: str
) -> None:
    # All layers, so close that every level is exact.
    sheet = Sheet("/tiles/WebMercatorQuad", "EPSG:3857", 9.5)
    page = draw(sheet, CHONGQING).page
    page.mouse.click(WIDTH / 2, HEIGHT / 2)
    page.wait_for_function("clicked !== undefined")
    clicked = page.evaluate("clicked")
    assert {"xzq_county", "ghfq", "plan_structure"} <= {feature["layer"] for feature in clicked}
    for feature in clicked:
        collection = f"{live}/collections/{feature['layer']}"
        schema = document(f"{collection}/schema")["properties"]
        field = next(name for name, about in schema.items() if about.get("x-ogc-role") == "id")
        real = feature["properties"][field]
        if str(real).isdecimal() and int(real) < 2**53 and str(int(real)) == str(real):
            assert feature["id"] == int(real)
        record = document(f"{collection}/items/{real}")
        # The format holds no nulls, and arrays as JSON text.
        told = {
            name: json.dumps(value, ensure_ascii=False, separators=(",", ":"))
            if isinstance(value, list)
            else value
            for name, value in record["properties"].items()
            if value is not None
        }
        assert feature["properties"] == told
