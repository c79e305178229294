"""Well-known binary from lists of numbers, held against GEOS."""

from __future__ import annotations

import json
import struct
from typing import Any

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from releases.proof import wkb
from releases.proof.wkb import Shapeless

NUMBERS = st.floats(-180, 180, allow_subnormal=False).map(lambda number: number + 0.0)
POSITIONS = st.tuples(NUMBERS, NUMBERS).map(list)
LINES = st.lists(POSITIONS, min_size=2, max_size=6)
RINGS = st.lists(POSITIONS, min_size=3, max_size=6).map(lambda ring: [*ring, ring[0]])
POLYGONS = st.lists(RINGS, min_size=1, max_size=3)
SHAPES = {
    "Point": POSITIONS,
    "LineString": LINES,
    "Polygon": POLYGONS,
    "MultiPoint": st.lists(POSITIONS, min_size=1, max_size=4),
    "MultiLineString": st.lists(LINES, min_size=1, max_size=3),
    "MultiPolygon": st.lists(POLYGONS, min_size=1, max_size=3),
}
GEOMETRIES = st.one_of(
    *(
        st.fixed_dictionaries({"type": st.just(kind), "coordinates": coordinates})
        for kind, coordinates in SHAPES.items()
    )
)


def geos(geometry: dict[str, Any]) -> bytes:
    shape = shapely.from_geojson(json.dumps(geometry))
    return bytes(shapely.to_wkb(shape, byte_order=1, output_dimension=2, flavor="iso"))


@given(GEOMETRIES)
def test_any_geometry_is_written_as_geos_writes_it(geometry: dict[str, Any]) -> None:
    assert wkb.from_geojson(geometry) == geos(geometry)


@given(st.lists(GEOMETRIES, min_size=1, max_size=3))
def test_collections_too(geometries: list[dict[str, Any]]) -> None:
    collection = {"type": "GeometryCollection", "geometries": geometries}
    assert wkb.from_geojson(collection) == geos(collection)


def test_a_third_number_is_left_out_whole_numbers_are_doubles_and_zero_has_no_sign() -> None:
    flat = wkb.from_geojson({"type": "LineString", "coordinates": [[1.0, 2.0], [3.0, 4.0]]})
    assert wkb.from_geojson({"type": "LineString", "coordinates": [[1, 2, 500], [3, 4, 500.5]]}) == flat
    assert wkb.from_geojson({"type": "LineString", "coordinates": [[1, 2, 500], [3, 4]]}) == flat
    zero = wkb.from_geojson({"type": "Point", "coordinates": [-0.0, 0]})
    assert zero == struct.pack("<BIdd", 1, 1, 0.0, 0.0)


def test_null_has_no_bytes() -> None:
    assert wkb.from_geojson(None) == b""


def test_a_ring_that_is_not_closed_is_written_as_it_stands() -> None:
    ring = [[0, 0], [1, 0], [1, 1]]
    assert len(wkb.from_geojson({"type": "Polygon", "coordinates": [ring]})) == 9 + 4 + 3 * 16


@pytest.mark.parametrize(
    "geometry",
    [
        {},
        {"type": "Circle", "coordinates": [0, 0]},
        {"type": "Point"},
        {"type": "Point", "coordinates": []},
        {"type": "Point", "coordinates": ["a", "b"]},
        {"type": "Point", "coordinates": None},
        {"type": "LineString", "coordinates": [1, 2]},
        {"type": "Polygon", "coordinates": [[[0]]]},
        {"type": ["Point"], "coordinates": [0, 0]},
        {"type": "Point", "coordinates": [10**400, 0]},
    ],
)
def test_what_is_no_geometry_is_told(geometry: dict[str, Any]) -> None:
    with pytest.raises(Shapeless):
        wkb.from_geojson(geometry)
