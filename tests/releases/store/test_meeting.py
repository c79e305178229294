"""What meets a place is what shapely says of each geometry by itself, in whatever order and among whatever else."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from time import monotonic
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from config.models import Layer
from releases import cql2, envelopes, features, meeting, selection
from releases.cql2.nodes import SPATIAL
from releases.query import Frame, TooCostly, Where

#: One unit of the grid on which coordinates are published.
UNIT = 1e-7
#: Where the layers lie: on the equator too, where float32 has other steps than far from it.
CORNERS = [(104.0, 30.0), (-0.001, -0.001), (-179.999, 89.99)]
#: Features of a layer: a tree of one node, of two levels, of three.
COUNTS = (40, 700, 3_500)
PREDICATES: dict[str, Callable[[Any, Any], Any]] = {
    "s_intersects": shapely.intersects,
    "s_disjoint": shapely.disjoint,
    "s_equals": shapely.equals,
    "s_touches": shapely.touches,
    "s_within": shapely.within,
    "s_contains": shapely.contains,
    "s_overlaps": shapely.overlaps,
    "s_crosses": shapely.crosses,
}


class Place:
    """A layer's database, and the geometry of key i + 1, or None, at i.

    No dataclass, whose fields hypothesis would write.
    """

    def __init__(self, connection: sqlite3.Connection, layer: Layer, shapes: list[Any]) -> None:
        self.connection, self.layer = connection, layer
        self.shapes: Any = np.array(shapes, dtype=object)


@pytest.fixture(scope="module", name="places")
def the_places(layer: Layer, table: Callable[..., Any], tmp_path_factory: Any) -> Iterator[list[Place]]:
    """Layers of every kind of geometry, on a lattice, so that much of them is shared and much is not."""
    folder = tmp_path_factory.mktemp("meeting")
    found = []
    for corner, count in zip(CORNERS, COUNTS, strict=True):
        chance = np.random.default_rng(count)
        shapes = [None if i % 17 == 3 else drawn(chance, corner) for i in range(count)]
        rows = [(shape, f"{i:05}", None, None, i, *[None] * 5) for i, shape in enumerate(shapes)]
        path = folder / f"{count}.gpkg"
        features.write(table(rows), path, "EPSG:4490")
        connection = sqlite3.connect(path, isolation_level=None)
        found.append(Place(connection, layer, shapes))
    yield found
    for place in found:
        place.connection.close()


def drawn(chance: Any, corner: tuple[float, float], largest: int = 4) -> Any:
    """A geometry of any kind on a lattice of 12 x 12, by times moved by a few units of the grid."""

    def point() -> Any:
        xy = np.array(corner) + chance.integers(0, 12, 2) * 1e-4
        return np.round(xy + (chance.integers(-2, 3, 2) * UNIT if chance.random() < 0.3 else 0), 7)

    def line() -> Any:
        start = point()
        return shapely.LineString(
            np.round([start, start + 1e-4 * chance.integers(1, largest, 2), start + np.array((0, 3e-4))], 7)
        )

    def polygon() -> Any:
        (x, y), size = point(), chance.integers(1, largest + 1) * 1e-4
        whole = shapely.box(*np.round((x, y, x + size, y + size), 7))
        inner = shapely.box(*np.round((x + 1e-5, y + 1e-5, x + 6e-5, y + 8e-5), 7))
        star = shapely.Polygon(
            np.round([(x, y), (x + size, y), (x + 0.4 * size, y + 0.3 * size), (x, y + size)], 7)
        )
        return [whole, whole - inner, star][chance.integers(3)]

    kind = chance.integers(7)
    if kind == 3:
        return shapely.MultiPoint([point(), point()])
    if kind == 4:
        return shapely.MultiLineString([line(), line()])
    if kind == 5:
        return shapely.union(polygon(), polygon())
    if kind == 6:
        return shapely.GeometryCollection([shapely.Point(point()), polygon()])
    return [lambda: shapely.Point(point()), line, polygon][kind]()


@st.composite
def asked(draw: st.DrawFn) -> tuple[int, Any]:
    """Which layer, and a literal there: drawn like its features, one of them, large, or a box of any degree."""
    number = draw(st.integers(0, len(CORNERS) - 1))
    chance = np.random.default_rng(draw(st.integers(0, 2**32)))
    x, y = CORNERS[number]
    how = draw(st.sampled_from(["alike", "large", "box", "flat", "wide", "ring"]))
    if how == "alike":
        return number, drawn(chance, CORNERS[number], 9)
    low = np.round(np.array((x, y)) + chance.integers(-2, 12, 2) * 1e-4, 7)
    high = np.round(low + chance.integers(1, 12, 2) * 1e-4, 7)
    match how:
        case "large":
            middle, turn = (low + high) / 2, np.sort(chance.random(30)) * 2 * np.pi
            reach = chance.uniform(3e-4, 9e-4, 30)
            rim = np.round(middle + np.column_stack([reach * np.cos(turn), reach * np.sin(turn)]), 7)
            return number, shapely.make_valid(shapely.Polygon(rim))
        case "flat":
            return number, shapely.LineString([low, (high[0], low[1])])
        case "wide":
            return number, shapely.box(x - 1e-3, y - 1e-3, x + 5e-3, y + 5e-3)
        case "ring":
            around = shapely.box(x - 1e-3, y - 1e-3, x + 5e-3, y + 5e-3)
            return number, around - shapely.box(*low, *high)
    return number, shapely.box(*low, *high)


def expected(place: Place, op: str, literal: Any, swapped: bool) -> Any:
    """Keys by looking at every geometry, none prepared and without a tree; of null nothing is true."""
    pair = (literal, place.shapes) if swapped else (place.shapes, literal)
    return np.flatnonzero(PREDICATES[op](*pair) & ~shapely.is_missing(place.shapes)) + 1


def too_near(place: Place, literal: Any) -> Any:
    """Keys of lines that pass a corner of the literal nearer than numbers tell: GEOS says this or that."""
    prepared = shapely.from_wkb(shapely.to_wkb(literal))
    shapely.prepare(prepared)
    simple = shapely.get_type_id(place.shapes) != shapely.GeometryType.GEOMETRYCOLLECTION
    differs = shapely.contains(prepared, place.shapes) != shapely.within(place.shapes, literal)
    return np.flatnonzero(simple & differs) + 1


def checked(place: Place, op: str, literal: Any, swapped: bool, more: str = "") -> Any:
    args = [f"{shapely.to_wkt(literal, rounding_precision=7)}", "geometry"]
    return cql2.check(
        cql2.parse(f"{op.upper()}({', '.join(args if swapped else args[::-1])}){more}", "cql2-text"),
        place.layer,
    )


@settings(max_examples=60)
@given(asked=asked(), swapped=st.booleans(), least=st.integers(0, 100))
@pytest.mark.parametrize("op", SPATIAL)
def test_a_spatial_operator_finds_what_shapely_says_of_each(
    places: list[Place], op: str, asked: tuple[int, Any], swapped: bool, least: int
) -> None:
    place, literal = places[asked[0]], asked[1]
    filter = checked(place, op, literal, swapped)
    literal = shapely.from_wkb(filter.root.args[1].wkb)
    undecided = too_near(place, literal)
    wanted = np.setdiff1d(expected(place, op, literal, swapped), undecided)
    end = monotonic() + 60
    found = meeting.meeting(place.connection, place.layer, filter.root, None, end)
    assert np.setdiff1d(found, undecided).tolist() == wanted.tolist()
    # Among others: of more and of fewer features than are asked for one by one.
    for step in (1, 2, 30):
        among = np.arange(1 + least, len(place.shapes) + 1, step, dtype=np.uint32)
        found = meeting.meeting(place.connection, place.layer, filter.root, among, end)
        assert np.setdiff1d(found, undecided).tolist() == np.intersect1d(wanted, among).tolist()


@settings(max_examples=40)
@given(asked=asked(), swapped=st.booleans(), op=st.sampled_from(SPATIAL), least=st.integers(0, 3_000))
def test_with_other_conditions_it_finds_what_meets_all(
    places: list[Place], asked: tuple[int, Any], swapped: bool, op: str, least: int
) -> None:
    place, literal = places[asked[0]], asked[1]
    filter = checked(place, op, literal, swapped, f" AND FLOORS >= {least} AND NOT (FLOORS % 3 = 0)")
    literal = next(
        shapely.from_wkb(part.args[1].wkb) for part in filter.root.args if part.op.startswith("s_")
    )
    wanted = [
        key
        for key in expected(place, op, literal, swapped).tolist()
        if key - 1 >= least and (key - 1) % 3 != 0
    ]
    found = selection.select(place.connection, place.layer, Where(filter=filter))
    undecided = too_near(place, literal)
    assert np.setdiff1d(found, undecided).tolist() == np.setdiff1d(wanted, undecided).tolist()


@settings(max_examples=60)
@given(asked=asked(), step=st.sampled_from([None, 1, 40]))
def test_a_box_finds_what_touches_it_and_what_has_no_geometry(
    places: list[Place], asked: tuple[int, Any], step: int | None
) -> None:
    place, box = places[asked[0]], shapely.bounds(asked[1])
    literal = shapely.box(*box)
    if box[0] == box[2] or box[1] == box[3]:
        literal = shapely.LineString([box[:2], box[2:]])
    if (box[:2] == box[2:]).all():
        literal = shapely.Point(box[:2])
    nowhere = np.flatnonzero([shape is None for shape in place.shapes]) + 1
    wanted = np.union1d(expected(place, "s_intersects", literal, False), nowhere)
    among = None if step is None else np.arange(1, len(place.shapes) + 1, step, dtype=np.uint32)
    found = meeting.touching(place.connection, place.layer, (tuple(box.tolist()),), among, monotonic() + 60)
    assert found.tolist() == (wanted if among is None else np.intersect1d(wanted, among)).tolist()


def test_a_collection_whose_area_covers_a_hole_is_not_within(
    layer: Layer, table: Callable[..., Any], tmp_path: Any
) -> None:
    collection = shapely.GeometryCollection([shapely.Point(0.1, 0.1), shapely.box(0.3, 0.3, 0.7, 0.7)])
    features.write(table([(collection, "a", *[None] * 8)]), tmp_path / "one.gpkg", "EPSG:4490")
    place = Place(sqlite3.connect(tmp_path / "one.gpkg", isolation_level=None), layer, [collection])
    holed = shapely.box(0, 0, 1, 1) - shapely.box(0.4, 0.4, 0.6, 0.6)
    for literal, keys in ((holed, []), (shapely.box(0, 0, 1, 1), [1])):
        filter = checked(place, "s_within", literal, False)
        assert selection.select(place.connection, layer, Where(filter=filter)).tolist() == keys
        assert meeting.meeting(place.connection, layer, filter.root, None, monotonic() + 60).tolist() == keys
    place.connection.close()


def test_what_lies_inside_an_area_is_not_read(places: list[Place], monkeypatch: pytest.MonkeyPatch) -> None:
    place = places[2]
    filter = checked(place, "s_within", shapely.box(-180, 80, -170, 90), False)
    monkeypatch.setattr(meeting, "_geometries", lambda *args: iter(()) if not len(args[2]) else None)
    found = meeting.meeting(place.connection, place.layer, filter.root, None, monotonic() + 60)
    assert len(found) == sum(shape is not None for shape in place.shapes)


@pytest.mark.parametrize("late", ["before", "while reading"])
def test_a_shape_that_takes_too_long_is_given_up(
    places: list[Place], monkeypatch: pytest.MonkeyPatch, late: str
) -> None:
    place = places[1]
    filter = checked(place, "s_crosses", shapely.LineString([(0, 0), (0.001, 0.001)]), False)
    now = monotonic()
    if late == "while reading":
        monkeypatch.setattr(envelopes, "monotonic", lambda: now)
    with pytest.raises(TooCostly):
        meeting.meeting(place.connection, place.layer, filter.root, None, now)


def test_many_geometries_are_decided_some_at_a_time(
    places: list[Place], monkeypatch: pytest.MonkeyPatch
) -> None:
    place = places[1]
    filter = checked(place, "s_intersects", shapely.LineString([(-0.01, -0.01), (0.01, 0.01)]), False)
    wanted = expected(place, "s_intersects", shapely.from_wkb(filter.root.args[1].wkb), False)
    monkeypatch.setattr(meeting, "_BATCH", 500)
    monkeypatch.setattr(envelopes, "_NODES", 2)
    found = meeting.meeting(place.connection, place.layer, filter.root, None, monotonic() + 60)
    assert found.tolist() == wanted.tolist()


def test_a_layer_without_any_geometry_meets_nothing_but_boxes(
    layer: Layer, table: Callable[..., Any], tmp_path: Any
) -> None:
    features.write(table([(None, "a", *[None] * 8)]), tmp_path / "bare.gpkg", "EPSG:4490")
    connection = sqlite3.connect(tmp_path / "bare.gpkg", isolation_level=None)
    place = Place(connection, layer, [None])
    end = monotonic() + 60
    for op in SPATIAL:
        root = checked(place, op, shapely.box(-180, -90, 180, 90), False).root
        assert not len(meeting.meeting(connection, layer, root, None, end))
    frame = Frame((0, 0, 1, 1), "EPSG:3857", None, None)
    for where in ((0.0, 0.0, 1.0, 1.0), frame):
        assert meeting.touching(connection, layer, (where,), None, end).tolist() == [1]
    connection.close()
