"""A layer is a message as the specification wants it: ids, keys and values, and the same bytes every time."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import mapbox_vector_tile
import numpy as np
import pytest
import shapely

from tiles import grid, mvt, search
from tiles.columns import build

from .conftest import HERE, Array, Place, array, columns_of, decoded, encoded, message, tile_of

SPOT = shapely.Point(105.4, 30.7)


def test_the_layer_states_its_version_name_and_extent() -> None:
    layer = message(tile_of(array(SPOT), Place(extent=512, buffer=8)))
    assert (layer.version, layer.name, layer.extent) == (2, "layer", 512)


def test_values_keep_their_types_and_nulls_are_left_out() -> None:
    values = [
        "渝中区",
        -7,
        2**40,
        2.5,
        True,
        False,
        ["a", "b"],
        "",
        0,
        -(2**63),
        2**64 - 1,
        None,
        float("nan"),
    ]
    features = decoded(tile_of(array(*[SPOT] * len(values)), value=values))
    found = [feature["properties"].get("value") for feature in sorted(features, key=lambda one: one["id"])]
    expected = [*values[:6], '["a","b"]', *values[7:-1], None]
    assert [(type(value), value) for value in found] == [(type(value), value) for value in expected]


def test_only_keys_and_values_that_are_used_are_in_the_tile() -> None:
    tile = tile_of(
        array(SPOT, SPOT, shapely.Point(0, 0)), name=["here", "here", "far"], other=[None, None, "x"]
    )
    layer = message(tile)
    assert list(layer.keys) == ["name"] and [value.string_value for value in layer.values] == ["here"]
    assert [list(feature.tags) for feature in layer.features] == [[0, 0], [0, 0]]


def test_tags_follow_the_order_of_fields_and_numbers_the_order_of_rows() -> None:
    east = shapely.Point(105.5, 30.7)
    layer = message(tile_of(array(SPOT, east), a=[None, "1"], b=["2", "3"], c=["4", None]))
    names = [list(layer.keys)[feature.tags[place]] for feature in layer.features for place in range(0, 4, 2)]
    assert names in (["b", "c", "a", "b"], ["a", "b", "b", "c"])
    assert layer.features[0].tags == [0, 0, 1, 1]


def test_a_layer_without_fields_and_one_of_nulls_have_no_tags() -> None:
    for fields in ({}, {"a": [None], "b": [None]}):
        layer = message(tile_of(array(SPOT), **fields))  # type: ignore[arg-type]
        assert not layer.keys and not layer.values and not layer.features[0].tags


def test_many_fields_and_many_values_find_their_features() -> None:
    count = 3000
    places = shapely.points(np.random.default_rng(1).uniform(HERE.lonlat[:2], HERE.lonlat[2:], (count, 2)))
    fields = {f"f{i}": [f"{i}-{n}" if (n + i) % 3 else n // 7 for n in range(count)] for i in range(12)}
    features = decoded(tile_of(places, **fields))  # type: ignore[arg-type]
    assert len(features) == count
    for feature in features:
        assert feature["properties"] == {name: values[feature["id"] - 1] for name, values in fields.items()}


def test_ids_are_those_of_the_columns_up_to_64_bits() -> None:
    columns = build(array(SPOT, SPOT), np.array([0, 2**64 - 1], dtype=np.uint64), [])
    assert [feature.id for feature in message(encoded(columns)).features] == [0, 2**64 - 1]


def test_a_feature_of_several_kinds_is_in_the_tile_as_each_under_one_id() -> None:
    mixed = shapely.GeometryCollection([SPOT, shapely.box(104.8, 30.8, 104.9, 30.9)])
    features = decoded(tile_of(array(mixed), name=["both"]))
    assert [(feature["id"], feature["properties"]) for feature in features] == [(1, {"name": "both"})] * 2
    assert {feature["geometry"]["type"] for feature in features} == {"Point", "Polygon"}


def test_a_tile_in_which_nothing_lies_is_empty() -> None:
    assert tile_of(array(None, shapely.Polygon())) == b""
    assert tile_of(array(shapely.Point(0, 0))) == b""
    columns = columns_of(array(shapely.Point(0, 0)))  # a candidate that turns out to be elsewhere
    transform = grid.get("WebMercatorQuad").transform(*HERE[:3])
    assert mvt.encode_layer("layer", columns, np.array([0]), transform) == b""


def test_layers_are_joined_by_putting_them_one_after_the_other() -> None:
    columns = columns_of(array(SPOT))
    rows, transform = np.array([0]), grid.get("WebMercatorQuad").transform(*HERE[:3])
    tile = mvt.join(mvt.encode_layer(name, columns, rows, transform) for name in ("一", "two"))
    assert sorted(mapbox_vector_tile.decode(tile)) == ["two", "一"]


def test_a_tile_has_every_feature_that_the_search_finds_in_the_tile_itself(mosaic: Array) -> None:
    columns = columns_of(mosaic)
    rows = search.rows(columns, HERE.lonlat)
    touching = shapely.intersects(mosaic, shapely.box(*HERE.lonlat))
    found = {feature["id"] for feature in decoded(encoded(columns))}
    assert set((np.flatnonzero(touching) + 1).tolist()) <= found
    assert len(found) >= len(rows) - 1


def test_bytes_do_not_depend_on_threads(mosaic: Array) -> None:
    columns = columns_of(mosaic, name=[f"n{i % 9}" for i in range(len(mosaic))])
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(lambda _: encoded(columns), range(64)))) == 1


SCRIPT = """
import hashlib, numpy as np, shapely
from tiles import grid, mvt, search
from tiles.columns import Attribute, build
rng = np.random.default_rng(3)
shapes = shapely.buffer(shapely.points(rng.uniform((104, 30), (106, 32), (200, 2))), 0.02)
shapes[::3] = shapely.boundary(shapes[::3])
shapes[::5] = shapely.centroid(shapes[::5])
names = Attribute("a", [str(i % 7) for i in range(200)])
columns = build(shapes, np.arange(200, dtype=np.uint64), [names])
tms = grid.get("WebMercatorQuad")
for address in ((7, 52, 101), (9, 210, 405), (4, 6, 12)):
    rows = search.rows(columns, tms.lonlat_box(*address))
    tile = mvt.encode_layer("l", columns, rows, tms.transform(*address))
    print(len(tile), hashlib.sha256(tile).hexdigest())
"""


def test_bytes_do_not_depend_on_the_process_nor_on_being_compiled(root: Path) -> None:
    answers = {
        subprocess.run(
            [sys.executable, "-c", SCRIPT],
            cwd=root,
            env={**os.environ, "PYTHONPATH": str(root), "PYTHONHASHSEED": seed, "NUMBA_DISABLE_JIT": plain},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed, plain in (("0", "0"), ("1", "1"))
    }
    assert len(answers) == 1 and "0 " not in [line[:2] for line in answers.pop().splitlines()]


@pytest.mark.parametrize("extent, buffer", [(4096, 0), (256, 256), (16384, 64)])
def test_any_extent_and_buffer_serve(mosaic: Array, extent: int, buffer: int) -> None:
    place = Place(extent=extent, buffer=buffer)
    layer = message(tile_of(mosaic, place))
    assert layer.extent == extent and len(layer.features) >= 90
