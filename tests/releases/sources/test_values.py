"""Cells in the type their field has, without loss; what cannot be cast is a fault of that feature."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.models import Field
from releases.sources.values import cast

CASTS: dict[str, list[tuple[Any, Any]]] = {
    "string": [("湖", "湖"), (" a ", "a"), ("", None), ("  ", None), (500101, "500101"), (12.0, "12")],
    "integer": [(7, 7), (7.0, 7), ("7", 7), (" -7 ", -7), ("+7", 7), ("", None), ("007", 7)],
    "number": [(7, 7.0), (7.5, 7.5), ("7.5", 7.5), ("1e3", 1000.0), ("", None), (-0.0, 0.0)],
    "boolean": [
        (True, True), (0, False), (1.0, True), ("true", True), ("F", False), ("n", False), ("1", True),
        ("", None),
    ],
    "date": [
        ("2024-02-29", "2024-02-29"),
        ("2024/02/29", "2024-02-29"),
        ("20240229", "2024-02-29"),
        (20240229, "2024-02-29"),
        ("2024-02-29T00:00:00", "2024-02-29"),
        ("2024-02-29T07:00:00+08:00", "2024-02-28T23:00:00Z"),
        ("2024-02-29T23:59:59Z", "2024-02-29T23:59:59Z"),
        ("2024-02-29T23:59:59.500Z", "2024-02-29T23:59:59.500000Z"),
        ("", None),
    ],
    "array": [('["a", "b"]', ["a", "b"]), (["a"], ["a"]), ("[]", []), ("[510101]", ["510101"]), ("", None)],
}  # fmt: skip
FAULTS: dict[str, list[Any]] = {
    "string": [1.5, True, ["a"], {"a": 1}],
    "integer": [1.5, True, "1.0", "one", "0x10", 2.0**60, "9" * 30, ["1"]],
    "number": ["one", True, float("inf"), "nan", "-inf", ["1"]],
    "boolean": ["yes and no", 2, 0.5, -1, ["true"]],
    "date": [
        "2024-02-30", "2023-02-29", "2024", 2024, "2024-13-01", "24-02-01", "2024-02/01", "yesterday",
        "2024-02-29T07:00:00", "2024-02-29T25:00:00Z", "2024-02-29T07:00:61Z", "0001-01-01T00:00:00+08:00",
        1.5,
    ],
    "array": ["a,b", '"a"', '{"a": 1}', '["a", null]', '["a", ["b"]]', "[1.5]", '[""]', 7, "[" * 5000],
}  # fmt: skip


def field(kind: str) -> Field:
    return Field.model_validate({"name": "F", "type": kind, "title": {"zh": "字段", "en": "field"}})


def column(*cells: Any) -> Any:
    array = np.empty(len(cells), dtype=object)
    for row, cell in enumerate(cells):
        array[row] = cell
    return array


@pytest.mark.parametrize(
    ("kind", "cell", "value"), [(k, *pair) for k, pairs in CASTS.items() for pair in pairs]
)
def test_a_cell_becomes_what_it_means(kind: str, cell: Any, value: Any) -> None:
    values, faults = cast(column(cell, None), field(kind))
    assert not faults
    assert values.tolist() == [value, None]
    assert type(values[0]) is type(value)


@pytest.mark.parametrize(("kind", "cell"), [(kind, cell) for kind, cells in FAULTS.items() for cell in cells])
def test_what_cannot_be_cast_exactly_is_null_and_told(kind: str, cell: Any) -> None:
    values, (fault,) = cast(column(None, cell), field(kind))
    assert values.tolist() == [None, None]
    assert (fault.rule, fault.field, fault.rows.tolist()) == ("value-type", "F", [1])
    assert callable(fault.message)
    assert len(fault.message(0).en) < 200


@pytest.mark.parametrize(
    ("array", "kind", "values"),
    [
        (np.array([1, 2], np.int32), "integer", [1, 2]),
        (np.array([2**53 + 1], np.int64), "integer", [2**53 + 1]),
        (np.array([1.0, np.nan]), "integer", [1, None]),
        (np.array([1.0, np.nan]), "string", ["1", None]),
        (np.array([0.1, np.nan]), "number", [0.1, None]),
        (np.array([True, False]), "boolean", [True, False]),
        (np.array([1.0, np.nan]), "boolean", [True, None]),
    ],
)
def test_nan_in_a_column_of_numbers_is_null(array: Any, kind: str, values: list[Any]) -> None:
    assert cast(array, field(kind))[0].tolist() == values


def test_lists_as_gdal_gives_them_are_arrays() -> None:
    values, faults = cast(column(np.array(["a", "b"]), np.array([1, 2], np.int32), None), field("array"))
    assert values.tolist() == [["a", "b"], ["1", "2"], None]
    assert not faults


@given(st.integers(-(10**17), 10**17))
def test_an_integer_is_itself_however_it_is_spelt(number: int) -> None:
    spellings = column(number, str(number), f" {number:+d} ")
    assert cast(spellings, field("integer"))[0].tolist() == [number] * 3
    assert cast(column(number), field("string"))[0].tolist() == [str(number)]


@given(st.dates(), st.sampled_from(["%Y-%m-%d", "%Y/%m/%d", "%Y%m%d"]))
def test_a_date_is_itself_however_it_is_spelt(day: date, form: str) -> None:
    text = day.strftime(form).rjust(len(form) + 2, "0")
    assert cast(column(text), field("date"))[0].tolist() == [day.isoformat()]


@given(st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1)), st.integers(-12 * 60, 14 * 60))
def test_a_moment_is_the_same_moment_in_utc(moment: datetime, minutes: int) -> None:
    local = moment.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    (text,) = cast(column(local.isoformat()), field("date"))[0].tolist()
    assert datetime.fromisoformat(text) == local
    assert text.endswith("Z")
    assert datetime.fromisoformat(text).utcoffset() == datetime.now(UTC).utcoffset()


@given(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc", "Z"]), min_size=1)))
def test_an_array_survives_as_json_text_and_as_a_list(texts: list[str]) -> None:
    import json

    spellings = column(texts, json.dumps(texts), json.dumps(texts, ensure_ascii=False))
    assert cast(spellings, field("array"))[0].tolist() == [texts] * 3


def test_a_fault_names_the_feature_the_field_and_the_value(office: Any, rows: list[dict[str, Any]]) -> None:
    rows[0]["SURVEYED"] = "last May"
    office.write("lakes.gpkg", rows)
    finding = office.refusal(path="lakes.gpkg")
    assert (finding.rule, finding.feature, finding.field, finding.row) == ("value-type", "L3", "SURVEYED", 1)
    assert finding.place is not None
    assert "'last May'" in finding.message.en and "'last May'" in finding.message.zh
