"""Addresses, boxes and limits agree with morecantile and PROJ, the independent implementations."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import morecantile
import numpy as np
import pyproj
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiles import grid, patches, projection, sets
from tiles.grid import TileMatrixSet

#: Sets whose tiles are boxes of degrees, by those of the library that have the same tiles.
PLAIN = {
    "WebMercatorQuad": "WebMercatorQuad",
    "WorldCRS84Quad": "WorldCRS84Quad",
    "CGCS2000Quad": "WorldCRS84Quad",
    "CGCS2000TianDiTuQuad": "WorldCRS84Quad",
}
NAMES = st.sampled_from(sorted(PLAIN))
GAUSS_KRUGER = st.sampled_from(["CGCS2000GK35Quad", "CGCS2000GK36Quad"])
REGION = (97.2, 25.9, 110.3, 34.4)
LONLAT = st.tuples(st.floats(REGION[0], REGION[2]), st.floats(REGION[1], REGION[3]))


def placed(tms: TileMatrixSet, address: tuple[int, int, int], lon: float, lat: float) -> tuple[float, float]:
    """Tile units of a place, on the grid of columns, by the kernel."""
    return projection.place(tms.transform(*address), round(lon * 1e7), round(lat * 1e7))


def by_proj(tms: TileMatrixSet, address: tuple[int, int, int], lon: Any, lat: Any) -> Any:
    """Tile units of places by PROJ and the numbers of the set's document."""
    crs = pyproj.CRS.from_user_input(tms.document["crs"])
    matrix = tms.document["tileMatrices"][address[0]]
    x, y = pyproj.Transformer.from_crs("EPSG:4490", crs, always_xy=True).transform(lon, lat)
    top, left = matrix["pointOfOrigin"]
    side = matrix["cellSize"] * matrix["tileWidth"]
    return (x - left - address[2] * side) / side * 4096, (top - address[1] * side - y) / side * 4096


@given(NAMES, st.integers(0, 20), st.data())
def test_boxes_are_those_of_morecantile(name: str, zoom: int, data: st.DataObject) -> None:
    tms = grid.get(name)
    columns, rows = tms.matrix(zoom)
    at, across = data.draw(st.integers(0, rows - 1)), data.draw(st.integers(0, columns - 1))
    expected = morecantile.tms.get(PLAIN[name]).bounds(across, at, zoom)
    assert tms.lonlat_box(zoom, at, across) == pytest.approx(tuple(expected), abs=1e-9)


@given(NAMES, st.integers(0, 20), st.floats(-179, 179), st.floats(-85, 85))
def test_limits_of_a_place_are_its_tile(name: str, zoom: int, lon: float, lat: float) -> None:
    tms = grid.get(name)
    [limits] = tms.limits((lon, lat, lon, lat), tms.detail(zoom), tms.detail(zoom))
    assert (limits.min_col, limits.min_row) == (limits.max_col, limits.max_row)
    west, south, east, north = morecantile.tms.get(PLAIN[name]).bounds(limits.min_col, limits.min_row, zoom)
    assert west - 1e-9 <= lon <= east + 1e-9 and south - 1e-9 <= lat <= north + 1e-9


@given(NAMES, st.integers(0, 16), st.data())
def test_corners_of_a_tile_are_projected_to_its_corners(name: str, zoom: int, data: st.DataObject) -> None:
    tms = grid.get(name)
    columns, rows = tms.matrix(zoom)
    address = zoom, data.draw(st.integers(0, rows - 1)), data.draw(st.integers(0, columns - 1))
    west, south, east, north = tms.lonlat_box(*address)
    corners = (*placed(tms, address, west, north), *placed(tms, address, east, south))
    rounding = 2**zoom * 4096 / 360 * 1e-7 * 12  # a unit of columns, longer in y towards the poles
    assert corners == pytest.approx((0, 0, 4096, 4096), abs=max(rounding, 1e-6))


def test_the_poles_lie_beyond_every_tile_of_mercator_and_not_at_infinity() -> None:
    tms = grid.get("WebMercatorQuad")
    (_, north), (_, south) = (placed(tms, (0, 0, 0), 0, lat) for lat in (90, -90))
    assert -10_000 < north < -64 and 4096 + 64 < south < 10_000


def test_limits_of_the_region_are_stated_as_the_standard_writes_them() -> None:
    limits = grid.get("WebMercatorQuad").limits(REGION, 0, 3)
    assert [one.zoom for one in limits] == [0, 1, 2, 3]
    assert limits[3].as_json() == {
        "tileMatrix": "3",
        "minTileRow": 3,
        "maxTileRow": 3,
        "minTileCol": 6,
        "maxTileCol": 6,
    }
    assert limits[3].contains(3, 6) and not limits[3].contains(3, 5) and not limits[3].contains(4, 6)


def test_limits_end_where_the_set_ends() -> None:
    tms = grid.get("WebMercatorQuad")
    world = tms.limits((-180, -90, 180, 90), 0, 99)
    assert (world[2].min_row, world[2].max_row, world[2].min_col, world[2].max_col) == (0, 3, 0, 3)
    assert [world[0].zoom, world[-1].zoom] == [tms.min_zoom, tms.max_zoom]


