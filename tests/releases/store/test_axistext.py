"""Positions turned in published text are what parsing, turning and writing anew gives."""

from __future__ import annotations

import json
from typing import Any

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import wkt

from releases import axistext, crs, featuretext
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


@given(name=NAMES)
def test_positions_are_turned_and_nothing_else(table: Any, name: str) -> None:
    texts = published(table, [shape and wkt.loads(shape) for shape in SHAPES], name)
    turned = axistext.turned(texts)
    assert [json.loads(text) for text in turned] == [json.loads(written_anew(text)) for text in texts]
    assert axistext.turned(turned) == texts


@given(
    st.lists(st.tuples(st.floats(-180, 180), st.floats(-90, 90)), min_size=4, max_size=30),
    st.sampled_from(["EPSG:4490", "EPSG:4326"]),
)
def test_any_numbers_are_turned_as_they_stand(table: Any, vertices: Any, code: str) -> None:
    shapes = [shapely.LineString(vertices), shapely.MultiPoint(vertices), shapely.Polygon(vertices)]
    texts = published(table, shapes, "a")
    assert crs.is_turned(code)
    # Fields asked for by name are parsed and written anew, all of them too.
    every = Rendition(code, tuple(json.loads(texts[0])["properties"]))
    assert geojson.features(texts, Rendition(code)) == geojson.features(texts, every)


def test_no_texts_are_none() -> None:
    assert axistext.turned([]) == []


@pytest.mark.parametrize("code", ["OGC:CRS84", "EPSG:3857", "EPSG:4523"])
def test_other_crss_are_not_turned_text(code: str) -> None:
    assert not crs.is_turned(code)
