"""The canonical bytes of features, held against an independent library of RFC 8785 and against shapely."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import numpy as np
import pytest
import rfc8785
import shapely
from hypothesis import given
from hypothesis import strategies as st

from config.models import Layer
from releases.proof import canonical
from releases.table import Table


def text(name: str) -> dict[str, str]:
    return {"zh": name, "en": name}


def layer(**types: str) -> Layer:
    fields: list[dict[str, Any]] = [
        {"name": name, "type": kind, "title": text(name)} for name, kind in types.items()
    ]
    fields.append({"name": "ID", "type": "string", "title": text("id"), "role": "id", "mandatory": True})
    return Layer.model_validate(
        {
            "id": "things",
            "title": text("Things"),
            "description": text("Things"),
            "group": "base",
            "geometry": "Geometry",
            "fields": fields,
            "sources": [{"authority": "north", "path": "things.geojson"}],
            "zoom": {"min": 0, "max": 1},
            "licence": {"title": text("Open")},
            "attribution": text("Somebody"),
            "nature": "synthetic",
        }
    )


def entry(said: Layer, values: dict[str, Any], shape: bytes = b"") -> bytes:
    [found] = canonical.entries(said, ["a"], {name: [value] for name, value in values.items()}, [shape])
    return found


def canonical_number(value: float) -> str:
    found = json.loads(entry(layer(N="number"), {"N": value}), parse_float=str, parse_int=str)
    return str(found["properties"]["N"])


@pytest.mark.parametrize(
    ("value", "text"),
    [
        # RFC 8785, appendix B, and the corners between one way of writing and the other.
        (0.0, "0"),
        (-0.0, "0"),
        (5e-324, "5e-324"),
        (1.7976931348623157e308, "1.7976931348623157e+308"),
        (9007199254740992.0, "9007199254740992"),
        (295147905179352830000.0, "295147905179352830000"),
        (9.999999999999997e22, "9.999999999999997e+22"),
        (1e23, "1e+23"),
        (1e21, "1e+21"),
        (1e20, "100000000000000000000"),
        (333333333.3333332, "333333333.3333332"),
        (-0.0000033333333333333333, "-0.0000033333333333333333"),
        (1424953923781206.2, "1424953923781206.2"),
        (0.000001, "0.000001"),
        (0.00001, "0.00001"),
        (0.00012, "0.00012"),
        (1e-7, "1e-7"),
        (1.0, "1"),
        (-1.5, "-1.5"),
    ],
)
def test_numbers_are_written_as_ecmascript_writes_them(value: float, text: str) -> None:
    assert canonical_number(value) == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_any_number_is_written_as_the_library_writes_it(value: float) -> None:
    assert canonical_number(value).encode() == rfc8785.dumps(value)


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False) | st.none(), min_size=1, max_size=20))
def test_numbers_of_a_column_do_not_hang_on_their_neighbours(column: list[float | None]) -> None:
    said = layer(N="number")
    ids = [str(place) for place in range(len(column))]
    found = canonical.entries(said, ids, {"N": column}, [b""] * len(column))
    assert found == [
        rfc8785.dumps({"id": name, "properties": {"N": value}}) for name, value in zip(ids, column)
    ]


#: Any text but halves of surrogate pairs, which are no Unicode text.
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.fixed_dictionaries(
    {
        "A": st.none() | TEXTS,
        "B": st.none() | st.integers(-(2**53) + 1, 2**53 - 1),
        "C": st.none() | st.booleans(),
        "D": st.none() | st.lists(TEXTS, max_size=4),
        "E": st.none() | st.dates().map(str),
        "F": st.none() | st.floats(allow_nan=False, allow_infinity=False),
    }
)


@given(VALUES)
def test_properties_of_every_type_are_those_of_the_library(values: dict[str, Any]) -> None:
    said = layer(A="string", B="integer", C="boolean", D="array", E="date", F="number")
    assert entry(said, values) == rfc8785.dumps({"id": "a", "properties": values})


def test_names_are_sorted_by_utf16_units_and_not_by_code_points() -> None:
    # A character beyond the BMP is a pair of units below U+E000, so it comes before U+FF21.
    said, values = layer(A="string"), {"Ａ": "1", "𐐀": "2", "z": "3", "B": "4", "中": "5"}
    assert entry(said, values) == rfc8785.dumps({"id": "a", "properties": values})
    assert list(json.loads(entry(said, values))["properties"]) == ["B", "z", "中", "𐐀", "Ａ"]


@pytest.mark.parametrize("value", [2**53, 2**53 + 1, 2**63 - 1, -(2**63)])
def test_integers_beyond_the_doubles_have_all_their_digits(value: int) -> None:
    assert entry(layer(N="integer"), {"N": value}) == b'{"id":"a","properties":{"N":%d}}' % value


def test_an_integer_in_a_field_of_numbers_is_the_number() -> None:
    said = layer(N="number")
    assert entry(said, {"N": 7}) == entry(said, {"N": 7.0})
    assert entry(said, {"N": 2**60}) == entry(said, {"N": float(2**60)})


def test_geometry_is_little_endian_iso_wkb_of_two_dimensions() -> None:
    shapes = np.array([shapely.Point(104.5, 30.25, 500), None, shapely.Point(-0.0, 0.0)], object)
    point, nothing, zero = canonical.wkb(shapes)
    assert point == bytes.fromhex("0101000000" + "0000000000205a40" + "0000000000403e40")
    assert nothing == b""
    assert zero == shapely.to_wkb(shapely.Point(0.0, 0.0), byte_order=1)


def test_a_leaf_is_the_digest_of_an_entry_and_leaves_stand_in_the_order_of_the_table() -> None:
    # More than are made canonical at once.
    count = canonical.CHUNK + 3
    ids = np.array([f"{place:06}" for place in range(count)], object)
    numbers = np.arange(count) / 8
    table = Table(
        layer(N="number"),
        ids,
        np.array([shapely.Point(place, 1) for place in range(count)], object),
        {"N": numbers.astype(object), "ID": ids},
        np.full(count, "north", object),
        np.arange(count),
    )
    found = canonical.leaves(table)
    assert found.shape == (count, 32)
    for place in (0, 1, canonical.CHUNK - 1, canonical.CHUNK, count - 1):
        said = {"id": ids[place], "properties": {"ID": ids[place], "N": float(numbers[place])}}
        expected = rfc8785.dumps(said) + shapely.to_wkb(table.geometry[place], byte_order=1)
        assert found[place].tobytes() == hashlib.sha256(b"\0" + expected).digest()