@pytest.mark.parametrize(
    "address",
    [(-1, 0, 0), (3, 8, 0), (3, 0, 8), (3, -1, 0), (3, 0, -1), (99, 0, 0), (10**9, 0, 0), (3, 10**30, 0)],
)
def test_an_address_outside_the_set_is_an_error(address: tuple[int, int, int]) -> None:
    tms = grid.get("WebMercatorQuad")
    assert not tms.contains(*address)
    with pytest.raises(grid.OutsideError, match=str(address[0])):
        tms.transform(*address)


def test_the_document_is_the_standard_one() -> None:
    document = grid.get("WebMercatorQuad").document
    assert document["id"] == "WebMercatorQuad"
    assert document["crs"] == grid.get("WebMercatorQuad").crs == "http://www.opengis.net/def/crs/EPSG/0/3857"
    assert document["tileMatrices"][3]["matrixWidth"] == 8
    for name in sets.NAMES:
        tms = grid.get(name, REGION)
        assert [(m["id"], (m["matrixWidth"], m["matrixHeight"])) for m in tms.document["tileMatrices"]] == [
            (tms.matrix_id(zoom), tms.matrix(zoom)) for zoom in range(tms.max_zoom + 1)
        ]


@given(GAUSS_KRUGER, st.integers(0, 15), LONLAT)
def test_gauss_kruger_tiles_are_where_proj_puts_them(
    name: str, zoom: int, lonlat: tuple[float, float]
) -> None:
    tms = grid.get(name, REGION)
    lon, lat = (round(degrees * 1e7) / 1e7 for degrees in lonlat)
    [limits] = [one for one in tms.limits((lon, lat, lon, lat), 0, 99) if one.zoom == zoom]
    address = zoom, limits.min_row, limits.min_col
    x, y = placed(tms, address, lon, lat)
    assert (x, y) == pytest.approx(by_proj(tms, address, lon, lat), abs=2**zoom * 1e-4 * 4096 / 2**23 + 1e-9)
    assert -1e-3 <= x <= 4097 and -1e-3 <= y <= 4097
    west, south, east, north = tms.lonlat_box(*address)
    assert west <= lon <= east and south <= lat <= north


@given(GAUSS_KRUGER, st.integers(0, 8), LONLAT, st.floats(0, 3), st.floats(0, 3))
def test_bounds_hold_all_that_a_curved_box_holds(
    name: str, zoom: int, corner: tuple[float, float], wide: float, high: float
) -> None:
    tms = grid.get(name, REGION)
    east, north = min(corner[0] + wide, REGION[2]), min(corner[1] + high, REGION[3])
    lon, lat = np.meshgrid(np.linspace(corner[0], east, 9), np.linspace(corner[1], north, 9))
    x, y = by_proj(tms, (zoom, 0, 0), lon, lat)
    box = np.round(np.array([*corner, east, north]) * 1e7).astype(np.int32)
    left, top, right, bottom = projection.bounds(tms.transform(zoom, 0, 0), box)
    slack = 2**zoom * 4096 / 2**23 * 0.02  # the grid of columns: 1.1 cm
    assert left <= x.min() + slack and x.max() <= right + slack
    assert top <= y.min() + slack and y.max() <= bottom + slack


@pytest.mark.parametrize("name", sets.NAMES)
def test_detail_is_the_zoom_of_web_mercator_that_is_fine_enough(name: str) -> None:
    tms = grid.get(name, REGION)
    for zoom in range(tms.max_zoom + 1):
        matrix = tms.document["tileMatrices"][zoom]
        degrees = matrix["scaleDenominator"] * 0.00028 * matrix["tileWidth"] / sets.METRES_PER_DEGREE
        assert 360 / 2 ** tms.detail(zoom) <= degrees * (1 + 1e-6)
        assert tms.detail(zoom) == 0 or 360 / 2 ** (tms.detail(zoom) - 1) > degrees * (1 + 1e-6)


def test_tianditu_numbers_the_tiles_of_degrees_from_one() -> None:
    plain, alias = grid.get("CGCS2000Quad"), grid.get("CGCS2000TianDiTuQuad")
    assert (plain.zoom_of("0"), alias.zoom_of("1")) == (0, 0)
    assert plain.lonlat_box(3, 2, 5) == alias.lonlat_box(alias.zoom_of("4"), 2, 5)
    for tms, name in ((plain, "24"), (alias, "0"), (alias, "01"), (plain, "-1"), (plain, "x")):
        with pytest.raises(grid.OutsideError, match="no tile matrix"):
            tms.zoom_of(name)


