"""Features changed in place are published as a whole publish would, and everything else is published as a whole."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import config
from config.models import Service
from releases.publication import Outcome, publish
from releases.release import Catalogue, Release, verify
from tiles import columnfile


@dataclass(frozen=True)
class Ground:
    """A service in a folder of its own."""

    path: Path

    @property
    def service(self) -> Service:
        return config.load(self.path)

    def publish(self, **environment: str) -> Outcome:
        return publish(config.load(self.path, environment))

    def current(self, published: str = "published") -> Release:
        return Catalogue(self.path.parent / published).current()

    def edit(self, name: str, change: Callable[[list[dict[str, Any]]], None]) -> None:
        """Change the features of a source, which keeps its order."""
        path = self.path.parent / "data" / f"{name}.geojson"
        document = json.loads(path.read_text())
        change(document["features"])
        path.write_text(json.dumps(document, ensure_ascii=False))

    def anew(self) -> Release:
        """The same sources published as a whole, from nothing."""
        outcome = self.publish(BLUEPRINT_PUBLISHED=str(self.path.parent / "anew"))
        assert (outcome.status, outcome.amended) == ("published", None)
        return self.current("anew")


@pytest.fixture
def ground(region: Callable[..., Path]) -> Ground:
    """The region, published."""
    found = Ground(region())
    assert found.publish().amended is None
    return found


def feature(rows: list[dict[str, Any]], code: str | int) -> dict[str, Any]:
    """The row of an id."""
    names = ("CODE", "NUMBER")
    return next(row for row in rows if any(row["properties"].get(name) == code for name in names))


def rows_of(package: Path) -> dict[str, list[Any]]:
    """What a GeoPackage holds, table by table."""
    with closing(sqlite3.connect(package)) as connection:
        tables = [
            name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        ]
        shown = [name for name in tables if not name.startswith(("sqlite_", "rtree_"))]
        return {name: sorted(connection.execute(f'SELECT * FROM "{name}"'), key=repr) for name in shown}


def boxes_of(package: Path, layer: str) -> list[Any]:
    with closing(sqlite3.connect(package)) as connection:
        return sorted(connection.execute(f'SELECT * FROM "rtree_{layer}_geom"'))


def alike(one: Release, other: Release) -> None:
    """Two releases have the same content, and their files say the same."""
    assert one.id == other.id
    assert verify(one) == () and verify(other) == ()
    for ours, theirs in zip(one.manifest.layers, other.manifest.layers, strict=True):
        assert ours.model_dump(exclude={"levels"}) == theirs.model_dump(exclude={"levels"})
        same = (ours.file, ours.offsets, ours.tree, ours.attributes, ours.search, *ours.downloads.values())
        for name in (name for name in same if name and name != ours.package):
            assert (one.path / name).read_bytes() == (other.path / name).read_bytes(), name
        packages = one.path / ours.package, other.path / ours.package
        assert rows_of(packages[0]) == rows_of(packages[1])
        assert boxes_of(packages[0], ours.id) == boxes_of(packages[1], ours.id)
        for level, other_level in zip(ours.levels, theirs.levels, strict=True):
            assert level == other_level
            a, b = (columnfile.read(path.path / level.file) for path in (one, other))
            assert np.array_equal(a.xy, b.xy) and np.array_equal(a.row_feature, b.row_feature)


def test_values_of_some_features_are_amended(ground: Ground) -> None:
    def change(rows: list[dict[str, Any]]) -> None:
        feature(rows, "north-0017")["properties"] |= {"AREA": 1e-7, "KIND": None}
        feature(rows, "north-0299")["properties"] |= {"KIND": "01"}

    ground.edit("north", change)
    ground.edit("posts", lambda rows: feature(rows, 21)["properties"].update(NAME="又一桩", SET="2019-05-06"))
    outcome = ground.publish()
    assert (outcome.status, outcome.amended) == ("published", ("parcels", "posts"))
    alike(ground.current(), ground.anew())


def test_a_corner_that_four_parcels_share_is_amended(ground: Ground) -> None:
    def change(rows: list[dict[str, Any]]) -> None:
        # Of the four round 1.25, 0.25: every ring has the corner.
        moved = 0
        for row in rows:
            for ring in row["geometry"]["coordinates"]:
                for place in ring:
                    if place == [1.25, 0.25]:
                        place[:] = [1.2521, 0.2513]
                        moved += 1
        assert moved >= 4

    ground.edit("north", change)
    outcome = ground.publish()
    assert (outcome.status, outcome.amended) == ("published", ("parcels",))
    alike(ground.current(), ground.anew())


def test_a_layer_that_has_not_changed_has_the_very_files_it_had(ground: Ground) -> None:
    before = ground.current()
    ground.edit("north", lambda rows: feature(rows, "north-0001")["properties"].update(AREA=7.5))
    assert ground.publish().amended == ("parcels",)
    after, posts = ground.current(), before.manifest.layer("posts")
    for name in (posts.file, posts.package, *posts.downloads.values(), *(one.file for one in posts.levels)):
        assert (after.path / name).samefile(before.path / name)


def test_releases_amended_one_after_the_other_stay_those_of_a_whole_publish(ground: Ground) -> None:
    for number in range(4):
        code = f"south-{number * 31:04}"
        ground.edit("south", lambda rows: feature(rows, code)["properties"].update(AREA=number + 0.25))  # noqa: B023
        assert ground.publish().amended == ("parcels",)
    alike(ground.current(), ground.anew())


def test_what_reads_the_same_is_no_new_release(ground: Ground) -> None:
    first = ground.current()
    ground.edit("north", lambda rows: rows.__setitem__(slice(None), rows))
    path = ground.path.parent / "data" / "north.geojson"
    path.write_text(path.read_text() + "\n")
    outcome = ground.publish()
    assert (outcome.status, outcome.release_id) == ("unchanged", first.id)


@pytest.mark.parametrize(
    "what", ["a row more", "a row less", "another order", "another id", "a geometry gone"]
)
def test_more_than_features_changed_in_place_is_published_as_a_whole(ground: Ground, what: str) -> None:
    def change(rows: list[dict[str, Any]]) -> None:
        match what:
            case "a row more":
                rows.append({**rows[0], "properties": {**rows[0]["properties"], "NUMBER": 1000}})
            case "a row less":
                rows.pop()
            case "another order":
                rows.reverse()
            case "another id":
                rows[3]["properties"]["NUMBER"] = 2000
            case _:
                feature(rows, 9)["geometry"] = None

    ground.edit("posts", change)
    outcome = ground.publish()
    assert outcome.amended is None
    assert outcome.status == ("unchanged" if what == "another order" else "published")
    assert ground.current().id == ground.anew().id


def test_the_configuration_changed_is_published_as_a_whole(ground: Ground) -> None:
    text = ground.path.read_text()
    ground.path.write_text(text.replace("测绘院", "测绘局"))
    ground.edit("north", lambda rows: feature(rows, "north-0001")["properties"].update(AREA=7.5))
    assert ground.publish().amended is None


def test_without_what_was_kept_of_the_sources_all_is_published_as_a_whole(ground: Ground) -> None:
    (ground.path.parent / "published" / "sources" / "index.json").unlink()
    ground.edit("north", lambda rows: feature(rows, "north-0001")["properties"].update(AREA=7.5))
    assert ground.publish().amended is None


def test_a_fault_in_a_changed_feature_is_found_as_ever(ground: Ground) -> None:
    first = ground.current()
    ground.edit("north", lambda rows: feature(rows, "north-0001")["properties"].update(KIND="99"))
    outcome = ground.publish()
    assert outcome.status == "refused"
    assert [(one.rule, one.feature) for one in outcome.findings] == [("code-list", "north-0001")]
    assert ground.current().id == first.id


def test_damage_of_the_release_before_is_not_handed_on(ground: Ground) -> None:
    before = ground.current()
    posts = before.path / before.manifest.layer("posts").downloads["flatgeobuf"]
    data = bytearray(posts.read_bytes())
    data[-9] ^= 1
    posts.chmod(0o644)
    posts.write_bytes(data)
    ground.edit("north", lambda rows: feature(rows, "north-0001")["properties"].update(AREA=7.5))
    outcome = ground.publish()
    assert (outcome.status, outcome.amended) == ("published", None)
    assert verify(ground.current()) == ()
