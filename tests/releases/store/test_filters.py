"""Filters against an evaluator of their own: plain Python over the features' GeoJSON, in three values.

It follows the text of OGC 21-065r2 and docs/filters.md and knows nothing of SQL. FILTERS=20000 makes more expressions.
"""

from __future__ import annotations

import math
import os
import random
import re
import time
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pyproj import Geod

from config.models import Layer
from releases import conditions, cql2, selection
from releases.cql2.check import COMPUTED, LEVELS
from releases.cql2.expression import DEPTH
from releases.filestore import FileStore
from releases.query import Query, TooCostly, Where

#: How many expressions of all kinds, and how many of each family.
EXAMPLES = int(os.environ.get("FILTERS", "900"))
EACH = max(EXAMPLES // 12, 40)
DAY = 86_400_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SYMBOLS = "aAb%_*?[]\\'中éÉß"
TIMES = [
    "2020-01-05",
    "2020-01-06",
    "2020-01-05T00:00:00Z",
    "2020-01-05T12:00:00.250Z",
    "2021-02-28",
    "1969-12-31",
]
GEOD: Any = Geod(ellps="GRS80")


@pytest.fixture(scope="module", name="filtered")
def the_filtered(
    layer: Layer, table: Callable[..., Any], write_release: Callable[..., Any], tmp_path_factory: Any
) -> tuple[Layer, FileStore, list[Any]]:
    """A layer of every type, a store of 80 features with geometries of every kind, and the features."""
    chance = random.Random(7)

    def some(make: Callable[[], Any]) -> Any:
        return None if chance.random() < 0.2 else make()

    def text() -> str:
        return "".join(chance.choices(SYMBOLS, k=chance.randint(1, 3)))

    rows = [
        (
            some(lambda: drawn(chance)),
            f"c{i:03}",
            some(text),
            some(text),
            some(lambda: chance.randint(-3, 5)),
            some(lambda: chance.choice([0.0, 0.5, 1.0, 2.5, 1e9, -0.1, 1e300])),
            some(lambda: chance.random() < 0.5),
            some(lambda: chance.choice(TIMES)),
            some(lambda: chance.choice(TIMES)),
            some(lambda: chance.choices(["a", "b", "中", "a'"], k=chance.randint(0, 3))),
        )
        for i in range(80)
    ]
    folder = Path(tmp_path_factory.mktemp("filtered")) / "release"
    plain = layer.model_copy(
        update={"fields": tuple(f.model_copy(update={"codelist": None}) for f in layer.fields)}
    )
    store = FileStore(folder, write_release(folder, table(rows, plain)))
    return plain, store, [orjson.loads(text) for text in texts_of(store.page("parcels", Query(1000)))]


def drawn(chance: random.Random) -> shapely.Geometry:
    x, y = chance.randint(0, 8), chance.randint(0, 8)
    line = shapely.LineString([(x, y), (x + chance.randint(1, 3), y + 1)])
    box = shapely.box(x, y, x + chance.randint(1, 4), y + chance.randint(1, 4))
    return chance.choice(
        [
            shapely.Point(x, y),
            line,
            box,
            shapely.MultiPoint([(x, y), (x + 1, y + 2)]),
            shapely.MultiLineString([line, [(x, y + 3), (x + 1, y + 3)]]),
            shapely.MultiPolygon([box, shapely.box(x + 5, y, x + 6, y + 1)]),
            shapely.box(x, y, x + 4, y + 4) - shapely.box(x + 1, y + 1, x + 2, y + 3),
            shapely.GeometryCollection([shapely.Point(x, y + 6), box]),
        ]
    )


def texts_of(page: Any) -> list[bytes]:
    return [text for chunk in page.texts for text in chunk]


# What an expression means, evaluated by hand


@dataclass(frozen=True)
class Time:
    """A time of a feature or of a literal, which is compared in another way when it is a date."""

    text: str
    literal: bool = False

    @property
    def span(self) -> tuple[int, int]:
        """Its first and last millisecond."""
        moment = datetime.fromisoformat(self.text if "T" in self.text else self.text + "T00:00:00Z")
        start = round((moment - EPOCH).total_seconds() * 1000)
        return start, start if "T" in self.text else start + DAY - 1

    @property
    def by_days(self) -> bool:
        return self.literal and "T" not in self.text


#: Open ends, as instants that are before and behind all others.
BEFORE, BEHIND = (-math.inf, -math.inf), (math.inf, math.inf)


def evaluate(tree: Any, feature: Any) -> Any:
    """The value of an expression for a feature; None is null."""
    match tree:
        case {"property": "geometry"}:
            return feature["geometry"] and shapely.from_geojson(orjson.dumps(feature["geometry"]))
        case {"property": ("SINCE" | "UNTIL") as name}:
            text = feature["properties"][name]
            return None if text is None else Time(text)
        case {"property": "TAGS"}:
            tags = feature["properties"]["TAGS"]
            return None if tags is None else frozenset(map(member, tags))
        case {"property": name}:
            return feature["properties"][name]
        case {"date": text} | {"timestamp": text}:
            return Time(text, literal=True)
        case {"type": _, "coordinates": _}:
            return shapely.from_geojson(orjson.dumps(tree))
        case {"bbox": box}:
            return shapely.box(*box)
        case {"interval": [start, end]}:
            one, other = instant(start, BEFORE, feature), instant(end, BEHIND, feature)
            return None if one is None or other is None else (one, other)
        case {"op": "in", "args": [sought, members]}:
            same = MEANINGS["="]
            return any_of(*(same(evaluate(sought, feature), evaluate(one, feature)) for one in members))
        case {"op": "like", "args": [value, pattern]}:
            return like(evaluate(value, feature), pattern)
        case {"op": op, "args": args}:
            return MEANINGS[op](*(evaluate(arg, feature) for arg in args))
        case list():
            found = [evaluate(one, feature) for one in tree]
            return None if any(one is None for one in found) else frozenset(map(member, found))
    return tree


def instant(tree: Any, open_end: Any, feature: Any) -> Any:
    if tree == "..":
        return open_end
    time = Time(tree) if isinstance(tree, str) else evaluate(tree, feature)
    return None if time is None else time.span


def member(value: Any) -> Any:
    """A member of a set, with its type: TRUE is not 1."""
    if isinstance(value, Time):
        return "time", value.span
    if isinstance(value, shapely.Geometry):
        return "geometry", shapely.normalize(value).wkt
    return "number" if isinstance(value, int | float) and not isinstance(value, bool) else type(value), value


def all_of(*values: bool | None) -> bool | None:
    return False if False in values else None if None in values else True


def any_of(*values: bool | None) -> bool | None:
    return True if True in values else None if None in values else False


def known(test: Callable[..., Any]) -> Callable[..., Any]:
    """What is null when any operand is."""
    return lambda *values: None if any(value is None for value in values) else test(*values)


def ordered(test: Callable[[Any, Any], bool]) -> Callable[..., bool | None]:
    def compare(one: Any, other: Any) -> bool:
        if isinstance(one, Time):
            # A date that is written in the filter is compared by its day.
            if one.by_days or other.by_days:
                return test(one.text[:10], other.text[:10])
            return test(one.span[0], other.span[0])
        return test(one, other)

    return known(compare)


def casei(text: str) -> str:
    return text.casefold()


def accenti(text: str) -> str:
    marked = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFC", "".join(one for one in marked if not unicodedata.combining(one)))


FOLDINGS = {"casei": casei, "accenti": accenti}


def like(text: str | None, pattern: Any) -> bool | None:
    if text is None:
        return None
    foldings: list[Callable[[str], str]] = []
    while isinstance(pattern, dict):
        foldings.insert(0, FOLDINGS[pattern["op"]])
        (pattern,) = pattern["args"]
    regex = ""
    for part in re.findall(r"\\.|%|_|[^\\%_]+", pattern, re.DOTALL):
        plain = part[-1] if part.startswith("\\") else part
        for fold in foldings:
            plain = fold(plain)
        regex += {"%": ".*", "_": "."}.get(part, re.escape(plain))
    return re.fullmatch(regex, text, re.DOTALL) is not None


def finite(compute: Callable[[float, float], Any]) -> Callable[..., float | None]:
    """Arithmetic of doubles: without a finite result there is none."""

    def result(one: float, other: float) -> float | None:
        try:
            found = compute(float(one), float(other))
            return float(found) if not isinstance(found, complex) and math.isfinite(found) else None
        except (ArithmeticError, ValueError):
            return None

    return known(result)


def quotient(a: float, b: float) -> int:
    return math.trunc(Fraction(a) / Fraction(b))


def times_of(value: Any) -> Any:
    """The instants with which a time starts and ends."""
    return value if isinstance(value, tuple) else (value.span, value.span)


def timed(test: Callable[..., bool]) -> Callable[..., bool | None]:
    """A relation of the first and last millisecond of two times, and of the instants that bound them."""

    def relate(one: Any, other: Any) -> bool:
        (a, b), (c, d) = times_of(one), times_of(other)
        return test(a[0], b[1], c[0], d[1], b == c, a == d)

    return known(relate)


def area(shape: Any) -> float:
    polygons = [part for part in parts_of(shape) if part.geom_type == "Polygon"]
    return float(sum(abs(GEOD.geometry_area_perimeter(shapely.orient_polygons(one))[0]) for one in polygons))


def length(shape: Any) -> float:
    return float(
        sum(GEOD.geometry_length(part) for part in parts_of(shape) if part.geom_type == "LineString")
    )


def parts_of(shape: Any) -> list[Any]:
    return [inner for part in getattr(shape, "geoms", [shape]) for inner in getattr(part, "geoms", [part])]


def substr(text: str, first: float, count: float) -> str:
    return "".join(
        one
        for i, one in enumerate(text, start=1)
        if math.trunc(first) <= i < math.trunc(first) + math.trunc(count)
    )


def rounded(number: float) -> int:
    return (
        math.floor(Fraction(number) + Fraction(1, 2))
        if number > 0
        else -math.floor(Fraction(1, 2) - Fraction(number))
    )


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
    "s_intersects": known(lambda a, b: bool(a.intersects(b))),
    "s_disjoint": known(lambda a, b: bool(a.disjoint(b))),
    "s_within": known(lambda a, b: bool(a.within(b))),
    "s_contains": known(lambda a, b: bool(a.contains(b))),
    "s_touches": known(lambda a, b: bool(a.touches(b))),
    "s_overlaps": known(lambda a, b: bool(a.overlaps(b))),
    "s_crosses": known(lambda a, b: bool(a.crosses(b))),
    "s_equals": known(lambda a, b: bool(a.equals(b))),
    # From and to of the first, of the second; whether the first ends with the start of the second, or starts with its end.
    "t_after": timed(lambda a, b, c, d, to, back: a > d),
    "t_before": timed(lambda a, b, c, d, to, back: b < c),
    "t_disjoint": timed(lambda a, b, c, d, to, back: b < c or a > d),
    "t_intersects": timed(lambda a, b, c, d, to, back: not (b < c or a > d)),
    "t_equals": timed(lambda a, b, c, d, to, back: (a, b) == (c, d)),
    "t_contains": timed(lambda a, b, c, d, to, back: a < c and d < b),
    "t_during": timed(lambda a, b, c, d, to, back: c < a and b < d),
    "t_finishes": timed(lambda a, b, c, d, to, back: c < a and b == d),
    "t_finishedBy": timed(lambda a, b, c, d, to, back: a < c and b == d),
    "t_starts": timed(lambda a, b, c, d, to, back: a == c and b < d),
    "t_startedBy": timed(lambda a, b, c, d, to, back: a == c and d < b),
    "t_meets": timed(lambda a, b, c, d, to, back: to),
    "t_metBy": timed(lambda a, b, c, d, to, back: back),
    "t_overlaps": timed(lambda a, b, c, d, to, back: a < c < b < d and not to),
    "t_overlappedBy": timed(lambda a, b, c, d, to, back: c < a < d < b and not back),
    "a_equals": known(lambda a, b: a == b),
    "a_contains": known(lambda a, b: a >= b),
    "a_containedBy": known(lambda a, b: a <= b),
    "a_overlaps": known(lambda a, b: bool(a & b)),
    "+": finite(lambda a, b: a + b),
    "-": finite(lambda a, b: a - b),
    "*": finite(lambda a, b: a * b),
    "/": finite(lambda a, b: a / b),
    "div": finite(quotient),
    "%": finite(lambda a, b: Fraction(a) - Fraction(b) * quotient(a, b)),
    "^": finite(lambda a, b: a**b),
    "casei": known(casei),
    "accenti": known(accenti),
    "area": known(area),
    "length": known(length),
    "centroid": known(lambda shape: shape.centroid),
    "lower": known(lambda text: text.lower()),
    "upper": known(lambda text: text.upper()),
    "substr": known(substr),
    "char_length": known(len),
    "abs": known(abs),
    "round": known(rounded),
    "year": known(lambda time: int(time.text[:4])),
    "month": known(lambda time: int(time.text[5:7])),
    "day": known(lambda time: int(time.text[8:10])),
}

