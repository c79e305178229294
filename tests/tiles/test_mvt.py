"""Tiles hold what shapely says lies in them: geometry, ids and attributes, decoded by an independent library."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import mapbox_vector_tile
import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely.geometry import shape

from tiles import grid, mvt, search
from tiles.columns import Attribute, build

SET = grid.get("WebMercatorQuad")
EXTENT, BUFFER = mvt.EXTENT, mvt.BUFFER
BOX = shapely.box(-BUFFER, -BUFFER, EXTENT + BUFFER, EXTENT + BUFFER)
TILE = (7, 52, 101)  # zoom, row, column; 104.06..106.88 E, 29.54..31.95 N

WEST, SOUTH, EAST, NORTH = SET.lonlat_box(*TILE)
LON = st.floats(WEST - 1, EAST + 1)
LAT = st.floats(SOUTH - 1, NORTH + 1)
POINT = st.tuples(LON, LAT)


def array(*geometries: Any) -> np.ndarray[Any, Any]:
    out = np.empty(len(geometries), dtype=object)
    out[:] = geometries
    return out


def tile_of(
    geometry: np.ndarray[Any, Any], address: tuple[int, int, int] = TILE, **fields: list[Any]
) -> bytes:
    attributes = [Attribute(name, values) for name, values in fields.items()]
    columns = build(geometry, np.arange(1, len(geometry) + 1, dtype=np.uint64), attributes)
    rows = search.rows(columns, SET.lonlat_box(*address, margin=BUFFER / EXTENT))
    return mvt.encode_layer("layer", columns, rows, SET.transform(*address), EXTENT, BUFFER)


def decoded(tile: bytes) -> list[dict[str, Any]]:
    options = {"y_coord_down": True}
    if not tile:
        return []
    return mapbox_vector_tile.decode(tile, default_options=options)["layer"]["features"]  # type: ignore[no-any-return]


def drawn(feature: dict[str, Any]) -> Any:
    """The area that a renderer fills: each exterior ring less its holes (which may run along the tile's border)."""
    parts = []
    for polygon in shapely.get_parts(shape(feature["geometry"])):
        exterior = shapely.make_valid(shapely.Polygon(polygon.exterior))
        holes = shapely.union_all([shapely.make_valid(shapely.Polygon(ring)) for ring in polygon.interiors])
        parts.append(shapely.difference(exterior, holes))
    return shapely.union_all(parts)


def in_tile_units(geometry: Any, address: tuple[int, int, int] = TILE) -> Any:
    zoom, row, col = address
    scale = 2**zoom * EXTENT

    def project(lonlat: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        lonlat = np.rint(lonlat * 1e7) / 1e7
        x = (lonlat[:, 0] + 180) / 360 * scale - col * EXTENT
        y = (1 - np.arcsinh(np.tan(np.radians(lonlat[:, 1]))) / np.pi) / 2 * scale - row * EXTENT
        return np.column_stack([x, y])

    return shapely.transform(geometry, project)


@given(st.lists(st.tuples(POINT, st.floats(0.001, 1.5), st.integers(3, 40)), min_size=1, max_size=12))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_polygons_are_what_shapely_clips_within_one_unit(
    discs: list[tuple[tuple[float, float], float, int]],
) -> None:
    polygons = array(
        *[
            shapely.Point(at).buffer(size, quad_segs=count).difference(shapely.Point(at).buffer(size / 3))
            for at, size, count in discs
        ]
    )
    features = {feature["id"]: drawn(feature) for feature in decoded(tile_of(polygons))}
    for number, polygon in enumerate(polygons, 1):
        expected = shapely.intersection(shapely.make_valid(in_tile_units(polygon)), BOX)
        if expected.area < 1e-3:
            continue
        found = features[number]
        assert shapely.symmetric_difference(found, expected).area <= 1.5 * max(expected.length, 4) + 4
        assert shapely.within(found, BOX.buffer(1))
    touched = {
        n
        for n, polygon in enumerate(polygons, 1)
        if shapely.intersects(in_tile_units(polygon), BOX.buffer(1e-6))
    }
    assert set(features) <= touched


@given(st.lists(st.lists(POINT, min_size=2, max_size=20, unique=True), min_size=1, max_size=8))
@settings(max_examples=150, deadline=None)
def test_lines_are_what_shapely_clips_within_one_unit(lines: list[list[tuple[float, float]]]) -> None:
    geometry = array(*[shapely.LineString(line) for line in lines])
    features = {feature["id"]: shape(feature["geometry"]) for feature in decoded(tile_of(geometry))}
    for number, line in enumerate(geometry, 1):
        expected = shapely.intersection(in_tile_units(line), BOX)
        if expected.length < 2:
            continue
        assert shapely.hausdorff_distance(features[number], expected, densify=0.2) <= 1.5


@given(st.lists(POINT, min_size=1, max_size=60))
@settings(max_examples=150, deadline=None)
def test_points_in_the_grown_tile_are_there_and_no_others(points: list[tuple[float, float]]) -> None:
    geometry = array(*[shapely.Point(point) for point in points])
    projected = [in_tile_units(point) for point in geometry]
    expected = {number for number, point in enumerate(projected, 1) if BOX.intersects(point)}
    found = {feature["id"]: shape(feature["geometry"]) for feature in decoded(tile_of(geometry))}
    assert set(found) == expected
    assert all(shapely.distance(found[number], projected[number - 1]) <= 1 for number in expected)


def test_exterior_rings_have_positive_area_and_holes_negative_whatever_the_input_winding() -> None:
    outside, hole = shapely.box(104.5, 30.5, 105, 31), shapely.box(104.6, 30.6, 104.9, 30.9)
    for ccw in (True, False):
        polygon = shapely.Polygon(
            shapely.box(*outside.bounds, ccw=ccw).exterior, [shapely.box(*hole.bounds, ccw=ccw).exterior]
        )
        [feature] = decoded(tile_of(array(polygon)))
        exterior, interior = (np.array(ring) for ring in feature["geometry"]["coordinates"])
        assert surveyor(exterior) > 0 > surveyor(interior)


def surveyor(ring: np.ndarray[Any, Any]) -> float:
    x, y = ring[:, 0], ring[:, 1]
    return float(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1]))


