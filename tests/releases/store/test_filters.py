"""Filters against an evaluator of their own: plain Python over the features' GeoJSON, in three values."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from config.models import Layer
from releases import cql2
from releases.filestore import FileStore
from releases.query import Query, TooCostly, Where

DAY = 86_400_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SYMBOLS = "aAb%_*?[]\\'中é"
TIMES = [
    "2020-01-05",
    "2020-01-06",
    "2020-01-05T00:00:00Z",
    "2020-01-05T12:00:00.250Z",
    "2021-02-28",
    "1969-12-31",
]


@pytest.fixture(scope="module", name="filtered")
def the_filtered(
    layer: Layer, table: Callable[..., Any], write_release: Callable[..., Any], tmp_path_factory: Any
) -> tuple[Layer, FileStore, list[Any]]:
    """A layer of every type without a code list, a store of 80 features, and the features."""
    chance = random.Random(7)
    plain = layer.model_copy(
        update={"fields": tuple(f.model_copy(update={"codelist": None}) for f in layer.fields)}
    )

    def some(make: Callable[[], Any]) -> Any:
        return None if chance.random() < 0.2 else make()

    def text() -> str:
        return "".join(chance.choices(SYMBOLS, k=chance.randint(1, 3)))

    def shape() -> shapely.Geometry:
        x, y = chance.randint(0, 8), chance.randint(0, 8)
        kind = chance.randint(0, 2)
        if kind == 0:
            return shapely.Point(x, y)
        if kind == 1:
            return shapely.LineString([(x, y), (x + chance.randint(1, 3), y + 1)])
        return shapely.box(x, y, x + chance.randint(1, 4), y + chance.randint(1, 4))

    rows = [
        (
            some(shape),
            f"c{i:03}",
            some(text),
            some(text),
            some(lambda: chance.randint(-3, 5)),
            some(lambda: chance.choice([0.0, 0.5, 1.0, 2.5, 1e9, -0.1])),
            some(lambda: chance.random() < 0.5),
            some(lambda: chance.choice(TIMES)),
            some(lambda: chance.choice(TIMES)),
            some(lambda: chance.choices(["a", "b", "中", "a'"], k=chance.randint(0, 3))),
        )
        for i in range(80)
    ]
    folder = Path(tmp_path_factory.mktemp("filtered")) / "release"
    store = FileStore(folder, write_release(folder, table(rows, plain)))
    features = [orjson.loads(text) for text in store.page("parcels", Query(1000)).features()]
    return plain, store, features


# What an expression means, evaluated by hand


def evaluate(tree: Any, feature: Any) -> Any:
    """The value of an expression for a feature; None is null."""
    match tree:
        case {"property": "geometry"}:
            return feature["geometry"] and shapely.from_geojson(orjson.dumps(feature["geometry"]))
        case {"property": name}:
            return feature["properties"][name]
        case {"date": text} | {"timestamp": text}:
            return text
        case {"type": _, "coordinates": _}:
            return shapely.from_geojson(orjson.dumps(tree))
        case {"bbox": box}:
            return shapely.box(*box)
        case {"interval": ends}:
            return [end if isinstance(end, str) else evaluate(end, feature) for end in ends]
        case {"op": op, "args": args}:
            return (
                MEANINGS[op](*(evaluate(arg, feature) for arg in args))
                if op != "in"
                else is_in(args, feature)
            )
    return tree


def is_in(args: list[Any], feature: Any) -> bool | None:
    return any_of(
        *(MEANINGS["="](evaluate(args[0], feature), evaluate(member, feature)) for member in args[1])
    )


def all_of(*values: bool | None) -> bool | None:
    return False if False in values else None if None in values else True


def any_of(*values: bool | None) -> bool | None:
    return True if True in values else None if None in values else False


def known(test: Callable[..., bool]) -> Callable[..., bool | None]:
    """A test that is null when any operand is."""
    return lambda *values: (
        None if any(value is None or is_unknown(value) for value in values) else test(*values)
    )


def is_unknown(value: Any) -> bool:
    return isinstance(value, list) and None in value


def milliseconds(text: str) -> int:
    moment = datetime.fromisoformat(text if "T" in text else text + "T00:00:00Z")
    return round((moment - EPOCH).total_seconds() * 1000)


def is_time(value: Any) -> bool:
    return isinstance(value, str) and value in {*TIMES, *OTHER_TIMES}


def ordered(test: Callable[[Any, Any], bool]) -> Callable[..., bool | None]:
    def compare(one: Any, other: Any) -> bool:
        if is_time(one) and is_time(other):
            # The second is the literal: a date is compared by days.
            return test(one[:10], other) if len(other) == 10 else test(milliseconds(one), milliseconds(other))
        return test(one, other)

    return known(compare)


def like(text: str, pattern: str) -> bool:
    parts = re.findall(r"\\.|%|_|.", pattern, re.DOTALL)
    regex = "".join({"%": ".*", "_": "."}.get(part, re.escape(part[-1])) for part in parts)
    return re.fullmatch(regex, text, re.DOTALL) is not None


def span(value: Any) -> tuple[float, float]:
    if isinstance(value, list):
        start, end = value
        return (
            float("-inf") if start == ".." else span(start)[0],
            float("inf") if end == ".." else span(end)[1],
        )
    start = milliseconds(value)
    return start, start + DAY - 1 if len(value) == 10 else start


def timed(test: Callable[[Any, Any], bool]) -> Callable[..., bool | None]:
    return known(lambda one, other: test(span(one), span(other)))


MEANINGS: dict[str, Callable[..., Any]] = {
    "and": all_of,
    "or": any_of,
    "not": known(lambda value: not value),
    "isNull": lambda value: value is None,
    "=": ordered(lambda a, b: a == b),
    "<>": ordered(lambda a, b: a != b),
    "<": ordered(lambda a, b: a < b),
    ">": ordered(lambda a, b: a > b),
    "<=": ordered(lambda a, b: a <= b),
    ">=": ordered(lambda a, b: a >= b),
    "between": known(lambda value, low, high: low <= value <= high),
    "like": known(like),
    "s_intersects": known(lambda a, b: bool(a.intersects(b))),
    "s_disjoint": known(lambda a, b: bool(a.disjoint(b))),
    "s_within": known(lambda a, b: bool(a.within(b))),
    "s_contains": known(lambda a, b: bool(a.contains(b))),
    "s_touches": known(lambda a, b: bool(a.touches(b))),
    "s_overlaps": known(lambda a, b: bool(a.overlaps(b))),
    "s_crosses": known(lambda a, b: bool(a.crosses(b))),
    "s_equals": known(lambda a, b: bool(a.equals(b))),
    "t_after": timed(lambda a, b: a[0] > b[1]),
    "t_before": timed(lambda a, b: a[1] < b[0]),
    "t_disjoint": timed(lambda a, b: a[1] < b[0] or a[0] > b[1]),
    "t_intersects": timed(lambda a, b: a[0] <= b[1] and a[1] >= b[0]),
    "t_equals": timed(lambda a, b: a == b),
    "a_equals": known(lambda a, b: set(a) == set(b)),
    "a_contains": known(lambda a, b: set(a) >= set(b)),
    "a_containedBy": known(lambda a, b: set(a) <= set(b)),
    "a_overlaps": known(lambda a, b: bool(set(a) & set(b))),
}

# Expressions, made from the layer's fields

OTHER_TIMES = ["2020-01-05T11:59:59.999Z", "2020-01-05T12:00:00.250Z", "2022-01-01"]


def call(op: str, *args: Any) -> Any:
    return {"op": op, "args": list(args)}


def prop(*names: str) -> Any:
    return st.sampled_from([{"property": name} for name in names])


comparisons = st.sampled_from(["=", "<>", "<", ">", "<=", ">="])
texts, numbers, times = prop("NAME", "KIND"), prop("FLOORS", "AREA"), prop("SINCE", "UNTIL")
words = st.text(SYMBOLS, min_size=0, max_size=3)
patterns = st.text("aA%_*[中\\", max_size=4).filter(lambda text: len(re.findall(r"\\*$", text)[0]) % 2 == 0)
figures = st.one_of(st.integers(-3, 5), st.sampled_from([0.5, 2.5, -0.1, 1e9, 5.0]))
moments = st.sampled_from([*TIMES, *OTHER_TIMES]).map(
    lambda text: {"date": text} if len(text) == 10 else {"timestamp": text}
)
corners = st.tuples(st.integers(-1, 9), st.integers(-1, 9), st.integers(1, 6), st.integers(1, 6))
shapes = st.one_of(
    corners.map(lambda c: {"bbox": [c[0], c[1], c[0] + c[2], c[1] + c[3]]}),
    corners.map(lambda c: {"type": "Point", "coordinates": [c[0], c[1]]}),
    corners.map(lambda c: {"type": "LineString", "coordinates": [[c[0], c[1]], [c[0] + c[2], c[1] + c[3]]]}),
    corners.map(
        lambda c: {
            "type": "Polygon",
            "coordinates": [[[c[0], c[1]], [c[0] + c[2], c[1]], [c[0], c[1] + c[3]], [c[0], c[1]]]],
        }
    ),
)
ends = st.sampled_from(["..", "2020-01-05", "2020-01-05T12:00:00.250Z", {"property": "SINCE"}])
late = st.sampled_from(["..", "2020-01-06", "2021-02-28", {"property": "UNTIL"}])
intervals = st.tuples(ends, late).map(lambda pair: {"interval": list(pair)})
periods = st.one_of(times, moments, intervals)
sets = st.lists(st.sampled_from(["a", "b", "中", "a'", "z"]), max_size=3)
geometry = st.just({"property": "geometry"})

predicates = st.one_of(
    st.builds(call, comparisons, texts, words),
    st.builds(call, comparisons, numbers, figures),
    st.builds(call, comparisons, times, moments),
    st.builds(call, st.sampled_from(["=", "<>"]), prop("LISTED"), st.booleans()),
    st.builds(call, comparisons, texts, texts),
    st.builds(call, comparisons, numbers, numbers),
    st.builds(call, st.just("like"), texts, patterns),
    st.builds(call, st.just("between"), numbers, figures, figures),
    st.builds(call, st.just("in"), texts, st.lists(words, min_size=1, max_size=4)),
    st.builds(call, st.just("in"), numbers, st.lists(figures, min_size=1, max_size=4)),
    st.builds(call, st.just("in"), times, st.lists(moments, min_size=1, max_size=3)),
    st.builds(call, st.just("isNull"), prop("NAME", "FLOORS", "LISTED", "SINCE", "TAGS", "geometry")),
    st.builds(call, st.sampled_from([op for op in MEANINGS if op.startswith("s_")]), geometry, shapes),
    st.builds(call, st.sampled_from([op for op in MEANINGS if op.startswith("s_")]), shapes, geometry),
    st.builds(call, st.sampled_from([op for op in MEANINGS if op.startswith("t_")]), periods, periods),
    st.builds(call, st.sampled_from([op for op in MEANINGS if op.startswith("a_")]), prop("TAGS"), sets),
    st.booleans(),
    prop("LISTED"),
)
expressions = st.recursive(
    predicates,
    lambda inner: st.one_of(
        st.builds(call, st.just("not"), inner),
        st.builds(
            lambda op, parts: call(op, *parts),
            st.sampled_from(["and", "or"]),
            st.lists(inner, min_size=2, max_size=3),
        ),
    ),
    max_leaves=6,
)


def written(tree: Any) -> str:
    """The expression as CQL2 text, in a hand of our own."""
    match tree:
        case bool():
            return str(tree).upper()
        case str():
            return "'" + tree.replace("\\", "\\\\").replace("'", "''") + "'"
        case {"property": name}:
            return str(name)
        case {"date": text} | {"timestamp": text}:
            return f"{next(iter(tree))}('{text}')"
        case {"interval": parts}:
            return f"INTERVAL({', '.join(map(written, parts))})"
        case {"bbox": box}:
            return f"BBOX({', '.join(map(str, box))})"
        case {"type": _}:
            return str(shapely.from_geojson(orjson.dumps(tree)).wkt)
        case {"op": "and" | "or" | "not" | "isNull" | "between" | "in" | "like" as op, "args": args}:
            parts = [written(arg) for arg in args]
            return {
                "and": lambda: "(" + " AND ".join(parts) + ")",
                "or": lambda: "(" + " OR ".join(parts) + ")",
                "not": lambda: f"(NOT {parts[0]})",
                "isNull": lambda: f"({parts[0]} IS NULL)",
                "between": lambda: f"({parts[0]} BETWEEN {parts[1]} AND {parts[2]})",
                "in": lambda: f"({parts[0]} in {parts[1]})",
                "like": lambda: f"({parts[0]} LIKE {parts[1]})",
            }[op]()
        case {"op": op, "args": args} if op[1:2] == "_":
            return f"{op.upper()}({', '.join(map(written, args))})"
        case {"op": op, "args": args}:
            return f"({written(args[0])} {op} {written(args[1])})"
        case list():
            return "(" + ", ".join(map(written, tree)) + ")"
    return str(tree)


def checked(tree: Any, layer: Layer) -> cql2.Filter:
    return cql2.check(cql2.parse(orjson.dumps(tree).decode(), "cql2-json"), layer)


@settings(max_examples=400)
@given(tree=expressions)
def test_a_filter_finds_what_it_means(filtered: Any, tree: Any) -> None:
    layer, store, features = filtered
    expected = [feature["id"] for feature in features if evaluate(tree, feature) is True]
    page = store.page("parcels", Query(1000, where=Where(filter=checked(tree, layer))))
    assert [orjson.loads(feature)["id"] for feature in page.features()] == expected
    assert page.matched == len(expected)


#: Kinds of predicates that random expressions hold too seldom to be trusted with.
FAMILIES = {
    "like": st.builds(call, st.just("like"), texts, patterns),
    "times": st.builds(call, comparisons, times, moments),
    "intervals": st.builds(
        call, st.sampled_from([op for op in MEANINGS if op.startswith("t_")]), intervals, periods
    ),
    "arrays": st.builds(
        call, st.sampled_from([op for op in MEANINGS if op.startswith("a_")]), prop("TAGS"), sets
    ),
    "space": st.builds(
        call, st.sampled_from([op for op in MEANINGS if op.startswith("s_")]), geometry, shapes
    ),
}


@settings(max_examples=200)
@given(data=st.data())
@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_a_predicate_finds_what_it_means_and_so_does_its_negation(
    filtered: Any, family: str, data: Any
) -> None:
    layer, store, features = filtered
    tree = data.draw(FAMILIES[family])
    for asked in (tree, call("not", tree)):
        expected = [feature["id"] for feature in features if evaluate(asked, feature) is True]
        page = store.page("parcels", Query(1000, where=Where(filter=checked(asked, layer))))
        assert [orjson.loads(feature)["id"] for feature in page.features()] == expected


@given(tree=expressions)
def test_text_and_json_are_one_filter(filtered: Any, tree: Any) -> None:
    layer = filtered[0]
    if "()" in written(tree).replace(" ", ""):
        return  # the grammar of the parser has no empty array
    assert cql2.check(cql2.parse(written(tree)), layer) == checked(tree, layer)


@given(tree=expressions)
def test_the_order_of_and_and_or_makes_no_other_filter(filtered: Any, tree: Any) -> None:
    def turned(part: Any) -> Any:
        match part:
            case {"op": "and" | "or" as op, "args": args}:
                return call(op, *(turned(arg) for arg in reversed([*args, args[0]])))
            case {"op": op, "args": args}:
                return call(op, *(turned(arg) for arg in args))
        return part

    layer = filtered[0]
    one, other = checked(tree, layer), checked(turned(tree), layer)
    assert one == other and hash(one) == hash(other) and repr(one) == repr(other)


@given(tree=expressions)
def test_a_window_has_the_rows_of_the_features_that_match(filtered: Any, tree: Any) -> None:
    layer, store, features = filtered
    everywhere = (-180.0, -90.0, 180.0, 90.0)
    whole = store.window("parcels", 0, everywhere)
    part = store.window("parcels", 0, everywhere, Where(filter=checked(tree, layer)))
    matching = {i for i, feature in enumerate(features) if evaluate(tree, feature) is True}
    expected = [row for row in whole.rows.tolist() if int(whole.columns.row_feature[row]) in matching]
    assert part.rows.tolist() == expected
    assert part.rows.dtype == np.int64


def test_a_query_that_takes_too_long_is_given_up(filtered: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from releases import selection

    layer, store, _ = filtered
    monkeypatch.setattr(selection, "SECONDS", -1.0)
    monkeypatch.setattr(selection, "_STEPS", 1)
    filter = checked(call("=", {"property": "AREA"}, 12345.5), layer)
    with pytest.raises(TooCostly):
        store.page("parcels", Query(10, where=Where(filter=filter)))
    monkeypatch.undo()
    assert store.page("parcels", Query(10, where=Where(filter=filter))).matched == 0