# Expressions, made from the layer's fields

OTHER_TIMES = ["2020-01-05T11:59:59.999Z", "2020-01-05T12:00:00.250Z", "2022-01-01"]
SPATIAL = [op for op in MEANINGS if op.startswith("s_")]
TEMPORAL = ["t_after", "t_before", "t_disjoint", "t_equals", "t_intersects"]
OF_INTERVALS = [op for op in MEANINGS if op.startswith("t_") and op not in TEMPORAL]
ARRAYS = [op for op in MEANINGS if op.startswith("a_")]


def call(op: str, *args: Any) -> Any:
    return {"op": op, "args": list(args)}


def prop(*names: str) -> Any:
    return st.sampled_from([{"property": name} for name in names])


def one_call(names: list[str], *args: Any) -> Any:
    return st.builds(call, st.sampled_from(names), *args)


comparisons = st.sampled_from(["=", "<>", "<", ">", "<=", ">="])
geometry = st.just({"property": "geometry"})
times = prop("SINCE", "UNTIL")
moments = st.sampled_from([*TIMES, *OTHER_TIMES]).map(
    lambda text: {"date": text} if len(text) == 10 else {"timestamp": text}
)
either = st.one_of(times, moments)
words = st.text(SYMBOLS, min_size=0, max_size=3)
patterns = st.text("aAé%_*[中ß\\", max_size=4).filter(lambda text: len(re.findall(r"\\*$", text)[0]) % 2 == 0)
figures = st.one_of(st.integers(-3, 5), st.sampled_from([0.5, 2.5, -0.1, 1e9, 5.0, 1e200]))

