"""Positions turned in published text are what parsing, turning and writing anew gives."""

from __future__ import annotations

import json
from typing import Any

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import wkt

from releases import crs, featuretext, positions, records
from releases.formats import geojson
from releases.rendition import Rendition

SHAPES = [
    "POINT (106.5512345 -29.5612345)",
    "POINT (0.0000001 1)",
    "MULTIPOINT ((106.5 29.5), (-107.25 30))",
    "MULTILINESTRING ((106 29, 106.1 29.0000001, 106.2 29), (107 30, 108 30.5))",
    "MULTIPOLYGON (((106 29, 107 29, 107 30, 106 30, 106 29), (106.2 29.2, 106.2 29.4, 106.4 29.4, 106.2 29.2)),"
    " ((108 29, 109 29, 108.5 29.5, 108 29)))",
    "GEOMETRYCOLLECTION (POINT (106 29), GEOMETRYCOLLECTION (LINESTRING (106 29, 107 30)))",
    "POLYGON EMPTY",
    "GEOMETRYCOLLECTION EMPTY",
    None,
]
#: Texts that look like positions, or like the members by which a geometry is found.
NAMES = st.sampled_from(
    ["[1,2]", '[[1,2],[3,4]]"', ',"geometry":[1,2]', ',"properties":{', "经[1,2]纬", "\\[1,2"]
)


def published(table: Any, shapes: list[Any], name: str) -> list[bytes]:
    rows = [
        (shape, f"{i}{name}", name, None, i, 0.5, True, None, None, [name]) for i, shape in enumerate(shapes)
    ]
    return [line[:-1] for chunk in featuretext.lines(table(rows)) for line in chunk]


def written_anew(text: bytes) -> bytes:
    """The text with its geometry read by json, turned by hand and written by nobody of ours."""
    document = json.loads(text)

    def turn(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: turn(one) for key, one in value.items()}
        if not isinstance(value, list):
            return value
        if len(value) == 2 and all(isinstance(one, int | float) for one in value):
            return value[::-1]
        return [turn(one) for one in value]

    return json.dumps(document | {"geometry": turn(document["geometry"])}).encode()


#: Degrees of another datum, metres west and north first, and those of the release.
CODES = ("EPSG:4490", "EPSG:4326", "EPSG:3857", "EPSG:4523", "EPSG:32648", "EPSG:4258")


def parsed(texts: list[bytes], code: str) -> list[Any]:
    """The texts' documents with geometries as `records` and GEOS have them, by the way that reads them."""
    read = records.read(texts, Rendition(code))
    shapes = shapely.to_geojson(crs.in_authority_order(read.geometry, code))
    return [
        json.loads(text) | {"geometry": shape and json.loads(shape)}
        for text, shape in zip(texts, shapes, strict=True)
    ]


@given(name=NAMES)
def test_positions_are_turned_and_nothing_else(table: Any, name: str) -> None:
    texts = published(table, [shape and wkt.loads(shape) for shape in SHAPES], name)
    turned = positions.shown(texts, "EPSG:4490")
    assert turned is not None
    assert [json.loads(text) for text in turned] == [json.loads(written_anew(text)) for text in texts]
    assert positions.shown(turned, "EPSG:4490") == texts


@given(name=NAMES, code=st.sampled_from(CODES))
def test_every_kind_of_geometry_is_brought_over_as_it_is_by_parsing_it(
    table: Any, name: str, code: str
) -> None:
    shapes = [shape and wkt.loads(shape) for shape in SHAPES if shape != "POINT (0.0000001 1)"]
    texts = published(table, shapes, name)
    moved = positions.shown(texts, code)
    assert moved is not None
    assert [json.loads(text) for text in moved] == parsed(texts, code)


@given(
    st.lists(st.tuples(st.floats(-180, 180), st.floats(-85, 85)), min_size=4, max_size=30),
    st.sampled_from(CODES),
    st.integers(0, 7),
)
def test_any_number_is_read_and_written_as_json_does(
    table: Any, vertices: Any, code: str, decimals: int
) -> None:
    at = [(round(x, decimals), round(y, decimals)) for x, y in vertices]
    shapes = [shapely.LineString(at), shapely.MultiPoint(at), shapely.Polygon(at)]
    texts = published(table, shapes, "a")
    moved = positions.shown(texts, code)
    # None: a number with an exponent, or one that the CRS has no like for; then the texts are parsed.
    assert moved is None or [json.loads(text) for text in moved] == parsed(texts, code)
    assert [json.loads(text) for text in geojson.features(texts, Rendition(code))] == parsed(texts, code)


@pytest.mark.parametrize(
    ("coordinates", "code", "expected"),
    [
        ("[106.5,29.5]", "EPSG:4258", b"[29.5,106.5]"),
        ("[-0.05,-29.0]", "EPSG:4258", b"[-29.0,-0.05]"),
        ("[106,29]", "EPSG:4258", b"[29.0,106.0]"),
        ("[0,0.0]", "EPSG:3857", b"[0.0,0.0]"),
        ("[0.0000001,0]", "EPSG:4258", b"[0.0,0.0000001]"),
        ("[1e-07,0]", "EPSG:4258", None),
        ("[106.12345670000001,30.542711099999998]", "EPSG:4258", b"[30.5427111,106.1234567]"),
        ("[106.1234567890123456,0]", "EPSG:4258", None),
        ("[16,0]", "EPSG:4523", None),
    ],
)
def test_numbers_are_written_short_and_left_to_others_where_they_are_not_plain(
    coordinates: str, code: str, expected: bytes | None
) -> None:
    text = b'{"type":"Feature","id":1,"geometry":{"type":"Point","coordinates":%b},"properties":{}}'
    moved = positions.shown([text % coordinates.encode()], code)
    assert moved == (None if expected is None else [text % expected])


@pytest.mark.parametrize("code", CODES)
def test_no_texts_are_none_and_a_text_without_a_position_stays(code: str) -> None:
    text = b'{"type":"Feature","id":1,"geometry":null,"properties":{"a":[[1,2]]}}'
    assert positions.shown([], code) == []
    assert positions.shown([text], code) == [text]
