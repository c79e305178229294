"""Whatever stands in a filter, of items or of a tile, is answered or refused with 400, soon, and never with a 5xx."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, quote_from_bytes

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from releases import cql2
from releases.cql2.expression import DEPTH, NODES, VERTICES
from releases.cql2.lexer import LENGTH

ITEMS = "/collections/xzq_county/items?limit=1"
TILES = (
    "/collections/xzq_county/tiles/WebMercatorQuad/8/104/203?f=mvt",
    "/tiles/WebMercatorQuad/8/104/203?f=mvt",
)
#: Seconds that a filter may be looked at; a bound against running away, on machines that are busy.
SOON = 5.0


def nested(depth: int) -> str:
    found = "1"
    for i in range(depth):
        found = f"({found},{i})"
    return found


def deep(depth: int) -> str:
    tree: Any = True
    for _ in range(depth):
        tree = {"op": "not", "args": [tree]}
    return json.dumps(tree)


TEXTS = [
    # not CQL2
    "",
    " ",
    "'",
    '"',
    "(",
    ")",
    "=",
    "XZQMC",
    "XZQMC =",
    "XZQMC = 'a' AND",
    "XZQMC == 'a'",
    "XZQMC = 'a' 'b'",
    "XZQMC = 'it\\'",
    "XZQMC = `a`",
    "XZQMC = 'a'\x01",
    "ＸZQMC = 'a'",
    "XZQMC ＝ 'a'",
    # SQL that is none of ours
    "XZQMC = 'a'; DROP TABLE xzq_county",
    "XZQMC = 'a' -- ",
    "XZQMC = 'a' /* */",
    "XZQMC = 'a' UNION SELECT 1",
    "XZQMC = (SELECT 1)",
    "load_extension('x')",
    "XZQMC = char(1)",
    '"XZQMC" = \'a\' OR "fid" = 1',
    '"XZQMC"" = 1 OR ""1" = \'a\'',
    "fid = 1",
    "geom IS NULL",
    "rowid = 1",
    "sqlite_version() = '1'",
    "cql2_spatial('s_intersects', geometry, geometry)",
    # wrong names, types and counts
    "XZQMCC = 'a'",
    "XZQMC = 1",
    "MJ = '1'",
    "MJ = true",
    "MJ = DATE('2024-01-01')",
    "MJ = NULL",
    "MJ IN ('a')",
    "MJ IN (1, 'a')",
    "MJ BETWEEN 'a' AND 'b'",
    "MJ LIKE '1%'",
    "XZQMC LIKE 1",
    "XZQMC LIKE XZQMC",
    "XZQMC LIKE '\\\\'",
    "XZQMC LIKE '" + "%a" * 501 + "'",
    "NOT MJ",
    "1",
    "geometry = 1",
    "S_INTERSECTS(geometry)",
    "S_INTERSECTS(geometry, 1)",
    "S_INTERSECTS(MJ, POINT(1 1))",
    "S_NEAR(geometry, POINT(1 1))",
    "XZQMC + 1 > 2",
    "MJ + XZQMC > 2",
    "casei(MJ) = 'a'",
    "casei(XZQMC, XZQMC) = 'a'",
    "XZQMC LIKE casei(XZQMC)",
    "XZQMC LIKE lower('a')",
    "Buffer(geometry, 10, 'm') = geometry",
    "S_INTERSECTS(Buffer(geometry, 10, 'm'), geometry)",
    "arae(geometry) > 1",
    "area(XZQMC) > 1",
    "area(geometry)",
    "area() > 1",
    "centroid(geometry) = 1",
    "S_INTERSECTS(area(geometry), geometry)",
    "year(XZQMC) = 2020",
    "sqlite_version() = '1'",
    "cql2_area(geometry) > 1",
    "T_DURING(DATE('2020-01-01'), INTERVAL('2020-01-01', '..'))",
    "T_MEETS(INTERVAL(MJ, '..'), INTERVAL('2020-01-01', '..'))",
    "A_CONTAINS(XZQMC, ('a'))",
    "A_CONTAINS(('a', NOSUCH), ('a'))",
    "MJ / 'a' = 1",
    "MJ = 1 + TRUE",
    # numbers and times that are none
    "MJ = 1e999",
    "MJ = -1e999",
    "MJ = " + "9" * 400,
    "MJ = 9007199254740993",
    "MJ = NaN",
    "MJ = 1.2.3",
    "T_AFTER(DATE('2023-02-30'), DATE('2023-01-01'))",
    "T_AFTER(DATE('0000-01-01'), DATE('2023-01-01'))",
    "T_AFTER(TIMESTAMP('2023-01-01T25:00:00Z'), DATE('2023-01-01'))",
    "T_INTERSECTS(INTERVAL('2024-01-01', '2023-01-01'), DATE('2023-01-01'))",
    "T_INTERSECTS(INTERVAL('2024-01-01'), DATE('2023-01-01'))",
    # geometries that are none
    "S_INTERSECTS(geometry, POLYGON((0 0, 1 1, 0 1, 1 0, 0 0)))",
    "S_INTERSECTS(geometry, POLYGON((0 0, 1 1, 0 0)))",
    "S_INTERSECTS(geometry, POLYGON((0 0, 1 1, 0 1)))",
    "S_INTERSECTS(geometry, POLYGON((0 0, 1 1 1, 0 1, 0 0)))",
    "S_INTERSECTS(geometry, POINT EMPTY)",
    "S_INTERSECTS(geometry, LINESTRING(0 0))",
    "S_INTERSECTS(geometry, POINT(1e999 0))",
    "S_INTERSECTS(geometry, GEOMETRYCOLLECTION(GEOMETRYCOLLECTION(POINT(0 0))))",
    "S_INTERSECTS(geometry, POINT(90 180))",
    "S_INTERSECTS(geometry, POINT(181 0))",
    "S_INTERSECTS(geometry, BBOX(-181,0,1,1))",
    "S_INTERSECTS(geometry, BBOX(1,2,3))",
    "S_INTERSECTS(geometry, BBOX(1,5,3,4))",
    "S_INTERSECTS(geometry, BBOX(1,2,1e999,4))",
    "S_INTERSECTS(geometry, BBOX('a',2,3,4))",
    # more than a parser should have to bear
    "(" * 3000,
    "(" * 3000 + "MJ=1" + ")" * 3000,
    "MJ IN " + nested(40),
    "(" * 30 + "MJ=" + ")" * 30,
    " AND ".join(["MJ IN " + nested(9)] * 100),
    "NOT " * 1900 + "MJ=1",
    "-" * 7000 + "1=1",
    "1=" * 3500 + "1",
    "1+" * 3500 + "1=1",
    "f(" * 2000 + "1" + ")" * 2000,
    "a between " * 700 + "1 and 2",
]
JSONS = [
    "",
    "[",
    "{}",
    "[]",
    "null",
    "1",
    '"a"',
    '{"op":"="}',
    '{"op":1,"args":[]}',
    '{"op":"=","args":{}}',
    '{"op":"=","args":[1]}',
    '{"op":"=","args":[{"property":1},1]}',
    '{"op":"=","args":[{"property":"XZQMC","x":1},"a"]}',
    '{"op":"=","args":[{"property":"XZQMC"},"\\u0000"]}',
    '{"op":"=","args":[{"property":"XZQMC"},"\\ud800"]}',
    '{"op":"=","args":[{"property":"\\u0000"},"a"]}',
    '{"op":"=","args":[{"property":"MJ"},1e999]}',
    '{"op":"=","args":[{"property":"MJ"},NaN]}',
    '{"op":"=","args":[{"property":"MJ"},' + "9" * 400 + "]}",
    '{"op":"in","args":[{"property":"MJ"},[]]}',
    '{"op":"in","args":[{"property":"MJ"},[[1]]]}',
    '{"op":"and","args":[]}',
    '{"op":"nothing","args":[]}',
    '{"op":"s_intersects","args":[{"property":"geometry"},{"type":"Point"}]}',
    '{"op":"s_intersects","args":[{"property":"geometry"},{"type":"Point","coordinates":[null,1]}]}',
    '{"op":"s_intersects","args":[{"property":"geometry"},{"type":"Point","coordinates":[true,1]}]}',
    '{"op":"s_intersects","args":[{"property":"geometry"},{"type":"Point","coordinates":[[1,1]]}]}',
    '{"op":"s_intersects","args":[{"property":"geometry"},{"type":"Polygon","coordinates":[[[0,0],[1,1]]]}]}',
    '{"op":"s_intersects","args":[{"property":"geometry"},{"type":"Circle","coordinates":[1,1]}]}',
    '{"op":"s_intersects","args":[{"property":"geometry"},{"bbox":{}}]}',
    '{"op":"s_intersects","args":[{"property":"geometry"},{"type":"GeometryCollection","geometries":[1]}]}',
    '{"op":"t_after","args":[{"date":1},{"timestamp":null}]}',
    '{"op":"t_after","args":[{"interval":[1,2]},{"interval":["..",".."]}]}',
    deep(100),
    "[" * 2000 + "]" * 2000,
]


def asked(ask: Any, told: Callable[..., Any], filter: str, lang: str) -> None:
    for target in (ITEMS, *TILES):
        began = time.monotonic()
        answer = ask(f"{target}&filter-lang={lang}&filter={quote(filter)}")
        assert time.monotonic() - began < SOON, filter
        if answer.status == 414:
            continue
        assert answer.status == 400, (target, filter, answer.body)
        for fault in told(answer)["errors"]:
            assert fault["parameter"] in ("filter", "query") and fault["detail"] and fault["expected"]
            assert len(fault["detail"]) + len(fault["expected"]) < 500
            assert (
                "sqlite" not in fault["detail"].replace("sqlite_version", "")
                and "/" not in fault["expected"][:1]
            )


@pytest.mark.parametrize("filter", TEXTS, ids=lambda text: text[:40])
def test_a_senseless_filter_in_text_is_told_what_was_expected(
    ask: Any, told: Callable[..., Any], filter: str
) -> None:
    asked(ask, told, filter, "cql2-text")


@pytest.mark.parametrize("filter", JSONS, ids=lambda text: text[:40])
def test_a_senseless_filter_in_json_is_told_what_was_expected(
    ask: Any, told: Callable[..., Any], filter: str
) -> None:
    asked(ask, told, filter, "cql2-json")


def test_bytes_that_are_no_text_are_400(ask: Any) -> None:
    for raw in (b"XZQMC='\xff'", b"XZQMC='\xed\xa0\x80'", b"XZQMC='a\x00b'"):
        for target in (ITEMS, *TILES):
            assert ask(f"{target}&filter={quote_from_bytes(raw)}").status == 400


@pytest.mark.parametrize(
    "text, lang, what",
    [
        ("MJ = 1 AND " * LENGTH, "cql2-text", "characters"),
        (" " * LENGTH + "1", "cql2-json", "characters"),
        ("(" * 40 + "MJ = 1" + ")" * 40, "cql2-text", "brackets"),
        ("-" * 40 + "1 = 1", "cql2-text", "in a row"),
        ("MJ IN (" + ",".join(map(str, range(NODES + 1))) + ")", "cql2-text", "parts"),
        (deep(DEPTH + 1), "cql2-json", "levels"),
        (
            '{"type":"MultiPoint","coordinates":[' + "[0,0]," * VERTICES + "[0,0]]}",
            "cql2-json",
            "numbers",
        ),
        ("[" * 100_000, "cql2-json", "characters"),
        ("[" * 10_000 + "]" * 10_000, "cql2-json", "JSON"),
    ],
    ids=["text", "json", "brackets", "row", "parts", "levels", "vertices", "100,000 deep", "10,000 deep"],
)
def test_a_filter_beyond_a_bound_is_told_the_bound(text: str, lang: Any, what: str) -> None:
    with pytest.raises(cql2.FilterError) as raised:
        cql2.parse(text, lang)
    assert any(what in fault.message.en for fault in raised.value.faults)


def test_a_filter_at_its_bounds_is_read() -> None:
    assert cql2.parse(deep(DEPTH - 1), "cql2-json").tree
    assert cql2.parse("(" * 11 + "MJ = 1" + ")" * 11).tree
    assert cql2.parse(" OR ".join(["MJ = 1"] * 900)).tree


pieces = st.sampled_from(
    [
        "XZQMC",
        "MJ",
        "geometry",
        "AND",
        "OR",
        "NOT",
        "IN",
        "LIKE",
        "BETWEEN",
        "IS",
        "NULL",
        "=",
        "<>",
        "<",
        ">",
        "(",
        ")",
        ",",
        "'",
        "''",
        '"',
        "\\",
        "1",
        "-1",
        "1.5",
        "'a'",
        "'%'",
        "DATE",
        "(",
        "'2024-01-01'",
        ")",
        "S_INTERSECTS",
        "BBOX(1,2,3,4)",
        "POINT(1",
        "1)",
        "TRUE",
        "*",
        "+",
        "-",
        "/",
        "^",
        "%",
        ";",
        "渝",
        "é",
        "\t",
        "\n",
        "1e5",
        ".5",
        "div",
        "casei",
        "INTERVAL",
        "'..'",
    ]
)


@settings(max_examples=300)
@given(
    text=st.one_of(
        st.lists(pieces, max_size=14).map(" ".join),
        st.lists(pieces, max_size=14).map("".join),
        st.text(max_size=40),
    )
)
@example("MJ = 1 OR XZQMC LIKE '%'")
def test_any_text_is_a_filter_or_is_refused(ask: Any, text: str) -> None:
    answer = ask(f"{ITEMS}&filter={quote(text.encode('utf-8', 'replace'))}")
    assert answer.status in (200, 400), (text, answer.body)


leaves = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=5),
    st.just({"property": "XZQMC"}),
    st.just({"property": "MJ"}),
    st.just({"property": "geometry"}),
)
names = st.sampled_from(
    [
        "=",
        "<",
        "and",
        "or",
        "not",
        "in",
        "like",
        "between",
        "isNull",
        "s_within",
        "t_after",
        "t_overlaps",
        "a_overlaps",
        "casei",
        "accenti",
        "+",
        "div",
        "^",
        "area",
        "centroid",
        "substr",
    ]
)
trees = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(lambda op, args: {"op": op, "args": args}, names, st.lists(inner, max_size=3)),
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["date", "timestamp", "interval", "bbox", "type", "coordinates", "op", "args"]),
            inner,
            max_size=2,
        ),
    ),
    max_leaves=8,
)


@settings(max_examples=300)
@given(tree=trees)
def test_any_json_is_a_filter_or_is_refused(ask: Any, tree: Any) -> None:
    text = quote(json.dumps(tree))
    answer = ask(f"{ITEMS}&filter-lang=cql2-json&filter={text}")
    assert answer.status in (200, 400, 414), (tree, answer.body)