corners = st.tuples(st.integers(-1, 9), st.integers(-1, 9), st.integers(1, 6), st.integers(1, 6))
shapes = st.one_of(
    corners.map(lambda c: {"bbox": [c[0], c[1], c[0] + c[2], c[1] + c[3]]}),
    corners.map(lambda c: {"type": "Point", "coordinates": [c[0], c[1]]}),
    corners.map(lambda c: {"type": "MultiPoint", "coordinates": [[c[0], c[1]], [c[2], c[3]]]}),
    corners.map(lambda c: {"type": "LineString", "coordinates": [[c[0], c[1]], [c[0] + c[2], c[1] + c[3]]]}),
    corners.map(
        lambda c: {
            "type": "Polygon",
            "coordinates": [[[c[0], c[1]], [c[0] + c[2], c[1]], [c[0], c[1] + c[3]], [c[0], c[1]]]],
        }
    ),
)
places = st.one_of(
    geometry, geometry, shapes, st.builds(call, st.just("centroid"), st.one_of(geometry, shapes))
)

written_texts = st.recursive(
    st.one_of(prop("NAME", "KIND"), words),
    lambda inner: st.one_of(
        one_call(["casei", "accenti", "lower", "upper"], inner),
        st.builds(call, st.just("substr"), inner, figures, st.integers(-1, 3)),
    ),
    max_leaves=3,
)
numbers = st.recursive(
    st.one_of(
        prop("FLOORS", "AREA"),
        figures,
        one_call(["year", "month", "day"], either),
        st.builds(call, st.just("char_length"), written_texts),
        one_call(["area", "length"], geometry).map(lambda size: call("/", size, 1e9)),
    ),
    lambda inner: st.one_of(
        one_call(["+", "-", "*", "/", "div", "%", "^"], inner, inner), one_call(["abs", "round"], inner)
    ),
    max_leaves=3,
)
ends = st.sampled_from(["..", "2020-01-05", "2020-01-05T12:00:00.250Z", {"property": "SINCE"}])
late = st.sampled_from(["..", "2020-01-05", "2020-01-06", "2021-02-28", {"property": "UNTIL"}])
intervals = (
    st.tuples(ends, late)
    .filter(lambda pair: pair != ("2020-01-05T12:00:00.250Z", "2020-01-05"))
    .map(lambda pair: {"interval": list(pair)})
)
periods = st.one_of(either, intervals)
members = st.one_of(
    st.sampled_from(["a", "b", "中", "a'", "z", 1, 1.5, True, {"property": "NAME"}, {"date": "2020-01-05"}]),
    st.builds(call, st.just("lower"), prop("KIND")),
)
sets = st.one_of(
    prop("TAGS"),
    st.lists(st.sampled_from(["a", "b", "中", "a'", "z"]), max_size=3),
    st.lists(members, max_size=3),
)
foldings = st.sampled_from([(), ("casei",), ("accenti",), ("accenti", "casei")])


