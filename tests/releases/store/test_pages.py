"""Pages and items of a store, against a plain evaluator that looks at every feature."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from config.models import Layer
from releases.filestore import FileStore
from releases.query import Page, Query, SortKey, Where
from releases.store import NotFound, ReleaseGone

TableOf = Callable[..., Any]
StoreOf = Callable[..., FileStore]

# coarse coordinates, so that edges, corners and boxes without width meet geometries often
whole = st.integers(-6, 6).map(float)
point = st.tuples(whole, whole).map(shapely.Point)
line = st.lists(st.tuples(whole, whole), min_size=2, max_size=4, unique=True).map(shapely.LineString)
triangle = (
    st.lists(st.tuples(whole, whole), min_size=3, max_size=3, unique=True)
    .map(shapely.Polygon)
    .filter(lambda shape: shape.is_valid and shape.area > 0)
)
geometry = st.one_of(
    st.none(),
    point,
    line,
    triangle,
    st.lists(point, min_size=1, max_size=3).map(shapely.MultiPoint),
    st.tuples(point, line).map(shapely.GeometryCollection),
)
box = st.tuples(whole, whole, whole, whole).map(
    lambda b: (min(b[0], b[2]), min(b[1], b[3]), max(b[0], b[2]), max(b[1], b[3]))
)
day = st.dates(datetime(2019, 12, 30).date(), datetime(2020, 1, 2).date()).map(str)
moment = st.builds(
    lambda hours, zone: (
        (datetime(2019, 12, 31, tzinfo=UTC) + timedelta(hours=hours)).astimezone(zone).isoformat()
    ),
    st.integers(-30, 60),
    st.sampled_from([UTC, timezone(timedelta(hours=8))]),
)
time = st.one_of(st.none(), day, moment)
values = {
    "NAME": st.sampled_from([None, "", "a", "江北区", "北"]),
    "KIND": st.sampled_from(["01", "02", "010"]),
    "FLOORS": st.sampled_from([None, -1, 0, 1, 2**53]),
    "AREA": st.sampled_from([None, 0.0, 0.1, 1.0]),
    "LISTED": st.sampled_from([None, True, False]),
    "SINCE": time,
    "UNTIL": time,
    "TAGS": st.one_of(st.none(), st.lists(st.sampled_from(["a", "b", "江", ""]), max_size=3)),
}
row = st.tuples(geometry, st.text("ab北1", min_size=1, max_size=4), *values.values())
rows = st.lists(row, max_size=12, unique_by=lambda one: one[1])
equality = st.one_of(
    *(
        st.tuples(st.just(name), choice.filter(lambda value: value is not None))
        for name, choice in values.items()
        if name not in ("SINCE", "UNTIL", "TAGS")
    ),
    st.tuples(st.just("TAGS"), st.sampled_from(["a", "江", "", "z"])),
    st.tuples(st.just("SINCE"), day),
)
bound = st.one_of(st.none(), moment.map(datetime.fromisoformat))
interval = st.one_of(
    st.none(), st.tuples(bound, bound).filter(lambda pair: None in pair or pair[0] <= pair[1])
)
query = st.fixed_dictionaries(
    {
        "limit": st.integers(1, 5),
        "boxes": st.one_of(st.just(()), st.tuples(box), st.tuples(box, box)),
        "interval": interval,
        "equals": st.one_of(st.just(()), st.tuples(equality), st.tuples(equality, equality)),
    }
)


def walk(store: FileStore, **asked: Any) -> list[dict[str, Any]]:
    """All features page by page; each page but the last is full, and all count alike."""
    found: list[dict[str, Any]] = []
    limit, where = asked.pop("limit"), Where(**asked)
    counts = set()
    while True:
        page = store.page("parcels", Query(limit, len(found), where))
        counts.add(page.matched)
        features = page.features()
        assert len(features) == len(page.keys) == min(limit, page.matched - len(found))
        found += map(json.loads, features)
        if len(found) == page.matched:
            break
    assert counts == {len(found)}
    return found


def matches(feature: Any, layer: Layer, boxes: Any, interval: Any, equals: Any) -> bool:
    """The plain evaluator: one feature (geometry, then values), one answer."""
    properties = dict(zip([field.name for field in layer.fields], feature[1:]))
    for name, value in equals:
        held = properties[name]
        if isinstance(held, list):
            if value not in held:
                return False
        elif held is None or held != value:
            return False
    if interval is not None:
        start, end = span(properties["SINCE"])[0], span(properties["UNTIL"])[1]
        if interval[0] is not None and end is not None and end < interval[0]:
            return False
        if interval[1] is not None and start is not None and start > interval[1]:
            return False
    if boxes:
        return feature[0] is None or any(frame(*box).intersects(feature[0]) for box in boxes)
    return True


def span(text: str | None) -> tuple[datetime | None, datetime | None]:
    if text is None:
        return None, None
    if len(text) == 10:
        start = datetime.fromisoformat(text).replace(tzinfo=UTC)
        return start, start + timedelta(days=1, milliseconds=-1)
    return datetime.fromisoformat(text), datetime.fromisoformat(text)


def frame(xmin: float, ymin: float, xmax: float, ymax: float) -> Any:
    if xmin < xmax and ymin < ymax:
        return shapely.box(xmin, ymin, xmax, ymax)
    return shapely.MultiPoint([(xmin, ymin), (xmax, ymax)]).envelope


@settings(max_examples=60, deadline=None)
@given(rows, st.lists(query, min_size=1, max_size=12))
def test_any_filter_finds_what_looking_at_every_feature_finds(
    layer: Layer, table: TableOf, write_release: Callable[..., Any], features: list[Any], asked: list[Any]
) -> None:
    with TemporaryDirectory() as folder:
        store = FileStore(Path(folder), write_release(Path(folder), table(features)))
        for one in asked:
            where = {name: one[name] for name in ("boxes", "interval", "equals")}
            expected = sorted(feature[1] for feature in features if matches(feature, layer, **where))
            assert [feature["id"] for feature in walk(store, **one)] == expected
        for feature in features:
            assert json.loads(store.item("parcels", feature[1]).json)["id"] == feature[1]
        del store


A = (shapely.Point(1, 2), "a", "江北区", "01", 3, 1.5, True, "2020-01-01", None, ["x", "y"])
B = (None, "b", None, "02", None, None, None, None, None, None)
C = (shapely.box(0, 0, 4, 4, ccw=True), "c", 'quo"te', "02", 0, 2.0, False, None, None, [])


def test_a_feature_is_compact_geojson_with_its_fields_in_order_and_nulls_kept(
    store_of: StoreOf, table: TableOf
) -> None:
    store = store_of(table([C, A, B]))
    first, second = (one.decode() for one in store.page("parcels", Query(2)).features())
    assert first == (
        '{"type":"Feature","id":"a","geometry":{"type":"Point","coordinates":[1.0,2.0]},"properties":'
        '{"CODE":"a","NAME":"江北区","KIND":"01","FLOORS":3,"AREA":1.5,"LISTED":true,"SINCE":"2020-01-01",'
        '"UNTIL":null,"TAGS":["x","y"]}}'
    )
    assert '"geometry":null,' in second


def test_a_page_begins_where_it_is_told_and_tells_how_many_match(store_of: StoreOf, table: TableOf) -> None:
    store = store_of(table([A, B, C]))
    assert shape(store.page("parcels", Query(2))) == ([1, 2], 2, 3)
    assert shape(store.page("parcels", Query(2, 2))) == ([3], 1, 3)
    assert shape(store.page("parcels", Query(2, 99))) == ([], 0, 3)
    assert shape(store.page("parcels", Query(2, 99, Where(equals=(("KIND", "02"),))))) == ([], 0, 2)


def shape(page: Page) -> tuple[list[int], int, int]:
    """Keys of a page, how many texts it has, and how many features match."""
    return page.keys.tolist(), len(page.features()), page.matched


def test_a_layer_without_features_has_one_empty_page(store_of: StoreOf, table: TableOf) -> None:
    store = store_of(table([]))
    for where in (Where(), Where(boxes=((0, 0, 1, 1),)), Where(equals=(("NAME", "a"),))):
        assert shape(store.page("parcels", Query(10, where=where))) == ([], 0, 0)


def test_a_long_page_is_read_piece_by_piece(store_of: StoreOf, table: TableOf) -> None:
    long = "长" * 25_000
    store = store_of(table([(None, f"{i:03}", long, "01", *B[4:]) for i in range(40)]))
    page = store.page("parcels", Query(40, order=(SortKey("CODE", descending=True),)))
    pieces = list(page.texts)
    assert 5 < len(pieces) < 40
    assert all(sum(map(len, piece)) <= 2**18 for piece in pieces)
    ids = [json.loads(text)["id"] for piece in pieces for text in piece]
    assert ids == [f"{i:03}" for i in range(39, -1, -1)]


def test_an_item_is_found_by_its_id_and_any_other_id_is_not(store_of: StoreOf, table: TableOf) -> None:
    store = store_of(table([A, B, C]))
    assert store.item("parcels", "b").key == 2
    for wrong in ("", "B", "b ", "1", "'", "\0"):
        with pytest.raises(NotFound):
            store.item("parcels", wrong)
    with pytest.raises(NotFound, match="layer"):
        store.page("nowhere", Query(1))


def test_an_integer_id_has_one_spelling(store_of: StoreOf, table: TableOf, layer: Layer) -> None:
    fields = (layer.fields[0].model_copy(update={"type": "integer"}), *layer.fields[1:])
    numbered = layer.model_copy(update={"fields": fields})
    store = store_of(table([(None, number, *B[2:]) for number in (10, 9, -1)], numbered))
    assert [json.loads(one)["id"] for one in store.page("parcels", Query(5)).features()] == [-1, 9, 10]
    assert json.loads(store.item("parcels", "10").json)["id"] == 10
    for wrong in ("010", "+10", "10.0", "１０", " 10", "1" * 30, "1" * 5000, "a"):
        with pytest.raises(NotFound):
            store.item("parcels", wrong)


def test_features_far_apart_in_the_file_are_picked_in_order(store_of: StoreOf, table: TableOf) -> None:
    long = "长" * 20_000
    rows = [(None, f"{i:03}", long if i % 3 else "short", f"{i % 2:02}", *B[4:]) for i in range(40)]
    store = store_of(table(rows))
    odd = (("KIND", "01"),)
    assert [one["id"] for one in walk(store, limit=7, equals=odd)] == [f"{i:03}" for i in range(1, 40, 2)]
    page = store.page("parcels", Query(7, where=Where(equals=odd)))
    assert page.features() == [store.item("parcels", f"{i:03}").json for i in range(1, 15, 2)]


def test_a_release_deleted_under_the_reader_is_a_clear_error(
    tmp_path: Path, table: TableOf, write_release: Callable[..., Any]
) -> None:
    import shutil

    store = FileStore(tmp_path / "r", write_release(tmp_path / "r", table([A, B, C])))
    shutil.rmtree(tmp_path / "r")
    for ask in (
        lambda: store.page("parcels", Query(1)),
        lambda: store.page("parcels", Query(1, where=Where(equals=(("KIND", "01"),)))),
        lambda: store.item("parcels", "a"),
        lambda: store.window("parcels", 0, (0, 0, 1, 1)),
    ):
        with pytest.raises(ReleaseGone, match="gone"):
            ask()


def test_many_threads_get_the_same_answers(store_of: StoreOf, table: TableOf) -> None:
    from concurrent.futures import ThreadPoolExecutor

    rows = [(shapely.Point(i % 7, i % 5), f"{i:04}", None, f"0{i % 3}", *B[4:]) for i in range(500)]
    store = store_of(table(rows))
    asked = [
        Query(20, start, Where(boxes=((0, 0, x, 3),), equals=(("KIND", "01"),)))
        for start in (0, 50)
        for x in range(7)
    ]
    alone = [store.page("parcels", one).features() for one in asked]
    fresh = store_of(table(rows))
    with ThreadPoolExecutor(8) as threads:
        together = list(threads.map(lambda one: fresh.page("parcels", one).features(), asked * 20))
    assert together == alone * 20
