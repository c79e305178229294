"""Boxes in other CRSs find what pyproj and shapely find by looking at every feature."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from config.models import Box
from releases import crs, frames
from releases.filestore import FileStore
from releases.query import Frame, Query, Where

DECIMALS = {"EPSG:4258": 7}
#: Zones and the web, a conic of Asia, one round the pole, one that tears at 30 degrees west, degrees of another datum.
CODES = (
    "EPSG:4523",
    "EPSG:4524",
    "EPSG:3857",
    "EPSG:32648",
    "ESRI:102012",
    "EPSG:3575",
    "EPSG:3832",
    "EPSG:4258",
)


@lru_cache
def shown_by(code: str) -> Callable[..., Any]:
    source = "EPSG:4490" if code.startswith("EPSG:45") else "OGC:CRS84"
    return pyproj.Transformer.from_crs(source, code, always_xy=True).transform


def shown(shape: Any, code: str) -> Any:
    """A geometry as the server shows it, by pyproj and numpy alone; None where there are no coordinates."""
    if shape is None:
        return None
    found = shapely.transform(
        shape, lambda xy: np.column_stack(shown_by(code)(*xy.T)).round(DECIMALS.get(code, 3))
    )
    return found if np.isfinite(shapely.get_coordinates(found)).all() else None


def rectangle(box: Box) -> Any:
    xmin, ymin, xmax, ymax = box
    if xmin == xmax or ymin == ymax:
        return shapely.LineString([(xmin, ymin), (xmax, ymax)])
    return shapely.box(*box)


class Place(NamedTuple):
    """A store of one layer, what is in it, and where it lies."""

    store: FileStore
    layer: Any
    shapes: list[Any]


def scattered(seed: int, west: float, south: float, east: float, north: float, size: float) -> list[Any]:
    """Geometries of every kind, of sizes up to `size` of the area, some with edges from end to end."""
    chance = np.random.default_rng(seed)

    def near(count: int) -> Any:
        at = chance.uniform((west, south), (east, north))
        reach = np.array([east - west, north - south]) * size * chance.random()
        return np.round(
            np.clip(at + reach * chance.uniform(-1, 1, (count, 2)), (west, south), (east, north)), 7
        )

    def polygon() -> Any:
        return shapely.MultiPoint(near(3)).convex_hull

    shapes: list[Any] = [None]
    for _ in range(40):
        shapes += [
            shapely.Point(near(1)[0]),
            shapely.MultiPoint(near(3)),
            shapely.LineString(near(3)),
            shapely.MultiLineString([near(2), near(2)]),
            polygon(),
            shapely.GeometryCollection([shapely.Point(near(1)[0]), shapely.LineString(near(2))]),
        ]
    shapes.append(
        shapely.box(west, south, east, north).difference(
            shapely.Point((west + east) / 2, (south + north) / 2).buffer(0.1)
        )
    )
    return shapes


AREAS = {
    "Sichuan, small": scattered(1, 97.2, 25.9, 110.3, 34.4, 0.02),
    "Sichuan, large": scattered(2, 97.2, 25.9, 110.3, 34.4, 1.0),
    "a town": scattered(3, 106.5, 29.5, 106.51, 29.51, 0.1),
    "the north": scattered(4, -179.0, 50.0, 179.0, 89.0, 0.1),
}


@pytest.fixture(scope="module")
def places(table: Any, write_release: Any) -> Any:
    with TemporaryDirectory() as folder:
        made = {}
        for i, (name, shapes) in enumerate(AREAS.items()):
            rows = [
                (shape, f"{k:04}", None, None, k, None, None, None, None, None)
                for k, shape in enumerate(shapes)
            ]
            manifest = write_release(Path(folder) / str(i), table(rows))
            store = FileStore(Path(folder) / str(i), manifest)
            made[name] = Place(store, manifest.layers[0], shapes)
        yield made


def found(place: Place, box: Box, code: str) -> list[int]:
    where = Where(frames=(frames.frame(box, code, place.layer),))
    page = place.store.page(place.layer.id, Query(10_000, where=where))
    assert page.matched == len(page.keys)
    return [int(key) - 1 for key in page.keys]


def expected(place: Place, box: Box, code: str) -> list[int]:
    seen, of = rectangle(box), expected_shapes(id(place), code, place)
    nowhere = [i for i, shape in enumerate(place.shapes) if shape is None]
    return sorted(
        {*nowhere, *(i for i, shape in enumerate(of) if shape is not None and shape.intersects(seen))}
    )


_SHOWN: dict[tuple[int, str], list[Any]] = {}


def expected_shapes(name: int, code: str, place: Place) -> list[Any]:
    if (name, code) not in _SHOWN:
        _SHOWN[name, code] = [shown(shape, code) for shape in place.shapes]
    return _SHOWN[name, code]


@settings(max_examples=400)
@given(
    area=st.sampled_from(sorted(AREAS)),
    code=st.sampled_from(CODES),
    at=st.integers(1, 240),
    size=st.floats(-2, 7),
    ratio=st.floats(0, 4),
    shift=st.tuples(st.floats(-1, 1), st.floats(-1, 1)),
)
def test_a_box_finds_what_touches_it_as_it_is_shown(
    places: Any, area: str, code: str, at: int, size: float, ratio: float, shift: tuple[float, float]
) -> None:
    place = places[area]
    x, y = shapely.get_coordinates(place.shapes[at])[0]
    if not np.isfinite(middle := shown_by(code)(x, y)).all():
        middle = (0.0, 0.0)
    width = 10**size * (1e-5 if code in DECIMALS else 1)
    corner = [m + s * width for m, s in zip(middle, shift)]
    box = (
        corner[0] - width / 2,
        corner[1] - width * ratio / 2,
        corner[0] + width / 2,
        corner[1] + width * ratio / 2,
    )
    assert found(place, box, code) == expected(place, box, code)


@pytest.mark.parametrize("area", AREAS)
@pytest.mark.parametrize("code", CODES)
def test_a_box_round_everything_finds_everything_and_one_elsewhere_nothing(
    places: Any, area: str, code: str
) -> None:
    place = places[area]
    assert found(place, (-1e9, -1e9, 1e9, 1e9), code) == expected(place, (-1e9, -1e9, 1e9, 1e9), code)
    # The first feature has no geometry, and is in every box.
    assert found(place, (7e8, 7e8, 8e8, 8e8), code) == [0]
    assert found(place, (-1e300, -1e300, -1e299, 1e300), code) == [0]


@pytest.mark.parametrize("code", CODES)
def test_the_edge_of_a_box_belongs_to_it(places: Any, code: str) -> None:
    place = places["a town"]
    for at in (1, 2, 3, 5, 7):
        xmin, ymin, xmax, ymax = shown(place.shapes[at], code).bounds
        step = 10.0 ** -DECIMALS.get(code, 3)
        assert (
            at in found(place, (xmax, ymax, xmax + 9 * step, ymax), code)
            or place.shapes[at].geom_type != "Point"
        )
        for box in ((xmax, ymin - 9, xmax + 9, ymax + 9), (xmin - 9, ymax, xmax + 9, ymax + 9)):
            assert at in found(place, box, code)
        for box in ((xmax + step, ymin - 9, xmax + 9, ymax + 9), (xmin - 9, ymin - 9, xmax + 9, ymin - step)):
            assert at not in found(place, box, code)


@pytest.mark.parametrize("code", ["EPSG:4523", "EPSG:3857", "EPSG:32648"])
def test_few_features_are_looked_at_that_the_box_does_not_cut(places: Any, code: str) -> None:
    layer = places["Sichuan, small"].layer.model_copy(update={"span": (0.1, 0.1)})
    west, south, east, north = layer.extent
    x, y = shown_by(code)((west + east) / 2, (south + north) / 2)
    frame = frames.frame((x - 1e5, y - 1e5, x + 1e5, y + 1e5), code, layer)
    assert frame.near is not None and frame.inside is not None
    assert area(frame.inside) > 0.6 * area(frame.near)
    assert area(frame.near) < 0.05 * area(layer.extent)
    whole = frames.frame((-1e9, -1e9, 1e9, 1e9), code, layer)
    assert whole.near == whole.inside


def area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


def test_a_layer_without_a_geometry_is_in_every_box(table: Any, write_release: Any, tmp_path: Path) -> None:
    manifest = write_release(
        tmp_path / "one", table([(None, "a", None, None, 1, None, None, None, None, None)])
    )
    frame = frames.frame((0.0, 0.0, 1e9, 1e9), "EPSG:4523", manifest.layers[0])
    assert frame == Frame((0.0, 0.0, 1e9, 1e9), "EPSG:4523", None, None)
    store = FileStore(tmp_path / "one", manifest)
    assert store.page("parcels", Query(10, where=Where(frames=(frame,)))).matched == 1


def test_boxes_of_two_frames_find_what_touches_either(places: Any) -> None:
    place = places["Sichuan, large"]
    one, two = (1.15e7, 3.4e6, 1.16e7, 3.5e6), (1.18e7, 3.5e6, 1.19e7, 3.6e6)
    where = Where(frames=tuple(frames.frame(box, "EPSG:3857", place.layer) for box in (one, two)))
    assert not where.everything
    keys = place.store.page(place.layer.id, Query(10_000, where=where)).keys
    either = {*expected(place, one, "EPSG:3857"), *expected(place, two, "EPSG:3857")}
    assert [int(key) - 1 for key in keys] == sorted(either)


def test_digits_are_those_of_the_unit() -> None:
    assert {code: crs.digits(code) for code in CODES} == {code: DECIMALS.get(code, 3) for code in CODES}
