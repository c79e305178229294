"""Records: published texts parsed and shown as asked, against json, shapely and pyproj."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import wkt

from releases import crs, featuretext, records
from releases.rendition import PLAIN, Rendition

#: A geometry of every kind, one in two parts, one with a hole, one without anything, none.
SHAPES = [
    "POINT (106.5512345 29.5612345)",
    "MULTIPOINT ((106.5 29.5), (107.25 30))",
    "MULTILINESTRING ((106 29, 106.1 29.0000001, 106.2 29), (107 30, 108 30.5))",
    "MULTIPOLYGON (((106 29, 107 29, 107 30, 106 30, 106 29), (106.2 29.2, 106.2 29.4, 106.4 29.4, 106.2 29.2)),"
    " ((108 29, 109 29, 108.5 29.5, 108 29)))",
    "GEOMETRYCOLLECTION (POINT (106 29), LINESTRING (106 29, 107 30))",
    "LINESTRING (106 29, 107 30)",
    "POLYGON ((106 29, 107 29, 107 30, 106 29))",
    None,
]
NAMES = ["plain", '名,"geometry":null', '","properties":{}', "\\", "\u2028", "7", "8", "9"]


@pytest.fixture(scope="module")
def texts(table: Any) -> list[bytes]:
    """A feature of each shape, as published."""
    rows = [
        (
            shape and wkt.loads(shape),
            f"{i}{name}",
            name,
            None,
            i,
            i / 8,
            True,
            "2020-01-01",
            None,
            ["a", name],
        )
        for i, (shape, name) in enumerate(zip(SHAPES, NAMES, strict=True))
    ]
    return [line[:-1] for chunk in featuretext.lines(table(rows)) for line in chunk]


def test_plain_records_are_what_json_reads_from_the_texts(texts: list[bytes]) -> None:
    found = records.read(texts, PLAIN)
    documents = [json.loads(text) for text in texts]
    assert found.ids == [document["id"] for document in documents]
    assert found.properties == [document["properties"] for document in documents]
    for shape, document in zip(found.geometry, documents, strict=True):
        expected = document["geometry"]
        assert (shape is None) == (expected is None)
        assert shape is None or shapely.geometry.mapping(shape) == shapely.geometry.mapping(
            shapely.from_geojson(json.dumps(expected))
        )


def test_no_texts_are_no_records() -> None:
    found = records.read([], Rendition("EPSG:4523", ("A",), zoom=3))
    assert (found.ids, found.properties, len(found.geometry)) == ([], [], 0)


def test_only_the_fields_asked_for_are_there_in_the_order_asked_for(texts: list[bytes]) -> None:
    found = records.read(texts, Rendition(fields=("NAME", "TAGS")))
    assert [list(values) for values in found.properties] == [["NAME", "TAGS"]] * len(texts)
    assert [values["NAME"] for values in found.properties] == NAMES
    assert records.read(texts, Rendition(fields=())).properties == [{}] * len(texts)


def test_a_skipped_geometry_is_null_and_nothing_else_changes(texts: list[bytes]) -> None:
    found, plain = records.read(texts, Rendition(geometry=False)), records.read(texts, PLAIN)
    assert (found.ids, found.properties) == (plain.ids, plain.properties)
    assert list(found.geometry) == [None] * len(texts)


@pytest.mark.parametrize(
    "code", ["EPSG:3857", "EPSG:4523", "EPSG:4524", "EPSG:32648", "EPSG:4326", "EPSG:4490"]
)
def test_vertices_are_where_pyproj_puts_them_as_x_and_y(texts: list[bytes], code: str) -> None:
    found, plain = records.read(texts, Rendition(code)).geometry, records.read(texts, PLAIN).geometry
    source = "EPSG:4490" if code.startswith("EPSG:45") else "OGC:CRS84"
    transform = pyproj.Transformer.from_crs(source, code, always_xy=True).transform
    assert shapely.get_type_id(found).tolist() == shapely.get_type_id(plain).tolist()
    here, there = shapely.get_coordinates(plain), shapely.get_coordinates(found)
    expected = np.column_stack(transform(here[:, 0], here[:, 1]))
    step = 1e-7 if code in crs.DEGREES else 1e-3
    assert np.abs(there - expected).max() <= step / 2 + 1e-9
    assert [float(f"{value:.{crs.digits(code)}f}") for value in there.ravel()] == there.ravel().tolist()


def test_a_geometry_that_a_crs_has_no_coordinates_for_is_null() -> None:
    text = b'{"type":"Feature","id":%d,"geometry":{"type":"Point","coordinates":[%d,0]},"properties":{}}'
    found = records.read([text % (1, 16), text % (2, 106)], Rendition("EPSG:32648"))
    assert [shape is None for shape in found.geometry] == [True, False]


def wheel(x: float, y: float, size: float, corners: int) -> shapely.Polygon:
    turn = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    rim = np.column_stack([x + size * np.cos(turn), y + size * np.sin(turn) * (1 - 0.3 * np.cos(9 * turn))])
    return shapely.Polygon(np.round(rim, 7), [np.round(0.3 * rim + 0.7 * np.array([x, y]), 7)])


@given(
    st.floats(-170, 170),
    st.floats(-75, 75),
    st.floats(1e-6, 5),
    st.integers(3, 400),
    st.floats(0, 22),
)
def test_a_simplified_geometry_is_valid_of_its_kind_and_nowhere_a_pixel_off(
    x: float, y: float, size: float, corners: int, zoom: float
) -> None:
    shape = shapely.multipolygons([wheel(x, y, size, corners)])
    line = shapely.MultiLineString([shape.geoms[0].exterior.coords, [(x, y), (x + size, y)]])
    texts = [
        b'{"type":"Feature","id":1,"geometry":%b,"properties":{}}' % shapely.to_geojson(one).encode()
        for one in (shape, line, shapely.Point(x, y))
    ]
    exact = records.read(texts, PLAIN).geometry
    found = records.read(texts, Rendition(zoom=zoom)).geometry
    assert shapely.get_type_id(found).tolist() == shapely.get_type_id(exact).tolist()
    assert shapely.is_valid(found)[shapely.is_valid(exact)].all()
    pixel = 360 / 256 / 2**zoom
    for before, after in zip(exact, found, strict=True):
        kept, all_of = shapely.get_coordinates(after), shapely.get_coordinates(before)
        assert set(map(tuple, kept)) <= set(map(tuple, all_of))
        lines = after if after.geom_type != "MultiPolygon" else after.boundary
        far = shapely.distance(shapely.points(all_of), lines)
        assert far.max() <= pixel


def test_a_map_of_the_world_needs_fewer_vertices_than_one_of_a_street() -> None:
    shape = shapely.multipolygons([wheel(106, 29, 1, 400)])
    text = b'{"type":"Feature","id":1,"geometry":%b,"properties":{}}' % shapely.to_geojson(shape).encode()
    counts = [
        int(shapely.get_num_coordinates(records.read([text], Rendition(zoom=zoom)).geometry[0]))
        for zoom in (0, 2.5, 6, 8, 22)
    ]
    assert counts == sorted(counts)
    assert counts[0] < 12 < 600 < counts[-1]


@given(
    st.sampled_from([*crs.offered(["EPSG:4523", "EPSG:4524"]), "EPSG:32648"]),
    st.lists(st.tuples(st.floats(103, 109), st.floats(26, 34)), min_size=3),
)
def test_what_a_client_sends_back_in_the_order_of_the_authority_is_where_it_was(
    code: str, vertices: list[tuple[float, float]]
) -> None:
    shapes = np.array([shapely.LineString(vertices), None, shapely.Point(vertices[0])], dtype=object)
    shown = crs.in_authority_order(crs.from_storage_xy(shapes, code), code)
    back = crs.to_storage_xy(shown, code)
    assert back[1] is None
    assert np.allclose(shapely.get_coordinates(back), shapely.get_coordinates(shapes), rtol=0, atol=2e-8)


def test_a_point_of_a_gauss_kruger_zone_is_given_northing_first() -> None:
    easting, northing = pyproj.Transformer.from_crs("EPSG:4490", "EPSG:4523", always_xy=True).transform(
        106.5, 29.5
    )
    (found,) = crs.to_storage_xy(np.array([shapely.Point(northing, easting, 300)]), "EPSG:4523")
    assert (round(found.x, 9), round(found.y, 9), found.has_z) == (106.5, 29.5, False)
