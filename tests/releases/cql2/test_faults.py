"""What is wrong with a filter is told by its place, with what is expected there, and all of it at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
import pytest

from releases import cql2
from releases.cql2.check import LEVELS, TOLD
from releases.cql2.operators import OPERATORS

Told = Callable[..., list[tuple[str, str]]]


@pytest.mark.parametrize(
    "filter, place, said, expected",
    [
        ("FLOORS > 1 AND NAMEE = 'x'", "character 16: ", "NAMEE", "NAME, the nearest name"),
        ("NAME = 'NAME' AND NAME > 3", "character 26: ", "3", "a text"),
        ("(LISTED OR FLOORS = 'a')", "character 21: ", "'a'", "a number"),
        ("FLOORS IN (1,'a')", "character 14: ", "'a'", "a number"),
        ("NAME LIKE 'a\\\\'", "character 11: ", "ends in", "a character behind"),
        ("arae(geometry) > 1", "character 1: ", "arae", "area, the nearest name"),
        ("1 < area(NAME)", "character 10: ", "NAME", "geometry"),
        ("substr(NAME, 1) = 'a'", "character 1: ", "2 operands", "3"),
        ("T_DURING(SINCE, INTERVAL('2020-01-01','..'))", "character 10: ", "SINCE", "INTERVAL"),
        ("T_AFTER(SINCE, DATE('2020-02-30'))", "character 16: ", "2020-02-30", "RFC 3339"),
        ("T_AFTER(SINCE, INTERVAL(SINCE,NAME))", "character 31: ", "NAME", "DATE"),
        ("A_CONTAINS(NAME, ('a'))", "character 12: ", "NAME", "an array"),
        ("FLOORS * (2 - NAME) > 1", "character 15: ", "NAME", "a number"),
        ("S_WITHIN(geometry, POINT(1 91))", "character 20: ", "outside", "axis order"),
        ("S_WITHIN(geometry, BBOX(1,2,3))", "character 20: ", "BBOX", "4 or 6"),
        ("NAME = 'a\0'", "character 8: ", "NUL", "without NUL"),
        ("NAME = 'a' NOT", "", "character 12", ""),
    ],
)
def test_a_fault_in_a_text_is_told_by_its_character(
    told: Told, filter: str, place: str, said: str, expected: str
) -> None:
    ((message, wanted),) = told(filter)
    assert message.startswith(place) and said in message and expected in wanted


@pytest.mark.parametrize(
    "tree, path, expected",
    [
        ({"op": "=", "args": [{"property": "NAMEE"}, 1]}, "$.args[0].property: ", "NAME"),
        ({"op": "in", "args": [{"property": "FLOORS"}, [1, "x"]]}, "$.args[1][1]: ", "a number"),
        ({"op": "foo", "args": []}, "$.op: ", "one of area"),
        ({"op": "not", "args": [{"op": "arae", "args": [1]}]}, "$.args[0].op: ", "area"),
        (
            {"op": "t_after", "args": [{"interval": ["2020-02-30", ".."]}, {"property": "SINCE"}]},
            "$.args[0].interval[0]: ",
            "RFC 3339",
        ),
        ({"op": "like", "args": [{"property": "NAME"}, {"op": "casei", "args": [1]}]}, "$.args[1]: ", "text"),
        ({"op": "a_equals", "args": [["a", {"property": "X"}], ["b"]]}, "$.args[0][1].property: ", "one of"),
        ("x", "$: ", "condition"),
    ],
)
def test_a_fault_in_json_is_told_by_its_path(told: Told, tree: Any, path: str, expected: str) -> None:
    ((message, wanted),) = told(orjson.dumps(tree).decode(), "cql2-json")
    assert message.startswith(path) and expected in wanted


def test_all_faults_are_told_but_not_a_thousand(told: Told) -> None:
    assert len(told("NAMEE = 'x' AND FLOORS = 'a' OR area(NAME) > 'b'")) == 3
    assert len(told("FLOORS IN (" + ",".join(f"'{i}'" for i in range(1000)) + ")")) == TOLD


def test_a_code_that_no_list_has_is_no_fault(checked: Callable[..., cql2.Filter]) -> None:
    # A comparison with it is false, as with any other text (/req/basic-cql2/binary-comparison-predicate B).
    assert checked("KIND = 'nosuch' OR KIND IN ('nosuch')").fields == ("KIND",)


def nested(op: str, depth: int, leaf: Any, *others: Any) -> str:
    """An operator on itself, on one side and on the other in turn."""
    for i in range(depth):
        sides = [leaf, *others]
        leaf = {"op": op, "args": sides if i % 2 else sides[::-1]}
    return orjson.dumps(leaf).decode()


@pytest.mark.parametrize("op", ["not", "isNull", "and", "or", "=", "<>"])
def test_conditions_may_lie_in_each_other_so_deep_and_no_deeper(
    told: Told, checked: Callable[..., cql2.Filter], op: str
) -> None:
    others: dict[str, list[Any]] = {"not": [], "isNull": []}
    inner = {"op": "isNull", "args": [{"property": "NAME"}]}

    def tree(depth: int) -> str:
        # NOT alone would be taken away in pairs, and AND in AND is one.
        if op == "not":
            return nested("not", 1, orjson.loads(nested("=", depth - 2, inner, True)))
        if op in ("and", "or"):
            found: Any = inner
            for i in range(depth - 1):
                found = {"op": ["and", "or"][i % 2], "args": [found, {"property": "LISTED"}]}
            return orjson.dumps(found).decode()
        return nested(op, depth - 1, inner, *others.get(op, [True]))

    assert checked(tree(LEVELS), "cql2-json")
    ((message, expected),) = told(tree(LEVELS + 1), "cql2-json")
    assert "levels" in message and str(LEVELS) in expected


def test_every_operator_knows_what_it_wants(told: Told) -> None:
    """Nothing, far too much, or what cannot be: always faults, in both languages."""
    for op in OPERATORS:
        for args in ([], [None] * 4, [None, None], [{"x": 1}], ["a", 1, True]):
            assert told(orjson.dumps({"op": op, "args": args}).decode(), "cql2-json")
