"""Addresses, boxes and limits agree with morecantile, the independent implementation."""

from __future__ import annotations

import dataclasses

import morecantile
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiles import grid
from tiles.projection import column, row

NAMES = st.sampled_from(sorted(grid.SETS))


@given(NAMES, st.integers(0, 20), st.data())
def test_boxes_are_those_of_morecantile(name: str, zoom: int, data: st.DataObject) -> None:
    tms = grid.get(name)
    columns, rows = tms.matrix(zoom)
    at, across = data.draw(st.integers(0, rows - 1)), data.draw(st.integers(0, columns - 1))
    expected = morecantile.tms.get(name).bounds(across, at, zoom)
    assert tms.lonlat_box(zoom, at, across) == pytest.approx(tuple(expected), abs=1e-9)


@given(NAMES, st.integers(0, 20), st.floats(-179, 179), st.floats(-85, 85))
def test_limits_of_a_place_are_its_tile(name: str, zoom: int, lon: float, lat: float) -> None:
    [limits] = grid.get(name).limits((lon, lat, lon, lat), zoom, zoom)
    assert (limits.min_col, limits.min_row) == (limits.max_col, limits.max_row)
    west, south, east, north = morecantile.tms.get(name).bounds(limits.min_col, limits.min_row, zoom)
    assert west - 1e-9 <= lon <= east + 1e-9 and south - 1e-9 <= lat <= north + 1e-9


@given(NAMES, st.integers(0, 16), st.data())
def test_corners_of_a_tile_are_projected_to_its_corners(name: str, zoom: int, data: st.DataObject) -> None:
    tms = grid.get(name)
    columns, rows = tms.matrix(zoom)
    address = zoom, data.draw(st.integers(0, rows - 1)), data.draw(st.integers(0, columns - 1))
    transform = tms.transform(*address, 4096)
    west, south, east, north = (round(edge * 1e7) for edge in tms.lonlat_box(*address))
    corners = column(transform, west), row(transform, north), column(transform, east), row(transform, south)
    rounding = 2**zoom * 4096 / 360 * 1e-7 * 12  # a unit of columns, longer in y towards the poles
    assert corners == pytest.approx((0, 0, 4096, 4096), abs=max(rounding, 1e-6))


def test_the_poles_lie_beyond_every_tile_of_mercator_and_not_at_infinity() -> None:
    transform = grid.get("WebMercatorQuad").transform(0, 0, 0)
    assert -10_000 < row(transform, 900_000_000) < -64 and 4096 + 64 < row(transform, -900_000_000) < 10_000


def test_limits_of_the_region_are_stated_as_the_standard_writes_them() -> None:
    limits = grid.get("WebMercatorQuad").limits((97.2, 25.9, 110.3, 34.4), 0, 3)
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
    for name, (_, width) in grid.SETS.items():
        matrices = grid.get(name).document["tileMatrices"]
        assert [(m["matrixWidth"], m["matrixHeight"]) for m in matrices[:5]] == [
            grid.get(name).matrix(zoom) for zoom in range(5)
        ]
        assert matrices[0]["matrixWidth"] == width


def test_an_unknown_set_is_a_key_error_and_a_known_one_is_looked_up_once() -> None:
    with pytest.raises(KeyError, match="Nowhere"):
        grid.get("Nowhere")
    assert grid.get("WebMercatorQuad") is grid.get("WebMercatorQuad")
    with pytest.raises(dataclasses.FrozenInstanceError):
        grid.get("WebMercatorQuad").max_zoom = 3  # type: ignore[misc]