def test_a_polygon_that_covers_the_tile_fills_it_and_one_whose_hole_covers_it_is_not_there() -> None:
    around = shapely.box(WEST - 2, SOUTH - 2, EAST + 2, NORTH + 2)
    hole = shapely.box(WEST - 1, SOUTH - 1, EAST + 1, NORTH + 1)
    features = decoded(tile_of(array(around, around.difference(hole))))
    assert [feature["id"] for feature in features] == [1]
    assert shape(features[0]["geometry"]).equals(BOX)


def test_what_snapping_would_make_vanish_is_kept_as_the_smallest_shape() -> None:
    speck = shapely.Point(104.7, 30.7).buffer(1e-6)
    stroke = shapely.LineString([(104.7, 30.7), (104.7000002, 30.7)])
    features = decoded(tile_of(array(speck, stroke)))
    assert {feature["id"] for feature in features} == {1, 2}
    assert shape(features[0]["geometry"]).area == 1
    assert shape(features[1]["geometry"]).length == 1


def test_neighbours_that_share_vertices_share_them_in_the_tile() -> None:
    rng = np.random.default_rng(7)
    seeds = shapely.multipoints(rng.uniform([WEST - 1, SOUTH - 1], [EAST + 1, NORTH + 1], (400, 2)))
    cells = shapely.get_parts(shapely.voronoi_polygons(seeds))
    cells = shapely.set_precision(cells, 1e-7)
    filled = [drawn(feature) for feature in decoded(tile_of(array(*cells)))]
    together = shapely.union_all(filled)
    assert shapely.difference(BOX, together).area < 1
    assert sum(cell.area for cell in filled) - together.area < len(filled)


def test_a_ring_of_35000_vertices_is_drawn() -> None:
    angle = np.linspace(0, 2 * np.pi, 35_001)[:-1]
    radius = 0.5 + 0.05 * np.sin(angle * 300)
    ring = shapely.Polygon(np.column_stack([104.7 + radius * np.cos(angle), 30.9 + radius * np.sin(angle)]))
    [feature] = decoded(tile_of(array(ring)))
    expected = shapely.intersection(in_tile_units(ring), BOX)
    assert abs(shapely.make_valid(shape(feature["geometry"])).area / expected.area - 1) < 0.01


def test_values_keep_their_types_and_nulls_are_left_out() -> None:
    point = shapely.Point(104.7, 30.7)
    values = ["渝中区", -7, 2**40, 2.5, True, ["a", "b"], None]
    features = decoded(tile_of(array(*[point] * len(values)), value=values))
    by_id = {feature["id"]: feature["properties"] for feature in features}
    assert [by_id[n].get("value") for n in range(1, 8)] == ["渝中区", -7, 2**40, 2.5, True, '["a","b"]', None]
    assert "value" not in by_id[7]


def test_only_keys_and_values_that_are_used_are_in_the_tile() -> None:
    here, far = shapely.Point(104.7, 30.7), shapely.Point(0, 0)
    tile = tile_of(array(here, far), name=["here", "far"], other=[None, "x"])
    assert b"far" not in tile and b"other" not in tile and b"here" in tile


def test_a_feature_of_several_kinds_is_in_the_tile_as_each_under_one_id() -> None:
    mixed = shapely.GeometryCollection([shapely.Point(104.7, 30.7), shapely.box(104.8, 30.8, 104.9, 30.9)])
    features = decoded(tile_of(array(mixed)))
    assert [feature["id"] for feature in features] == [1, 1]
    assert {feature["geometry"]["type"] for feature in features} == {"Point", "Polygon"}


def test_null_and_empty_geometries_have_no_rows() -> None:
    columns = build(array(None, shapely.Point(), shapely.Polygon()), np.arange(3, dtype=np.uint64), [])
    assert len(columns.row_kind) == 0
    assert tile_of(array(None, shapely.Polygon())) == b""


@pytest.mark.parametrize("seed", [0, 1])
def test_bytes_do_not_depend_on_the_process(seed: int, root: Path) -> None:
    script = (
        "import hashlib,numpy as np,shapely;from tiles import grid,mvt,search;from tiles.columns import *;"
        "r=np.random.default_rng(3);g=shapely.buffer(shapely.points(r.uniform((104,30),(106,32),(300,2))),.02);"
        "c=build(g,np.arange(300,dtype=np.uint64),[Attribute('a',[str(i%7) for i in range(300)])]);"
        "s=grid.get('WebMercatorQuad');b=mvt.encode_layer('l',c,search.rows(c,s.lonlat_box(7,52,101)),s.transform(7,52,101));"
        "print(len(b),hashlib.sha256(b).hexdigest())"
    )
    answers = {
        subprocess.run(
            [sys.executable, "-c", script],
            cwd=root,
            env={**os.environ, "PYTHONHASHSEED": str(seed), "NUMBA_DISABLE_JIT": disabled},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for disabled in ("0", "1")
    }
    assert len(answers) == 1 and not answers.pop().startswith("0 ")
