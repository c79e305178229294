"""Filters that pygeofilter has parsed, written as CQL2 JSON: they mean what the same filter means to our own parser."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given
from pygeofilter.parsers import cql2_json as their_json
from pygeofilter.parsers import cql2_text as their_text

from config.models import Service
from releases import cql2
from releases.provider.filtertree import Untranslatable, cql2_json

POLYGON = "POLYGON((106 29, 107 29, 107 30, 106 29))"


def as_is(geometry: dict[str, Any]) -> dict[str, Any]:
    return geometry


def translated(text: str) -> Any:
    return cql2.parse(cql2_json(their_text.parse(text), as_is), "cql2-json")


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("MJ > 100", "MJ > 100"),
        ("100 >= MJ", "100 >= MJ"),
        ("MJ <> -1.5", "MJ <> -1.5"),
        ("XZQMC = '锦江区'", "XZQMC = '锦江区'"),
        ("\"XZQMC\" != '锦江区'", "XZQMC <> '锦江区'"),
        ("MJ BETWEEN 1 AND 2", "MJ BETWEEN 1 AND 2"),
        ("MJ NOT BETWEEN 1 AND 2", "NOT (MJ BETWEEN 1 AND 2)"),
        ("JB IN ('county', 'prefecture')", "JB IN ('county', 'prefecture')"),
        ("JB NOT IN ('county')", "NOT (JB IN ('county'))"),
        ("XZQMC LIKE '%江_'", "XZQMC LIKE '%江_'"),
        ("XZQMC NOT LIKE 'a%'", "NOT (XZQMC LIKE 'a%')"),
        ("DSQ IS NULL", "DSQ IS NULL"),
        ("DSQ IS NOT NULL", "NOT (DSQ IS NULL)"),
        ("NOT (MJ < 2)", "NOT (MJ < 2)"),
        ("MJ > 1 AND MJ < 2 AND JB = 'county'", "MJ > 1 AND MJ < 2 AND JB = 'county'"),
        ("(MJ > 3 OR MJ < 2) AND JB = 'county'", "(MJ > 3 OR MJ < 2) AND JB = 'county'"),
        ("MJ > 3 OR (MJ < 2 AND JB = 'county')", "MJ > 3 OR (MJ < 2 AND JB = 'county')"),
        (f"S_INTERSECTS(geometry, {POLYGON})", f"S_INTERSECTS(geometry, {POLYGON})"),
        (f"S_DISJOINT(geometry, {POLYGON})", f"S_DISJOINT(geometry, {POLYGON})"),
        ("S_WITHIN(POINT(106 29), geometry)", "S_WITHIN(POINT(106 29), geometry)"),
        ("S_TOUCHES(geometry, LINESTRING(1 2, 3 4))", "S_TOUCHES(geometry, LINESTRING(1 2, 3 4))"),
        (
            "S_CROSSES(geometry, MULTILINESTRING((1 2, 3 4), (5 6, 7 8)))",
            "S_CROSSES(geometry, MULTILINESTRING((1 2, 3 4), (5 6, 7 8)))",
        ),
        ("S_EQUALS(geometry, MULTIPOINT(1 2, 3 4))", "S_EQUALS(geometry, MULTIPOINT((1 2), (3 4)))"),
        ("INCLUDE", "true"),
        ("EXCLUDE", "false"),
    ],
)
def test_a_filter_means_the_same_through_pygeofilter(demo: Service, theirs: str, ours: str) -> None:
    layer = next(layer for layer in demo.layers if layer.id == "xzq_county")

    def checked(expression: Any) -> cql2.Filter:
        return cql2.check(expression, layer)

    assert checked(translated(theirs)) == checked(cql2.parse(ours))


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("FROM T_AFTER DATE('2020-01-31')", "T_AFTER(FROM, DATE('2020-01-31'))"),
        (
            "FROM T_BEFORE TIMESTAMP('2020-01-31T08:00:00+08:00')",
            "T_BEFORE(FROM, TIMESTAMP('2020-01-31T00:00:00Z'))",
        ),
        ("FROM T_INTERSECTS DATE('2020-01-31')", "T_INTERSECTS(FROM, DATE('2020-01-31'))"),
        (
            "FROM T_DURING INTERVAL('2020-01-31T00:00:00Z', '2021-01-31T00:00:00Z')",
            "T_DURING(FROM, INTERVAL('2020-01-31T00:00:00Z', '2021-01-31T00:00:00Z'))",
        ),
        ("XX + 2 * YY > ZZ / 3 - 1", "XX + 2 * YY > ZZ / 3 - 1"),
        ("CASEI(XX) = CASEI('Ab')", "CASEI(XX) = CASEI('Ab')"),
        ("CASEI(XX) LIKE CASEI('Ab%')", "CASEI(XX) LIKE CASEI('Ab%')"),
        ("ACCENTI(XX) = ACCENTI('é')", "ACCENTI(XX) = ACCENTI('é')"),
        ("area(geometry) > 3", "area(geometry) > 3"),
    ],
)
def test_a_filter_is_written_as_cql2_json(theirs: str, ours: str) -> None:
    assert translated(theirs).tree == cql2.parse(ours).tree


def test_json_goes_there_and_back() -> None:
    trees = (
        {"op": "a_contains", "args": [{"property": "XX"}, ["a", "b"]]},
        {"op": "t_during", "args": [{"property": "XX"}, {"interval": ["2020-01-01", ".."]}]},
        {"op": "=", "args": [{"property": "XX"}, True]},
        {"op": "in", "args": [{"property": "XX"}, [1, 2.5]]},
    )
    for tree in trees:
        assert cql2.parse(cql2_json(their_json.parse(tree), as_is), "cql2-json").tree == tree


@given(
    st.recursive(st.sampled_from(["XX = 1", "YY < 'a'", "ZZ IS NULL"]), lambda some: st.tuples(some, some))
)
def test_brackets_are_kept(tree: Any) -> None:
    def written(part: Any, op: str = "AND", other: str = "OR") -> str:
        return (
            part
            if isinstance(part, str)
            else f"({f') {op} ('.join(written(one, other, op) for one in part)})"
        )

    text = written(tree)
    assert flat(translated(text).tree) == flat(cql2.parse(text).tree)


def flat(tree: Any) -> Any:
    """A tree in which AND in AND is one AND, as every parser may have it."""
    if not isinstance(tree, dict) or tree.get("op") not in ("and", "or"):
        return tree
    args = [flat(part) for part in tree["args"]]
    inner = [
        part["args"] if isinstance(part, dict) and part.get("op") == tree["op"] else [part] for part in args
    ]
    return {"op": tree["op"], "args": [one for some in inner for one in some]}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("BBOX(geometry, 1, 2, 3, 4)", "BBox"),
        ("S_INTERSECTS(geometry, BBOX(1, 2, 3, 4))", "BBOX"),
        ("S_INTERSECTS(geometry, ENVELOPE(1 2 3 4))", "Envelope"),
        ("RELATE(geometry, POINT(1 2), 'T*****FF*')", "Relate"),
        (
            "INTERVAL('2020-01-31T00:00:00Z', '2021-01-31T00:00:00Z') T_INTERSECTS "
            "INTERVAL('2020-01-31T00:00:00Z', '2021-01-31T00:00:00Z')",
            "T_OVERLAPS or T_INTERSECTS",
        ),
    ],
)
def test_what_a_tree_does_not_say_for_certain_is_refused_by_name(text: str, told: str) -> None:
    with pytest.raises(Untranslatable, match=told):
        translated(text)


def test_a_long_chain_is_one_operator() -> None:
    many = " AND ".join(f"XX <> {number}" for number in range(100))
    tree = translated(many).tree
    assert tree["op"] == "and" and len(tree["args"]) == 100
    assert tree == cql2.parse(many).tree