def folded(how: tuple[str, ...], text: Any) -> Any:
    for name in how:
        text = call(name, text)
    return text


likes = st.builds(
    lambda how, text, pattern: call("like", folded(how, text), folded(how, pattern)),
    foldings,
    written_texts,
    patterns,
)
#: Kinds of predicates; each has its share, also where random expressions hold it too seldom to be trusted with.
FAMILIES = {
    "texts": st.builds(call, comparisons, written_texts, written_texts),
    "numbers": st.builds(call, comparisons, numbers, numbers),
    "times": st.builds(call, comparisons, either, either),
    "truth": st.builds(call, st.sampled_from(["=", "<>"]), prop("LISTED"), st.booleans()),
    "like": likes,
    "between": st.builds(call, st.just("between"), numbers, numbers, numbers),
    "in texts": st.builds(
        call, st.just("in"), written_texts, st.lists(written_texts, min_size=1, max_size=4)
    ),
    "in numbers": st.builds(call, st.just("in"), numbers, st.lists(numbers, min_size=1, max_size=4)),
    "in times": st.builds(call, st.just("in"), times, st.lists(either, min_size=1, max_size=3)),
    "null": st.builds(
        call,
        st.just("isNull"),
        st.one_of(
            prop("NAME", "FLOORS", "LISTED", "SINCE", "TAGS", "geometry"),
            numbers,
            written_texts,
            periods,
            sets,
            places,
        ),
    ),
    "space": one_call(SPATIAL, places, places),
    "time": one_call(TEMPORAL, periods, periods),
    "intervals": one_call([*TEMPORAL, *OF_INTERVALS], intervals, intervals),
    "arrays": one_call(ARRAYS, sets, sets),
}
expressions = st.recursive(
    st.one_of(*FAMILIES.values(), st.booleans(), prop("LISTED")),
    lambda inner: st.one_of(
        st.builds(call, st.just("not"), inner),
        st.builds(call, st.just("isNull"), inner),
        st.builds(call, st.sampled_from(["=", "<>"]), inner, inner),
        st.builds(
            lambda op, parts: call(op, *parts),
            st.sampled_from(["and", "or"]),
            st.lists(inner, min_size=2, max_size=3),
        ),
    ),
    max_leaves=5,
)
INFIX = ("and", "or", "=", "<>", "<", ">", "<=", ">=", "+", "-", "*", "/", "div", "%", "^", "like", "in")


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
        case {"op": "not", "args": [one]}:
            return f"(NOT {written(one)})"
        case {"op": "isNull", "args": [one]}:
            return f"({written(one)} IS NULL)"
        case {"op": "between", "args": [value, low, high]}:
            return f"({written(value)} BETWEEN {written(low)} AND {written(high)})"
        case {"op": "in", "args": [value, values]}:
            return f"({written(value)} IN ({', '.join(map(written, values))}))"
        case {"op": op, "args": args} if op in INFIX:
            return "(" + f" {op.upper()} ".join(map(written, args)) + ")"
        case {"op": op, "args": args}:
            return f"{op.upper()}({', '.join(map(written, args))})"
        case [one]:
            # Brackets round one value are none of an array, so it is said twice, which is once.
            return f"({written(one)}, {written(one)})"
        case list():
            return "(" + ", ".join(map(written, tree)) + ")"
    return str(tree)


