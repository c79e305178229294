"""Orders against Python's sorted: values by size, what has none last in both directions, equals by key."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from config.models import Layer
from releases.filestore import FileStore
from releases.order import sortable
from releases.query import Query, SortKey, Where
from releases.words import Words

# few values, so that many are equal; texts whose order by UTF-16 is another than by code points; "10" after "9"
VALUES = {
    "NAME": st.sampled_from([None, "", "a", "B", "é", "渝", "江", "\uf900", "𠮷", "9", "10"]),
    "KIND": st.sampled_from([None, "01", "010", "02"]),
    "FLOORS": st.sampled_from([None, -1, 0, 9, 10, 2**53]),
    "AREA": st.sampled_from([None, -0.5, 0.0, 1e-9, 1.0, 1e300]),
    "LISTED": st.sampled_from([None, True, False]),
    "SINCE": st.sampled_from([None, "2019-12-31", "2020-01-01", "2019-12-31T23:59:59Z", "2019-12-31T23:59:59.500Z"]),
    "UNTIL": st.sampled_from([None, "2020-01-01", "2020-01-01T00:00:00Z", "0001-01-01", "9999-12-31"]),
    "TAGS": st.just(["a"]),
}  # fmt: skip
ROW = st.tuples(st.just(shapely.Point(0, 0)), st.text("ab北1𠮷", min_size=1, max_size=3), *VALUES.values())
ROWS = st.lists(ROW, max_size=25, unique_by=lambda row: row[1])
EVERYTHING = Where()
FIELDS = ["CODE", "NAME", "KIND", "FLOORS", "AREA", "LISTED", "SINCE", "UNTIL"]
ORDER = st.lists(
    st.builds(SortKey, st.sampled_from(FIELDS), st.booleans()),
    min_size=1,
    max_size=4,
    unique_by=lambda key: key.field,
).map(tuple)


def expected(rows: list[Any], order: tuple[SortKey, ...]) -> list[str]:
    """Ids in an order: sorted key by key from the last, which keeps what is equal where it was."""
    found = sorted(rows, key=lambda row: row[1])
    for key in reversed(order):
        at = FIELDS.index(key.field) + 1
        some = [row for row in found if row[at] is not None]
        none = [row for row in found if row[at] is None]
        found = sorted(some, key=lambda row: _comparable(row[at]), reverse=key.descending) + none
    return [row[1] for row in found]


def _comparable(value: Any) -> Any:
    """A date as the moment at which it begins; texts compare by code points in Python anyway."""
    dated = isinstance(value, str) and len(value) >= 10
    return (f"{value}T00:00:00" if len(value) == 10 else value.removesuffix("Z")) if dated else value


def walk(store: FileStore, order: tuple[SortKey, ...], limit: int, where: Where = EVERYTHING) -> list[str]:
    """Ids page by page to the end."""
    found: list[str] = []
    while True:
        page = store.page("parcels", Query(limit, len(found), where, order))
        features = [json.loads(text)["id"] for text in page.features()]
        found += features
        if len(found) >= page.matched or not features:
            assert len(found) == page.matched
            return found


@settings(max_examples=40)
@given(ROWS, st.lists(st.tuples(ORDER, st.integers(1, 9)), min_size=1, max_size=8))
def test_any_order_is_that_of_sorted(
    table: Callable[..., Any], write_release: Callable[..., Any], rows: list[Any], asked: list[Any]
) -> None:
    with TemporaryDirectory() as folder:
        store = FileStore(Path(folder), write_release(Path(folder), table(rows)))
        for order, limit in asked:
            assert walk(store, order, limit) == expected(rows, order)
            where = Where(equals=(("KIND", "01"),))
            some = [row for row in rows if row[3] == "01"]
            assert walk(store, order, limit, where) == expected(some, order)
        del store


@pytest.fixture(scope="module", name="store")
def the_store(
    table: Callable[..., Any], write_release: Callable[..., Any], tmp_path_factory: Any
) -> FileStore:
    folder = tmp_path_factory.mktemp("sorted")
    names = ["渝中区", None, "江北区", "a", "江津区", "渝北区"]
    rows = [
        (shapely.Point(i, 0), f"{i}", name, None, i % 2, None, None, None, None, None)
        for i, name in enumerate(names)
    ]
    return FileStore(folder, write_release(folder, table(rows)))


def test_what_has_no_value_comes_last_both_ways(store: FileStore) -> None:
    assert walk(store, (SortKey("NAME"),), 4) == ["3", "2", "4", "0", "5", "1"]
    assert walk(store, (SortKey("NAME", descending=True),), 4) == ["5", "0", "4", "2", "3", "1"]


def test_what_is_equal_stands_in_the_order_of_keys_both_ways(store: FileStore) -> None:
    assert walk(store, (SortKey("FLOORS"),), 2) == ["0", "2", "4", "1", "3", "5"]
    assert walk(store, (SortKey("FLOORS", descending=True),), 2) == ["1", "3", "5", "0", "2", "4"]


def test_an_order_goes_with_every_condition(store: FileStore) -> None:
    order = (SortKey("FLOORS", descending=True), SortKey("NAME"))
    assert walk(store, order, 2, Where(boxes=((1, 0, 4, 0),))) == ["3", "1", "2", "4"]
    assert walk(store, order, 2, Where(words=Words((("江",),)))) == ["2", "4"]
    assert walk(store, order, 2, Where(equals=(("NAME", "nobody"),))) == []


def test_every_field_but_a_list_is_sortable(layer: Layer) -> None:
    assert sortable(layer) == tuple(FIELDS)
