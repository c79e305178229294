"""Addresses, boxes and limits agree with morecantile, the independent implementation."""

from __future__ import annotations

import morecantile
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiles import grid

SET = grid.get("WebMercatorQuad")
ORACLE = morecantile.tms.get("WebMercatorQuad")


@given(st.integers(0, 20), st.data())
def test_boxes_are_those_of_morecantile(zoom: int, data: st.DataObject) -> None:
    row, col = (data.draw(st.integers(0, 2**zoom - 1)) for _ in range(2))
    expected = ORACLE.bounds(col, row, zoom)
    assert SET.lonlat_box(zoom, row, col) == pytest.approx(tuple(expected), abs=1e-9)


@given(st.integers(0, 20), st.floats(-179, 179), st.floats(-85, 85))
def test_limits_of_a_point_are_its_tile(zoom: int, lon: float, lat: float) -> None:
    [limits] = SET.limits((lon, lat, lon, lat), zoom, zoom)
    tile = ORACLE.tile(lon, lat, zoom)
    assert (limits.min_col, limits.min_row) == (tile.x, tile.y) == (limits.max_col, limits.max_row)


@pytest.mark.parametrize("address", [(-1, 0, 0), (3, 8, 0), (3, 0, 8), (3, -1, 0), (99, 0, 0)])
def test_an_address_outside_the_set_is_an_error(address: tuple[int, int, int]) -> None:
    assert not SET.contains(*address)
    with pytest.raises(grid.OutsideError):
        SET.transform(*address)


def test_the_document_is_the_standard_one() -> None:
    assert SET.document["id"] == "WebMercatorQuad"
    assert SET.document["crs"] == "http://www.opengis.net/def/crs/EPSG/0/3857"
    assert SET.document["tileMatrices"][3]["matrixWidth"] == 8
