"""The gate on single values and pairs of them: integers for JSON, dates in their order, what shall be unique."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import shapely

from releases.findings import Finding
from releases.gate import inspect
from releases.table import Candidate

BOX = shapely.box(104, 30, 104.1, 30.1)


def boxes(count: int) -> list[Any]:
    return [shapely.box(104 + i / 10, 30, 104.05 + i / 10, 30.05) for i in range(count)]


@pytest.mark.parametrize(
    ("value", "is_sound"),
    [(2**53 - 1, True), (1 - 2**53, True), (2**53, False), (-(2**53), False), (10**17, False), (None, True)],
)
def test_integers_are_those_that_json_carries(bench: Any, value: int | None, is_sound: bool) -> None:
    bench.field("COUNT", "integer")
    findings = bench.findings([BOX], [{"COUNT": value}])
    assert [(one.rule, one.field) for one in findings] == ([] if is_sound else [("number-range", "COUNT")])
    assert all(str(value) in one.message.en and str(value) in one.message.zh for one in findings)


@pytest.mark.parametrize(
    ("begin", "end", "is_sound"),
    [
        ("2024-02-28", "2024-02-29", True),
        ("2024-02-29", "2024-02-29", True),
        ("2024-03-01", "2024-02-29", False),
        ("2024-03-01T00:00:01Z", "2024-03-01T00:00:00Z", False),
        ("2024-03-01T00:00:00Z", "2024-03-01T00:00:00Z", True),
        ("2024-03-01T12:00:00Z", "2024-03-01", True),  # the day may end later than the hour
        ("2024-03-01", "2024-03-01T12:00:00Z", True),
        ("2024-03-02", "2024-03-01T23:59:59Z", False),
        ("2024-03-02T00:00:00Z", "2024-03-01", False),
        ("1999-12-31", "2000-01-01", True),
        (None, "2000-01-01", True),
        ("2000-01-01", None, True),
        (None, None, True),
    ],
)
def test_what_is_valid_begins_before_it_ends(
    bench: Any, begin: str | None, end: str | None, is_sound: bool
) -> None:
    bench.field("SINCE", "date")
    bench.field("UNTIL", "date")
    bench.layer |= {"validity": ["SINCE", "UNTIL"]}
    findings = bench.findings([BOX], [{"SINCE": begin, "UNTIL": end}])
    assert [(one.rule, one.field) for one in findings] == ([] if is_sound else [("dates-order", "UNTIL")])
    assert all(f"{end}, before SINCE, which is {begin}" in one.message.en for one in findings)


def test_dates_of_no_validity_are_not_compared(bench: Any) -> None:
    bench.field("SINCE", "date")
    bench.field("UNTIL", "date")
    assert bench.findings([BOX], [{"SINCE": "2024-01-02", "UNTIL": "2024-01-01"}]) == ()


def two_layers(bench: Any, ours: list[str | None], theirs: list[str | None]) -> tuple[Finding, ...]:
    """What is found of parcels with these numbers, and of a layer of plots, read before them, with those."""
    table = bench.table(boxes(len(ours)), [{"NUMBER": number} for number in ours])
    other = bench.table(boxes(len(theirs)), [{"NUMBER": number} for number in theirs])
    plots = replace(other, layer=other.layer.model_copy(update={"id": "plots"}))
    return inspect(Candidate((plots, table), (), {}), bench.service)


def test_a_unique_value_stands_once_in_all_layers(bench: Any) -> None:
    bench.field("NUMBER", "string", unique=True)
    (finding,) = two_layers(bench, ["1", "2", None], ["3", "2", None])
    assert (finding.rule, finding.layer, finding.feature, finding.field) == (
        "unique",
        "parcels",
        "P000001",
        "NUMBER",
    )
    assert (finding.others, finding.other_layer) == (("P000001",), "plots")
    assert "plots" in finding.message.en and "plots" in finding.message.zh


def test_a_unique_value_stands_once_in_a_layer(bench: Any) -> None:
    bench.field("NUMBER", "string", unique=True)
    findings = two_layers(bench, ["1", "1", "1"], [])
    assert [(one.rule, one.feature, one.others, one.other_layer) for one in findings] == [
        ("unique", "P000001", ("P000000",), None),
        ("unique", "P000002", ("P000000",), None),
    ]


def test_a_value_that_need_not_be_unique_may_stand_again(bench: Any) -> None:
    bench.field("NUMBER", "string")
    assert two_layers(bench, ["1", "1"], ["1"]) == ()


def test_an_id_that_is_unique_is_told_once(bench: Any) -> None:
    code, *others = bench.layer["fields"]
    bench.layer |= {"fields": [{**code, "unique": True}, *others]}
    findings = bench.findings(boxes(2), [{"CODE": "A"}] * 2)
    assert [one.rule for one in findings] == ["duplicate-id"]


def test_an_id_of_another_layer_is_told_where_both_are_unique(bench: Any) -> None:
    code, *others = bench.layer["fields"]
    bench.layer |= {"fields": [{**code, "unique": True}, *others]}
    table = bench.table(boxes(2), [{"CODE": "A"}, {"CODE": "B"}])
    plots = replace(table.take([1]), layer=table.layer.model_copy(update={"id": "plots"}))
    (finding,) = inspect(Candidate((plots, table), (), {}), bench.service)
    assert (finding.rule, finding.feature, finding.other_layer) == ("unique", "B", "plots")