def test_latitude_and_northing_come_first_where_the_authority_says_so() -> None:
    degrees = grid.get("CGCS2000Quad").document
    assert (degrees["crs"], degrees["orderedAxes"]) == (
        "http://www.opengis.net/def/crs/EPSG/0/4490",
        ["Lat", "Lon"],
    )
    assert degrees["tileMatrices"][0]["pointOfOrigin"] == [90.0, -180.0]
    zone = grid.get("CGCS2000GK35Quad", REGION).document
    assert zone["tileMatrices"][0]["pointOfOrigin"] == [8388608.0, 31305696.0]
    for epsg in (4490, 4523, 4524):
        assert pyproj.CRS.from_epsg(epsg).axis_info[0].direction == "north"


def test_one_metre_is_a_cell_of_level_fifteen() -> None:
    for name in ("CGCS2000GK35Quad", "CGCS2000GK36Quad"):
        assert sets.document(name)["tileMatrices"][15]["cellSize"] == 1.0


def own(**changes: Any) -> dict[str, Any]:
    """An operator's own set: UTM zone 48 north, ids from 3."""
    matrices = [
        {
            "id": str(3 + level),
            "scaleDenominator": 4000 / 2**level / 0.00028,
            "cellSize": 4000 / 2**level,
            "pointOfOrigin": [0, 4_500_000],
            "tileWidth": 512,
            "tileHeight": 512,
            "matrixWidth": 1 << level,
            "matrixHeight": 1 << level,
        }
        for level in range(6)
    ]
    return {
        "id": "UTM48",
        "crs": "http://www.opengis.net/def/crs/EPSG/0/32648",
        "tileMatrices": matrices,
    } | changes


def test_an_operators_own_set_is_as_good_as_ours() -> None:
    tms = grid.build(own(), REGION)
    lon, lat = 106.5504, 29.563
    [limits] = [one for one in tms.limits((lon, lat, lon, lat), 0, 99) if one.zoom == 5]
    assert limits.as_json()["tileMatrix"] == "8"
    x, y = pyproj.Transformer.from_crs(4490, 32648, always_xy=True).transform(lon, lat)
    assert (limits.min_col, limits.min_row) == (x // 64000, (4_500_000 - y) // 64000)
    found = placed(tms, (5, limits.min_row, limits.min_col), lon, lat)
    expected = (x % 64000 / 64000 * 4096, (4_500_000 - y) % 64000 / 64000 * 4096)
    assert found == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"tileMatrices": []}, "at least one"),
        ({"id": None}, "id"),
        ({"crs": "http://www.opengis.net/def/crs/EPSG/0/1"}, "CRS"),
        ({"crs": "http://www.opengis.net/def/crs/EPSG/0/4979"}, "two dimensions"),
        ({"crs": "http://www.opengis.net/def/crs/EPSG/0/3413"}, None),
        ({"tileMatrices": [{**own()["tileMatrices"][0], "cornerOfOrigin": "bottomLeft"}]}, "topLeft"),
        ({"tileMatrices": [{**own()["tileMatrices"][0], "tileHeight": 256}]}, "square"),
        ({"tileMatrices": [own()["tileMatrices"][0], {**own()["tileMatrices"][0], "id": "4"}]}, "finer"),
        ({"tileMatrices": [{**own()["tileMatrices"][0], "id": "coarse"}]}, "coarse"),
        ({"tileMatrices": "all"}, "TMS 2.0"),
    ],
)
def test_a_set_that_tiles_cannot_be_made_in_says_why(changes: dict[str, Any], why: str | None) -> None:
    if why is None:
        assert grid.build(own(**changes), REGION).kind == projection.PATCHED
        return
    with pytest.raises(sets.UnusableError, match=why):
        grid.build(own(**changes), REGION)


def test_a_crs_that_breaks_within_the_region_is_refused() -> None:
    # Interrupted Goode homolosine: Asia's lobes are cut at the equator.
    with pytest.raises(patches.RoughError, match="smooth"):
        patches.fit(pyproj.CRS.from_proj4("+proj=igh +datum=WGS84"), (-60.0, -10.0, -20.0, 10.0))


def test_patches_are_within_a_tenth_of_a_millimetre_of_proj() -> None:
    crs = pyproj.CRS.from_epsg(4524)
    fitted = patches.fit(crs, REGION)
    transform = projection.Transform(projection.PATCHED, 0.0, 0.0, 1.0, 1.0, fitted)
    rng = np.random.default_rng(5)
    units = np.round(rng.uniform(REGION[:2], REGION[2:], (2000, 2)) * 1e7).astype(np.int64)
    x, y = pyproj.Transformer.from_crs(4490, crs, always_xy=True).transform(*(units.T * 1e-7))
    found = np.array([projection.place(transform, *one) for one in units])
    assert math.isclose(np.abs(found - np.column_stack([x, -y])).max(), 0, abs_tol=1e-4)


def test_an_unknown_set_is_a_key_error_and_a_known_one_is_looked_up_once() -> None:
    with pytest.raises(KeyError, match="Nowhere"):
        grid.get("Nowhere")
    assert grid.get("WebMercatorQuad") is grid.get("WebMercatorQuad")
    with pytest.raises(dataclasses.FrozenInstanceError):
        grid.get("WebMercatorQuad").kind = 3  # type: ignore[misc]
