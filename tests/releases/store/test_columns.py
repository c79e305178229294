"""Attributes as columns: the values that were published, and the same answers as the database gives."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing
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
from releases import attributes, cql2, selection, valuetable
from releases.attributes import Attribute
from releases.cql2.columns import Columns
from releases.features import quoted
from releases.order import by_columns
from releases.query import SortKey, TooCostly, Where
from releases.valuetable import Question

#: Values at which dialects part: cases and accents, texts beyond UTF-16's first plane, doubles and integers that are
#: neighbours, days and their midnights.
VALUES: dict[str, list[Any]] = {
    "NAME": [None, "", "a", "A", "ab", "a%b", "a_b", "*", "[a]", "é", "É", "ß", "SS", "江北区", "渝中", "\uf900", "𠮷"],
    "KIND": [None, "01", "02", "010"],
    "FLOORS": [None, -3, -1, 0, 1, 2, 2**53, 2**53 + 1, 2**62],
    "AREA": [None, -0.1, 0.0, -0.0, 0.5, 1.0, 2.5, 1e300, 0.1 + 0.2, 0.3, 2.0**53],
    "LISTED": [None, True, False],
    "SINCE": [None, "2020-01-05", "2020-01-05T00:00:00Z", "2020-01-05T12:00:00.250Z", "2020-01-06", "1969-12-31"],
    "UNTIL": [None, "2020-01-06", "2020-01-05T12:00:00Z", "2020-01-05T12:00:00.5Z", "0001-01-01", "9999-12-31"],
    "TAGS": [None, ["a"]],
}  # fmt: skip
TEXTS, NUMBERS = ("NAME", "KIND"), ("FLOORS", "AREA")
TIMES = ("SINCE", "UNTIL")
Known = Mapping[str, Attribute]


@pytest.fixture(scope="module", name="held")
def the_held(
    layer: Layer, table: Callable[..., Any], write_release: Callable[..., Any], tmp_path_factory: Any
) -> Iterator[tuple[Layer, sqlite3.Connection, Known, list[Any]]]:
    """A layer of 120 features, its database, its columns, and its features as they were published."""
    chance = np.random.default_rng(3)
    rows = [
        (
            shapely.Point(i % 10, i // 10),
            f"c{i:03}",
            *(some[chance.integers(len(some))] for some in VALUES.values()),
        )
        for i in range(120)
    ]
    plain = layer.model_copy(
        update={"fields": tuple(f.model_copy(update={"codelist": None}) for f in layer.fields)}
    )
    folder = Path(tmp_path_factory.mktemp("held"))
    manifest = write_release(folder / "r", table(rows, plain))
    published = manifest.layers[0]
    known = attributes.read(folder / "r" / published.attributes, plain)
    lines = (folder / "r" / published.file).read_bytes().splitlines()
    with closing(sqlite3.connect(folder / "r" / published.package, isolation_level=None)) as connection:
        yield plain, connection, known, [orjson.loads(line.strip(b"\x1e")) for line in lines]


def test_columns_hold_what_was_published(held: Any) -> None:
    layer, _, known, features = held
    assert set(known) == {field.name for field in layer.fields if field.type != "array"}
    for name, attribute in known.items():
        values = [*attribute.values.to_pylist(), None]
        expected = [feature["properties"].get(name, feature["id"]) for feature in features]
        found = [values[code] for code in attribute.codes.tolist()]
        assert found == expected and list(map(type, found)) == list(map(type, expected))
        assert values[:-1] == sorted(set(values[:-1]))


# Conditions, of one field each and joined as they may be

comparison = st.sampled_from(["=", "<>", "<", ">", "<=", ">="])


def call(op: str, *args: Any) -> Any:
    return {"op": op, "args": list(args)}


def prop(*names: str) -> Any:
    return st.sampled_from([{"property": name} for name in names])


def some(*names: str) -> Any:
    return st.sampled_from([value for name in names for value in VALUES[name] if value is not None])


texts = st.one_of(some("NAME"), st.text("aAé%_*[]\\江", max_size=3))
numbers = st.one_of(
    some("AREA"),
    st.sampled_from([-3, 0, 1, 2, 2**53, -0.5, 1.5, 1e200, 0.3]),
)
times = some(*TIMES).map(lambda text: {"date": text} if len(text) == 10 else {"timestamp": text})
patterns = st.text("aAé%_*[江", max_size=4)


def comparisons(field: Any, literal: Any, least: Any) -> Any:
    return st.one_of(
        st.builds(call, comparison, field, literal),
        st.builds(call, st.just("in"), field, st.lists(literal, min_size=1, max_size=4)),
        st.builds(call, st.just("between"), field, literal, literal) if least else st.nothing(),
        st.builds(call, st.just("isNull"), field),
    )


computed = st.one_of(
    st.builds(
        call, st.just("like"), st.builds(call, st.sampled_from(["casei", "accenti"]), prop("NAME")), patterns
    ),
    st.builds(call, st.just("like"), prop("NAME"), patterns),
    st.builds(
        call,
        comparison,
        st.builds(call, st.sampled_from(["+", "*", "/", "%", "div"]), prop(*NUMBERS), numbers),
        numbers,
    ),
    st.builds(call, comparison, st.builds(call, st.just("char_length"), prop("NAME")), st.integers(0, 3)),
    st.builds(call, st.sampled_from(["t_after", "t_before", "t_intersects", "t_equals"]), prop(*TIMES), times),
    st.builds(call, comparison, prop("FLOORS"), prop("AREA")),
    st.builds(call, comparison, prop("SINCE"), prop("UNTIL")),
)  # fmt: skip
conditions = st.recursive(
    st.one_of(
        comparisons(prop(*TEXTS), texts, least=False),
        comparisons(prop(*NUMBERS), numbers, least=True),
        comparisons(prop(*TIMES), times, least=True),
        comparisons(prop("LISTED"), st.booleans(), least=False),
        prop("LISTED"),
        st.booleans(),
        computed,
    ),
    lambda inner: st.one_of(
        st.builds(call, st.just("not"), inner),
        st.builds(
            lambda op, parts: call(op, *parts),
            st.sampled_from(["and", "or"]),
            st.lists(inner, min_size=2, max_size=4),
        ),
        st.builds(call, st.just("="), inner, inner),
    ),
    max_leaves=6,
)


#: So many values of a field are few: none are, some fields' are, all are.
FEW = st.sampled_from([0, 4, 20_000])


def agreed(held: Any, few: int, where: Where, order: tuple[SortKey, ...] = ()) -> None:
    """Columns and the database find the same features in the same order."""
    layer, connection, known, _ = held
    expected = selection.select(connection, layer, where, order)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(attributes, "FEW", few)
        found = selection.select(connection, layer, where, order, known)
    assert found.dtype == np.uint32 and found.tolist() == expected.tolist()


def checked(tree: Any, layer: Layer) -> cql2.Filter:
    return cql2.check(cql2.parse(orjson.dumps(tree).decode(), "cql2-json"), layer)


@settings(max_examples=600)
@given(tree=conditions, few=FEW)
def test_columns_and_the_database_find_the_same(held: Any, tree: Any, few: int) -> None:
    agreed(held, few, Where(filter=checked(tree, held[0])))


@given(
    name=st.sampled_from([name for name in VALUES if name != "TAGS"]),
    data=st.data(),
    moments=st.tuples(*[st.sampled_from([None, *range(4)])] * 2),
    few=FEW,
)
def test_equality_and_intervals_too(held: Any, name: str, data: Any, moments: Any, few: int) -> None:
    value = data.draw(st.sampled_from([one for one in VALUES[name] if one is not None]))
    hours = [None if i is None else datetime(2020, 1, 5, i * 4, tzinfo=UTC) for i in moments]
    agreed(held, few, Where(equals=((name, value),)))
    agreed(held, few, Where(interval=(hours[0], hours[1])))
    agreed(held, few, Where(interval=(hours[0], hours[1]), equals=((name, value),)))


@given(
    names=st.lists(st.sampled_from(list(VALUES)[:-1]), min_size=1, max_size=5, unique=True),
    down=st.integers(0, 31),
    tree=st.one_of(st.none(), conditions),
)
def test_an_order_is_the_same_however_it_is_found(held: Any, names: Any, down: int, tree: Any) -> None:
    keys = tuple(SortKey(name, bool(down >> i & 1)) for i, name in enumerate(names))
    agreed(held, 20_000, Where(filter=checked(tree, held[0]) if tree is not None else None), keys)


def test_more_than_one_number_holds_is_sorted_too(
    layer: Layer, table: Callable[..., Any], tmp_path: Path
) -> None:
    chance = np.random.default_rng(1)
    count = 9_000
    numbers = [chance.permutation(count).tolist() for _ in range(2)]
    texts = [[f"{one:04}" for one in chance.integers(0, 8_000, count)] for _ in range(2)]
    rows = [
        (None, f"c{i:05}", *columns, None, None, None, ["a"])
        for i, columns in enumerate(zip(*texts, *numbers, strict=True))
    ]
    # Equal in the first field for a half, and of these in the second for a half.
    rows = [(*row[:2], "", *row[3:]) if i % 2 else row for i, row in enumerate(rows)]
    rows = [(*row[:3], "", *row[4:]) if i % 4 == 1 else row for i, row in enumerate(rows)]
    attributes.write(table(rows, layer), tmp_path / "a")
    known = attributes.read(tmp_path / "a", layer)
    order = tuple(SortKey(name) for name in ("NAME", "KIND", "FLOORS", "AREA"))
    found = by_columns(known, order, None, lambda connection: None)
    assert found.tolist() == [i + 1 for i in sorted(range(count), key=lambda i: rows[i][2:6])]


@pytest.mark.parametrize(
    ("text", "few", "able"),
    [
        ("FLOORS > 1 AND NAME = 'a'", 0, True),
        ("NOT (FLOORS > 1 OR NAME IN ('a', 'b')) AND AREA BETWEEN 1 AND 2", 0, True),
        ("SINCE IS NULL AND LISTED = TRUE", 0, True),
        ("NAME LIKE 'a%'", 0, False),
        ("SINCE > DATE('2020-01-05')", 0, False),
        ("NAME LIKE 'a%' AND SINCE > DATE('2020-01-05')", 20_000, True),
        ("T_DURING(INTERVAL(SINCE, '..'), INTERVAL('2020-01-01', '..')) OR AREA + 1 > 2", 20_000, True),
        ("SINCE < UNTIL", 20_000, False),
        ("NAME = 'a' OR A_CONTAINS(TAGS, ('a'))", 20_000, False),
        ("NAME = 'a' OR S_INTERSECTS(geometry, POINT(1 1))", 20_000, False),
        ("1 = 1", 20_000, False),
    ],
)
def test_what_columns_can_answer(
    held: Any, text: str, few: int, able: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attributes, "FEW", few)
    layer, _, known, _ = held
    columns = Columns(known, 0.0, lambda connection: None, lambda filter: Question("1"))
    assert columns.able(cql2.check(cql2.parse(text), layer).root) is able


@pytest.mark.parametrize("few", [0, 20_000])
@pytest.mark.parametrize(
    "text", ["NAME > 'a'", "FLOORS > 1 OR NOT AREA > 2", "CASEI(NAME) LIKE CASEI('%a%')"]
)
def test_columns_look_at_the_clock(held: Any, few: int, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    layer, connection, known, _ = held
    where = Where(filter=cql2.check(cql2.parse(text), layer))
    monkeypatch.setattr(attributes, "FEW", few)
    monkeypatch.setattr(selection, "SECONDS", -1.0)
    monkeypatch.setattr(selection, "_STEPS", 1)
    with pytest.raises(TooCostly):
        selection.select(connection, layer, where, attributes=known)


def test_a_field_may_be_called_anything(layer: Layer, table: Callable[..., Any], tmp_path: Path) -> None:
    """Names that mean something to SQL, and to the table that values are asked in."""
    names = ["rowid", "features", "l", 'a"b', "select", "VALUE", "fid"]
    fields = [
        layer.fields[0],
        *(layer.fields[1].model_copy(update={"name": name, "role": None}) for name in names),
    ]
    odd = layer.model_copy(update={"fields": tuple(fields), "validity": None})
    rows = [(None, f"c{i}", *(f"{name} {i}" for name in names)) for i in range(4)]
    attributes.write(table(rows, odd), tmp_path / "a")
    for name, attribute in attributes.read(tmp_path / "a", odd).items():
        found = valuetable.asked(attribute, Question(f"l.{quoted(name)} GLOB ?", ("*3",)), lambda one: None)
        assert found == [0, 0, 0, 1, None]


def test_nothing_is_found_among_nothing(layer: Layer, table: Callable[..., Any], tmp_path: Path) -> None:
    attributes.write(table([], layer), tmp_path / "a")
    known = attributes.read(tmp_path / "a", layer)
    assert all(len(one.codes) == len(one.values) == 0 for one in known.values())


def test_the_same_values_give_the_same_bytes_in_few_of_them(
    layer: Layer, table: Callable[..., Any], tmp_path: Path
) -> None:
    rows = [
        (None, f"c{i:05}", "江北区" if i % 2 else None, "01", i % 3, i / 2, True, "2020-01-01", None, None)
        for i in range(10_000)
    ]
    for name in ("one", "other"):
        attributes.write(table(rows, layer), tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()
    known = attributes.read(tmp_path / "one", layer)
    assert {name: one.codes.dtype.itemsize for name, one in known.items()} == {
        "CODE": 2, "NAME": 1, "KIND": 1, "FLOORS": 1, "AREA": 2, "LISTED": 1, "SINCE": 1, "UNTIL": 1,
    }  # fmt: skip


def test_who_gets_no_turn_at_the_columns_in_time_is_told_so(
    held: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    layer, connection, known, _ = held
    where = Where(equals=(("NAME", "a"),))
    expected = selection.select(connection, layer, where, attributes=known).tolist()
    monkeypatch.setattr(selection, "SECONDS", 0.05)
    with ExitStack() as others:
        for _ in range(2):
            others.enter_context(selection._TURNS)
        with pytest.raises(TooCostly):
            selection.select(connection, layer, where, attributes=known)
    monkeypatch.undo()
    assert selection.select(connection, layer, where, attributes=known).tolist() == expected