def checked(tree: Any, layer: Layer) -> cql2.Filter:
    return cql2.check(cql2.parse(orjson.dumps(tree).decode(), "cql2-json"), layer)


def agreed(filtered: Any, tree: Any) -> None:
    """The filter finds what the expression means, and says how many."""
    layer, store, features = filtered
    expected = [feature["id"] for feature in features if evaluate(tree, feature) is True]
    page = store.page("parcels", Query(1000, where=Where(filter=checked(tree, layer))))
    assert [orjson.loads(text)["id"] for text in texts_of(page)] == expected
    assert page.matched == len(expected)


@settings(max_examples=EXAMPLES)
@given(tree=expressions)
def test_a_filter_finds_what_it_means(filtered: Any, tree: Any) -> None:
    agreed(filtered, tree)


@settings(max_examples=EACH)
@given(data=st.data())
@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_a_predicate_finds_what_it_means_and_so_does_its_negation(
    filtered: Any, family: str, data: Any
) -> None:
    tree = data.draw(FAMILIES[family])
    agreed(filtered, tree)
    agreed(filtered, call("not", tree))


def test_a_literal_moment_may_lie_between_two_dates(filtered: Any) -> None:
    layer, store, features = filtered
    since, until = {"property": "SINCE"}, {"property": "UNTIL"}
    for moment in ({"date": "2020-01-01"}, {"date": "2024-02-29"}, {"timestamp": "2020-06-01T12:00:00Z"}):
        apart = call("and", call(">=", moment, since), call("<=", moment, until))
        tree = checked(call("between", moment, since, until), layer)
        page = store.page("parcels", Query(1000, where=Where(filter=tree)))
        expected = [feature["id"] for feature in features if evaluate(apart, feature) is True]
        assert [orjson.loads(text)["id"] for text in texts_of(page)] == expected


