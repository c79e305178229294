"""The planter of faults: what it writes down is there, nothing else is changed, and the seed decides."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import pyproj
import pytest
import shapely
import yaml
from hypothesis import given
from hypothesis import strategies as st

from config.models import Service
from config.rules import RULES
from releases.demo import dirty
from releases.demo.boundaries import boundaries
from releases.demo.builder import SEED, deliveries_of
from releases.demo.dirty import features, planted
from releases.demo.dirty.figures import Edge, Frame, bent, room, sharpest
from releases.demo.dirty.ground import Ground
from releases.demo.dirty.shifts import bd09, gcj02
from releases.demo.lattice import STEPS
from releases.demo.rows import Rows
from releases.progress import silent

Sources = dict[tuple[str, str], Rows]


@pytest.fixture(scope="module")
def rows(demo: Service) -> Sources:
    """All rows of the demo before they are written."""
    found: defaultdict[tuple[str, str], list[Rows]] = defaultdict(list)
    for layer, authority, some in deliveries_of(demo, boundaries(demo.cache), 2000, SEED, silent):
        found[layer, authority].append(some)
    return {source: Rows.joined(parts) for source, parts in found.items()}


def grown(demo: Service, rows: Sources, seed: int, faults: int = 100) -> Ground:
    ground = Ground(demo, rows, seed)
    features.plant(ground, faults)
    return ground


def changed(before: Rows, after: Rows) -> set[int]:
    """Indices of rows that differ in any value or in the geometry."""
    different = {
        k
        for name, column in after.values.items()
        for k, value in enumerate(column)
        if value != before.values[name][k]
    }
    return different | {k for k, shape in enumerate(after.geometry) if shape is not before.geometry[k]}


def test_the_seed_alone_decides_what_is_planted(demo: Service, rows: Sources) -> None:
    one, again, other = (grown(demo, rows, seed) for seed in (7, 7, 8))
    told = [[fault.as_json() for fault in ground.planted] for ground in (one, again, other)]
    assert told[0] == told[1] != told[2]
    assert all(_equal(part, again.rows[source]) for source, part in one.rows.items())


def _equal(one: Rows, other: Rows) -> bool:
    return [str(g) for g in one.geometry] == [str(g) for g in other.geometry] and all(
        column.tolist() == other.values[name].tolist() for name, column in one.values.items()
    )


def test_only_features_that_are_written_down_are_changed(demo: Service, rows: Sources) -> None:
    ground = grown(demo, rows, 7, 300)
    told: defaultdict[tuple[str, str], set[int]] = defaultdict(set)
    for fault in ground.planted:
        for party in fault.parties:
            told[party.layer or "", party.authority or ""].add((party.row or 0) - 1)
    for source, part in ground.rows.items():
        assert changed(rows[source], part) <= told[source], source


def test_no_feature_bears_two_faults(demo: Service, rows: Sources) -> None:
    ground = grown(demo, rows, 7, 300)
    first = Counter(fault.parties[0] for fault in ground.planted)
    assert max(first.values()) == 1


def test_faults_are_spread_over_the_rules(demo: Service, rows: Sources) -> None:
    count = Counter(fault.rule for fault in grown(demo, rows, 3, 500).planted)
    assert sum(count.values()) >= 500 and count.keys() == features.planters().keys()
    assert min(count.values()) >= 10


def test_too_many_faults_for_the_ground_are_refused(demo: Service, rows: Sources) -> None:
    with pytest.raises(ValueError, match="there is room for"):
        grown(demo, rows, 7, 50_000)


@pytest.mark.parametrize(("zones", "faults"), [(100, 500), (41_000, 500), (2000, 49), (2000, 100_001)])
def test_numbers_out_of_bounds_are_refused(
    demo: Service, root: Path, tmp_path: Path, zones: int, faults: int
) -> None:
    with pytest.raises(ValueError, match="expected"):
        dirty.build(root / "config" / "service.yml", demo, tmp_path / "dirty", 1, zones, faults)


def test_a_folder_that_holds_something_else_is_left_alone(demo: Service, root: Path, tmp_path: Path) -> None:
    (tmp_path / "plan.gpkg").write_bytes(b"precious")
    with pytest.raises(dirty.NotDirty) as caught:
        dirty.build(root / "config" / "service.yml", demo, tmp_path, 1, 2000)
    assert "something else" in caught.value.message.en
    assert [path.name for path in tmp_path.iterdir()] == ["plan.gpkg"]


@given(lon=st.floats(98, 110), lat=st.floats(26, 34))
def test_the_shifts_are_some_hundred_metres_and_those_known_for_two_cities(lon: float, lat: float) -> None:
    away = pyproj.Geod(ellps="GRS80")
    place = np.array([[lon, lat]])
    for shift, least, most in ((gcj02, 150, 800), (bd09, 600, 1600)):
        (there,) = shift(place)
        assert least < away.inv(lon, lat, *there)[2] < most


def test_chengdu_and_chongqing_are_shifted_as_everybody_measures() -> None:
    geod = pyproj.Geod(ellps="GRS80")
    for place, east, north in (((104.0647, 30.6571), 240, -269), ((106.5770, 29.5575), 357, -320)):
        (there,) = gcj02(np.array([place]))
        azimuth, _, distance = geod.inv(*place, *there)
        assert distance * np.sin(np.radians(azimuth)) == pytest.approx(east, abs=15)
        assert distance * np.cos(np.radians(azimuth)) == pytest.approx(north, abs=15)


@given(turn=st.integers(0, 359), depth=st.floats(-80, 80).filter(lambda metres: abs(metres) > 5))
def test_a_bent_edge_is_the_edge_and_one_vertex_more(turn: int, depth: float) -> None:
    corners = Frame(104, 30).ring(
        *((300 * np.cos(np.radians(turn + k)), 300 * np.sin(np.radians(turn + k))) for k in (0, 80, 170, 260))
    )
    square = shapely.MultiPolygon([shapely.Polygon(corners)])
    steps = np.rint(np.array(corners) * STEPS).astype(int).tolist()
    edge = Edge(tuple(steps[0]), tuple(steps[1]))
    apex = edge.beside(depth)
    shape = bent(square, edge, apex)
    assert len(shapely.get_coordinates(shape)) == len(shapely.get_coordinates(square)) + 1
    # The ring is counter-clockwise, so right of the edge is outside.
    difference = shapely.area(shape) - shapely.area(square)
    assert difference == pytest.approx(np.sign(depth) * edge.triangle(apex).area, rel=1e-6)
    assert bent(square, Edge((0, 0), (1, 1)), apex) is None


def test_angles_are_measured_in_metres() -> None:
    frame = Frame(104, 30)
    needle = shapely.Polygon(frame.ring((0, 0), (0, 1), (100, 0.5)))
    assert sharpest(needle) == pytest.approx(np.degrees(2 * np.arctan(0.005)), rel=0.05)
    assert sharpest(shapely.Polygon(frame.ring((0, 0), (100, 0), (100, 100), (0, 100)))) == pytest.approx(
        90, abs=0.1
    )


def test_there_is_room_in_a_polygon_of_one_part_only() -> None:
    square = shapely.Polygon(Frame(104, 30).ring((0, 0), (400, 0), (400, 400), (0, 400)))
    found = room(shapely.MultiPolygon([square]), 60)
    assert found is not None and 100 < found[1] < 200
    assert shapely.contains(square, shapely.Polygon(found[0].circle(found[1])))
    assert room(shapely.MultiPolygon([square]), 300) is None
    far = shapely.transform(square, lambda xy: xy + 1)
    assert room(shapely.MultiPolygon([square, far]), 60) is None


def test_every_rule_that_there_is_has_been_planted(dirty_demo: Path) -> None:
    cases = json.loads((dirty_demo / planted.NAME).read_text("utf-8"))["cases"]
    faults = [fault for case in cases for fault in planted.read(dirty_demo / case["id"])]
    assert {fault.rule for fault in faults if fault.consequence_of is None} == RULES.keys()
    assert [case["planted"] for case in cases] == [
        len(planted.read(dirty_demo / case["id"])) for case in cases
    ]


def test_every_case_says_that_it_is_dirty_and_synthetic(dirty_demo: Path) -> None:
    for case in json.loads((dirty_demo / planted.NAME).read_text("utf-8"))["cases"]:
        note = yaml.safe_load((dirty_demo / case["id"] / "data/sichuan/delivery.yml").read_text("utf-8"))
        assert "dirty demo" in note["note"]["en"] and "脏数据" in note["note"]["zh"]
        for about in note["layers"].values():
            assert about["nature"] == "synthetic" and "dirty demo" in about["note"]["en"]
    clean = yaml.safe_load((dirty_demo / "clean/data/sichuan/delivery.yml").read_text("utf-8"))
    assert "note" not in clean


def test_a_case_that_changes_a_file_leaves_the_clean_one_alone(dirty_demo: Path) -> None:
    with sqlite3.connect(dirty_demo / "clean/data/joint/joint.gpkg") as clean:
        names = {row[1] for row in clean.execute('PRAGMA table_info("world_heritage")')}
    clean.close()
    assert "SFSY" in names
    assert (dirty_demo / "clean/data/chongqing/STBHHX.shx").is_file()
    assert not (dirty_demo / "sources/data/chongqing/STBHHX.shx").exists()


def test_what_is_written_down_is_read_back(dirty_demo: Path) -> None:
    faults = planted.read(dirty_demo / "features")
    document = json.loads((dirty_demo / "features" / planted.NAME).read_text("utf-8"))
    assert [fault.as_json() for fault in faults] == document["planted"]
    assert document["count"] == len(faults) and document["seed"] == 20352035


def test_a_dirty_demo_takes_the_place_of_an_earlier_one(
    dirty_demo: Path, demo: Service, root: Path, tmp_path: Path
) -> None:
    old = tmp_path / "dirty"
    old.mkdir()
    (old / planted.NAME).write_text("{}")
    (old / "rest.txt").write_text("of the earlier one")
    dirty.build(root / "config" / "service.yml", demo, old, 20352035, 2000, 160)
    assert not (old / "rest.txt").exists()
    # The same seeds, the same bytes.
    for name in (
        "features/planted.json",
        "features/data/sichuan/sichuan.gpkg",
        "history/data/chongqing/GHFQ.dbf",
    ):
        assert (old / name).read_bytes() == (dirty_demo / name).read_bytes(), name
