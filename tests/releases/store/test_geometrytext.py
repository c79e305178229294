"""Geometries read from text are those that GEOS reads, to the last bit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import wkt

from releases import geometrytext, records
from releases.rendition import PLAIN

place = st.tuples(st.integers(-1_800_000_000, 1_800_000_000), st.integers(-900_000_000, 900_000_000)).map(
    lambda steps: (steps[0] / 1e7, steps[1] / 1e7)
)
point = place.map(shapely.Point)
line = st.lists(place, min_size=2, max_size=5, unique=True).map(shapely.LineString)
polygon = st.lists(place, min_size=3, max_size=6, unique=True).map(shapely.Polygon)
geometry = st.one_of(
    st.none(),
    point,
    line,
    polygon,
    st.lists(point, min_size=1, max_size=3).map(shapely.MultiPoint),
    st.lists(line, min_size=1, max_size=3).map(shapely.MultiLineString),
    st.lists(polygon, min_size=1, max_size=3).map(shapely.MultiPolygon),
    st.tuples(point, polygon).map(shapely.GeometryCollection),
    st.sampled_from(
        [
            "POINT EMPTY",
            "LINESTRING EMPTY",
            "POLYGON EMPTY",
            "MULTIPOLYGON EMPTY",
            "GEOMETRYCOLLECTION EMPTY",
            "POINT (1e-5 1e-7)",
            "POINT (0.1234567890123456 1e20)",
            "POLYGON ((0 0, 9 0, 9 9, 0 0), (2 1, 3 1, 3 2, 2 1), (4 1, 5 1, 5 2, 4 1))",
        ]
    ).map(wkt.loads),
)


def as_text(shapes: list[Any]) -> list[bytes]:
    return [
        b"null" if text is None else text.encode()
        for text in shapely.to_geojson(np.array([*shapes, None], dtype=object))[:-1]
    ]


def bits(shapes: Any) -> list[bytes | None]:
    return [None if shape is None else shapely.to_wkb(shape) for shape in shapes]


@given(st.lists(geometry, max_size=12))
def test_geometries_of_every_kind_are_read_as_geos_reads_them(shapes: list[Any]) -> None:
    texts = as_text(shapes)
    expected = [None if text == b"null" else shapely.from_geojson(text.decode()) for text in texts]
    assert bits(geometrytext.read(texts)) == bits(expected)


@given(st.lists(place, min_size=50, max_size=50), st.integers(0, 7))
def test_numbers_are_the_nearest_doubles_however_long_they_are_written(places: Any, decimals: int) -> None:
    shapes = [shapely.Point(round(x, decimals), round(y, decimals)) for x, y in places]
    assert bits(geometrytext.read(as_text(shapes))) == bits(shapes)


def test_a_number_that_is_written_with_seventeen_digits_is_the_one_of_seven() -> None:
    [found] = geometrytext.read([b'{"type":"Point","coordinates":[30.569604000000002,108.48267010000001]}'])
    assert (found.x, found.y) == (30.569604, 108.4826701)


@pytest.mark.parametrize("layer", ["xzq_county", "ghfq", "rivers", "places", "plan_structure", "xzqjx"])
def test_every_layer_of_the_demo_is_read_as_geos_reads_it(release: Any, layer: str) -> None:
    file = release.path / release.manifest.layer(layer).file
    texts = file.read_bytes().split(b"\n")[:-1]
    found = records.read(texts, PLAIN).geometry
    expected = [
        None if text == b"null" else shapely.from_geojson(text.decode()) for text in records.parted(texts)[1]
    ]
    assert bits(found) == bits(expected)