@settings(max_examples=EXAMPLES // 4)
@given(tree=expressions)
def test_text_and_json_are_one_filter(filtered: Any, tree: Any) -> None:
    layer = filtered[0]
    try:
        read = cql2.parse(written(tree))
    except cql2.FilterError as error:
        # Text has room for fewer brackets; everything else must be read.
        assume("brackets" not in str(error))
        raise
    assert cql2.check(read, layer) == checked(tree, layer)


@settings(max_examples=EXAMPLES // 4)
@given(tree=expressions)
def test_another_order_makes_no_other_filter(filtered: Any, tree: Any) -> None:
    converse = {"<": ">", ">": "<", "<=": ">=", ">=": "<="} | {
        "s_within": "s_contains", "s_contains": "s_within", "t_after": "t_before", "t_before": "t_after",
        "t_during": "t_contains", "t_contains": "t_during", "a_contains": "a_containedBy", "a_containedBy": "a_contains",
    }  # fmt: skip
    same = (
        "=",
        "<>",
        "+",
        "*",
        "s_intersects",
        "s_equals",
        "t_disjoint",
        "t_intersects",
        "a_overlaps",
        *converse,
    )

    def turned(part: Any) -> Any:
        match part:
            case {"op": "and" | "or" as op, "args": args}:
                return call(op, *(turned(arg) for arg in reversed([*args, args[0]])))
            case {"op": op, "args": args} if op in same:
                return call(converse.get(op, op), *(turned(arg) for arg in reversed(args)))
            case {"op": "like", "args": _}:
                return part
            case {"op": op, "args": args}:
                return call(op, *(turned(arg) for arg in args))
            case list():
                return [turned(one) for one in reversed([*part, *part])]
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
    layer, store, _ = filtered
    monkeypatch.setattr(selection, "SECONDS", -1.0)
    monkeypatch.setattr(selection, "_STEPS", 1)
    filter = checked(call("=", {"property": "AREA"}, 12345.5), layer)
    with pytest.raises(TooCostly):
        store.page("parcels", Query(10, where=Where(filter=filter)))
    monkeypatch.undo()
    assert store.page("parcels", Query(10, where=Where(filter=filter))).matched == 0


@pytest.mark.parametrize(
    "text",
    [
        "area(geometry) > 7",
        "AREA ^ 7 > 2",
        "CASEI(NAME) LIKE CASEI('%a%A%')",
        "S_INTERSECTS(centroid(centroid(geometry)), BBOX(0,0,7,7))",
        "A_CONTAINS((NAME, KIND), ('a7'))",
    ],
)
def test_a_function_called_row_by_row_looks_at_the_clock(
    filtered: Any, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    """SQLite itself never looks here, as it does not while one row after the other is computed."""
    layer, store, _ = filtered
    monkeypatch.setattr(selection, "SECONDS", -1.0)
    monkeypatch.setattr(selection, "_STEPS", 2**30)
    filter = cql2.check(cql2.parse(text), layer)
    with pytest.raises(TooCostly):
        store.page("parcels", Query(10, where=Where(filter=filter)))
    monkeypatch.undo()
    store.page("parcels", Query(10, where=Where(filter=filter)))


def test_a_pattern_that_fits_almost_everywhere_is_decided_at_once(filtered: Any) -> None:
    layer, store, _ = filtered
    for pattern in ("%a" * 499 + "b", "%a_" * 300 + "b", "_" * 999 + "b", "%" + "a" * 998 + "b"):
        filter = cql2.check(cql2.parse(f"'{'a' * 30_000}' LIKE '{pattern}' OR NAME LIKE '{pattern}'"), layer)
        began = time.monotonic()
        assert store.page("parcels", Query(10, where=Where(filter=filter))).matched == 0
        assert time.monotonic() - began < 5


def test_a_condition_longer_than_sql_may_be_is_too_costly(
    filtered: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    layer, store, _ = filtered
    # As many as may be: what they need is SQL that SQLite still takes, and no more of it is made.
    dates = [f"20{i // 12:02}-{i % 12 + 1:02}-01" for i in range(540)]
    tree = call(
        "or",
        *(
            call(
                "t_overlaps",
                {"interval": [{"property": "SINCE"}, {"property": "UNTIL"}]},
                {"interval": [date, ".."]},
            )
            for date in dates
        ),
    )
    filter = checked(tree, layer)
    store.page("parcels", Query(10, where=Where(filter=filter)))
    monkeypatch.setattr(conditions, "LONGEST", 10_000)
    with pytest.raises(TooCostly):
        store.page("parcels", Query(11, where=Where(filter=checked(call("not", tree), layer))))


#: The condition that takes most room as SQL: null must stay null, and the R-tree decides.
ROOMY = call("s_disjoint", {"property": "geometry"}, {"bbox": [0, 0, 5, 5]})
TALL = call("t_overlaps", *[{"interval": [{"property": "SINCE"}, {"property": "UNTIL"}]}] * 2)
OF_NUMBERS = {op: [1] for op in ("+", "-", "*", "/", "div", "%", "^")} | {"abs": [], "round": []}
OF_TEXTS: dict[str, list[Any]] = {"casei": [], "accenti": [], "lower": [], "upper": [], "substr": [1, 3]}


def nested(depth: int, wrap: Callable[[int, Any], Any], inner: Any) -> Any:
    for i in range(depth):
        inner = wrap(i, inner)
    return inner


@pytest.mark.parametrize(
    "wrap",
    [
        lambda i, inner: call(["and", "or"][i % 2], inner, call("=", {"property": "FLOORS"}, i)),
        lambda i, inner: call(["or", "and"][i % 2], {"property": "LISTED"}, inner),
        lambda i, inner: (
            call("=", inner, call("=", {"property": "FLOORS"}, i)) if i % 2 else call("not", inner)
        ),
        lambda i, inner: call("<>", {"property": "LISTED"}, inner),
        lambda i, inner: call("isNull", inner),
        lambda i, inner: (
            call("not", call("and", *(call("=", {"property": "AREA"}, i + j / 8) for j in range(7)), inner))
            if i % 2
            else inner
        ),
    ],
    ids=["left", "right", "not", "unequal", "null", "wide"],
)
@pytest.mark.parametrize("inner", [ROOMY, TALL], ids=["space", "time"])
def test_conditions_as_deep_as_may_be_are_answered(filtered: Any, wrap: Any, inner: Any) -> None:
    for depth in range(LEVELS - 3, LEVELS):
        agreed(filtered, nested(depth, wrap, inner))


@pytest.mark.parametrize("op", [*OF_NUMBERS, *OF_TEXTS, "centroid", "array"])
def test_what_is_computed_may_be_as_deep_as_json_may_be(filtered: Any, op: str) -> None:
    depth = DEPTH - 4
    if op in OF_NUMBERS:
        number, others = {"property": "AREA"}, OF_NUMBERS[op]
        left = nested(depth, lambda i, inner: call(op, inner, *others), number)
        right = nested(depth, lambda i, inner: call(op, *others, inner), number)
        agreed(filtered, call(">", left, 1))
        agreed(filtered, call(">", right, 1))
    elif op in OF_TEXTS:
        text = nested(depth, lambda i, inner: call(op, inner, *OF_TEXTS[op]), {"property": "NAME"})
        agreed(filtered, call(">", text, "a"))
    elif op == "centroid":
        centre = nested(depth, lambda i, inner: call("centroid", inner), {"property": "geometry"})
        agreed(filtered, call("s_within", centre, {"bbox": [0, 0, 5, 5]}))
    else:
        array = nested(depth, lambda i, inner: [inner, i], {"property": "NAME"})
        agreed(filtered, call("a_equals", array, array))


def test_an_array_of_many_conditions_is_refused(filtered: Any) -> None:
    members = [call(">", {"property": "AREA"}, i) for i in range(COMPUTED + 1)]
    agreed(filtered, call("a_overlaps", members[1:], [True]))
    with pytest.raises(cql2.FilterError, match="computed from"):
        checked(call("a_overlaps", [members[0], members[1:]], [True]), filtered[0])


def test_many_conditions_in_a_row_are_answered(filtered: Any) -> None:
    for op in ("and", "or"):
        agreed(filtered, call(op, *(call("<>", {"property": "AREA"}, i / 2) for i in range(1200))))
    agreed(filtered, call("in", {"property": "FLOORS"}, [i / 2 for i in range(4900)]))
    days = [{"date": f"20{i // 300:02}-{i // 25 % 12 + 1:02}-{i % 25 + 1:02}"} for i in range(1500)]
    agreed(filtered, call("in", {"property": "SINCE"}, days))
