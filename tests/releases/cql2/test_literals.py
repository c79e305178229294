"""Literals: geometries in any CRS come to the release's x, y; what is computed of literals is a literal."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import orjson
import pyproj
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from releases.cql2 import arithmetic, texts
from releases.cql2.nodes import Array, Call, Filter, Shape, Value
from releases.crs import northing_first

Checked = Callable[..., Filter]
#: Where the CRSs below are at home.
PLACE = (104.5, 30.25)
CODES = ["OGC:CRS84", "EPSG:4326", "EPSG:4490", "EPSG:3857", "EPSG:4523"]


def literal(filter: Filter) -> Any:
    """The second operand of a comparison."""
    assert isinstance(filter.root, Call)
    return filter.root.args[-1]


def shape(filter: Filter) -> shapely.Geometry:
    found = literal(filter)
    assert isinstance(found, Shape)
    return shapely.from_wkb(found.wkb)


def there(code: str, *places: tuple[float, float]) -> list[list[float]]:
    """Places in a CRS, in the order of its axes, by PROJ."""
    source = "EPSG:4490" if code == "EPSG:4523" else "OGC:CRS84"
    transform = pyproj.Transformer.from_crs(source, code, always_xy=True).transform
    found = [transform(*place) for place in places]
    return [[y, x] if northing_first(code) else [x, y] for x, y in found]


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize(
    "kind", ["Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon"]
)
def test_a_geometry_is_read_in_the_axis_order_of_its_crs(checked: Checked, code: str, kind: str) -> None:
    x, y = PLACE
    corners = [(x, y), (x + 0.5, y), (x + 0.5, y + 0.25), (x, y)]
    line = shapely.LineString(corners)
    expected: Any = {
        "Point": shapely.Point(corners[0]),
        "MultiPoint": shapely.MultiPoint(corners[:3]),
        "LineString": line,
        "MultiLineString": shapely.MultiLineString([line]),
        "Polygon": shapely.Polygon(corners),
        "MultiPolygon": shapely.MultiPolygon([shapely.Polygon(corners)]),
    }[kind]
    moved = shapely.set_coordinates(
        np.array([expected], dtype=object), there(code, *shapely.get_coordinates(expected).tolist())
    )[0]
    found = shape(
        checked(f"S_EQUALS(geometry, {shapely.to_wkt(moved, rounding_precision=9)})", "cql2-text", code)
    )
    # On the grid again, to the last digit.
    assert found.equals_exact(shapely.normalize(expected), 0)


@pytest.mark.parametrize("code", CODES)
def test_a_box_is_read_in_the_axis_order_of_its_crs(checked: Checked, code: str) -> None:
    x, y = PLACE
    low, high = there(code, (x, y), (x + 0.5, y + 0.25))
    numbers = ",".join(repr(number) for number in (*low, *high))
    found = shape(checked(f"S_INTERSECTS(geometry, BBOX({numbers}))", "cql2-text", code))
    box = shapely.box(x, y, x + 0.5, y + 0.25)
    # The edges of a projected box are curved in degrees; its corners are where they are said to be.
    assert shapely.hausdorff_distance(found, box) < (1e-9 if code != "EPSG:4523" else 0.005)
    corner = shapely.Point(x, y)
    assert found.boundary.distance(corner) < 1e-6


def test_a_box_over_the_antimeridian_is_in_two_parts_in_either_axis_order(checked: Checked) -> None:
    one = checked("S_INTERSECTS(geometry, BBOX(170,-10,-170,10))")
    other = checked("S_INTERSECTS(geometry, BBOX(-10,170,10,-170))", "cql2-text", "EPSG:4326")
    assert one == other and shape(one).area == 400


@pytest.mark.parametrize(
    "code, literal",
    [
        ("EPSG:4326", "POINT(106 29)"),
        ("EPSG:3857", "POINT(1e14 0)"),
        ("OGC:CRS84", "BBOX(0,0,181,1)"),
        ("EPSG:4490", "LINESTRING(0 0, 0 181)"),
        ("EPSG:3857", "BBOX(5,0,-5,1)"),
    ],
)
def test_coordinates_that_a_crs_does_not_have_are_refused(
    told: Callable[..., Any], code: str, literal: str
) -> None:
    ((message, expected),) = told(f"S_INTERSECTS(geometry, {literal})", "cql2-text", code)
    assert ("outside" in message or "BBOX" in message) and "axis order" in expected


def test_what_is_smaller_than_the_grid_does_not_vanish(checked: Checked) -> None:
    assert shape(checked("S_WITHIN(geometry, POLYGON((0 0,0.00000001 0,0 0.00000001,0 0)))")).area > 0
    assert shape(checked("S_EQUALS(geometry, POINT(1.00000001 2))")) == shapely.Point(1, 2)


STAR = [[round(math.cos(3.1 * i), 6), round(math.sin(3.1 * i), 6)] for i in range(2000)]
NET = [line for i in range(800) for line in ([[i / 100, 0], [i / 100, 9]], [[0, i / 100], [9, i / 100]])]


@pytest.mark.parametrize("kind, lines", [("LineString", STAR), ("MultiLineString", NET)])
def test_lines_that_cross_too_often_are_refused(told: Callable[..., Any], kind: str, lines: Any) -> None:
    tree = {
        "op": "s_crosses",
        "args": [{"property": "geometry"}, {"type": kind, "coordinates": lines}],
    }
    ((message, _),) = told(orjson.dumps(tree).decode(), "cql2-json")
    assert "cross too often" in message


def test_a_detailed_border_is_no_tangle(checked: Checked) -> None:
    ring = ",".join(
        f"{10 * math.cos(i / 300):.5f} {10 * math.sin(i / 300) + i % 2 / 100:.5f}" for i in range(1880)
    )
    assert checked(f"S_TOUCHES(geometry, POLYGON(({ring},{ring.split(',', 1)[0]})))")


NUMBERS = st.one_of(
    st.integers(-50, 50), st.floats(-1e6, 1e6), st.sampled_from([0.1, 1e300, -1e300, 2.0**53])
)


@given(a=NUMBERS, b=NUMBERS)
def test_quotient_and_remainder_make_the_dividend(a: float, b: float) -> None:
    quotient, rest = arithmetic.operation("div")(a, b), arithmetic.operation("%")(a, b)
    if b == 0:
        assert quotient is None and rest is None
    elif quotient is not None and abs(quotient) < 2**40:
        assert rest is not None and abs(rest) < abs(b) and (rest == 0 or (rest < 0) == (a < 0))
        assert math.isclose(quotient * b + rest, a, rel_tol=1e-9, abs_tol=1e-9)


@pytest.mark.parametrize(
    "text", ["1 / 0", "5 % 0", "5 div 0", "0 ^ (0 - 1)", "(0 - 8) ^ 0.5", "1e300 * 1e300", "10 ^ 400"]
)
def test_what_has_no_finite_result_is_null_and_stays_what_it_was(checked: Checked, text: str) -> None:
    found = literal(checked(f"FLOORS IN ({text})"))
    assert isinstance(found, Call) and found.type == "number"


@pytest.mark.parametrize(
    "text, value",
    [
        ("1 + 2 * 3", 7),
        ("2 ^ 3 ^ 2", 64),
        ("7 div 2", 3),
        ("0 - 7 div 2", -3),
        ("7 % 4", 3),
        ("10 / 4", 2.5),
        ("- 2 - -2", 0),
    ],
)
def test_what_is_computed_of_literals_is_a_literal(checked: Checked, text: str, value: float) -> None:
    assert literal(checked(f"FLOORS = {text}")) == Value(value, "number")
    assert checked(f"FLOORS = {text}") == checked(f"{value} = FLOORS")


def test_folding_of_literals_is_a_literal(checked: Checked) -> None:
    assert checked("CASEI(NAME) = CASEI('STRASSE')") == checked("CASEI(NAME) = CASEI('Straße')")
    assert checked("ACCENTI(NAME) = ACCENTI('ÄÉ')") == checked("ACCENTI(NAME) = ACCENTI('AE')")
    assert checked("CASEI(NAME) LIKE CASEI('A%')") == checked("CASEI(NAME) LIKE CASEI('a%')")
    assert checked("NAME LIKE ACCENTI('é_')") == checked("NAME LIKE 'e_'")


def test_what_is_left_of_a_character_is_one(checked: Checked) -> None:
    for text in ("が", "한", "Å", "中", "ḍ̇"):
        assert len(texts.accenti(text)) == 1
    assert texts.accenti("が") == "が"


def test_an_array_is_a_set_whatever_it_holds(checked: Checked) -> None:
    found = literal(checked("A_EQUALS(TAGS, ('b','a','b'))"))
    assert found == Array((Value("a", "text"), Value("b", "text")))
    assert literal(checked("A_EQUALS(TAGS, ())")) == Array(())
    assert literal(checked("A_EQUALS(TAGS, ('a'))")) == Array((Value("a", "text"),))


def test_the_letters_of_the_grammar_are_read(checked: Checked) -> None:
    for one, other in (
        ("AREA = .5", "AREA = 0.5"),
        ("AREA = 5.", "AREA = 5"),
        ("AREA = 5E-1", "AREA = 0.5"),
        ("AREA = +5e0", "AREA = 5"),
        ("S_WITHIN(geometry, LINESTRING(1e1 .5, 2.5E0 4))", "S_WITHIN(geometry, LINESTRING(10 0.5, 2.5 4))"),
        ("S_WITHIN(geometry, MULTIPOINT(1 2, 3 4))", "S_WITHIN(geometry, MULTIPOINT((1 2), (3 4)))"),
        ("NAME\u3000=\u00a0'a'", "NAME = 'a'"),
        ("\"NAME\" = 'a'", "NAME = 'a'"),
        ("LOWER(NAME) = 'a'", "lower(NAME) = 'a'"),
    ):
        assert checked(one) == checked(other)


def test_a_name_may_begin_with_a_colon(told: Callable[..., Any]) -> None:
    ((message, _),) = told(":a = 1")
    assert "no property ':a'" in message
