"""Levels amended near some features are, row by row, those of a pyramid built anew."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely

from tiles import amend, columnfile, pyramid
from tiles.amend import Change, NotAlike, Was
from tiles.budget import Budget
from tiles.columns import Attribute, Columns
from tiles.pyramid import Features, Level, Plan

#: Kinds of a budget: small, so that polygons are dissolved early and tiles are above it; large, so that they are not.
BUDGETS = {"small": 30_000, "large": 200_000}


class Lattice:
    """Quadrilaterals with a bend in each side, which share every vertex."""

    def __init__(self, seed: int, side: int) -> None:
        self.random = np.random.default_rng(seed)
        self.side = side
        x, y = np.meshgrid(105 + np.arange(side + 1) * 0.01, 30 + np.arange(side + 1) * 0.01)
        self.nodes = self._jittered(np.stack([x, y], axis=-1), 0.003)
        self.across = self._jittered((self.nodes[:, :-1] + self.nodes[:, 1:]) / 2, 0.001)
        self.along = self._jittered((self.nodes[:-1] + self.nodes[1:]) / 2, 0.001)
        self.kinds = np.array(list("abc"), dtype=object)[self.random.integers(0, 3, side * side)]
        self.names = np.array([f"n{i}" for i in range(side * side)], dtype=object)

    def _jittered(self, places: Any, by: float) -> Any:
        return np.round(places + self.random.uniform(-by, by, places.shape), 7)

    def polygons(self) -> Any:
        found = np.empty(self.side**2, dtype=object)
        for row in range(self.side):
            for col in range(self.side):
                ring = [
                    *(self.nodes[row, col], self.across[row, col], self.nodes[row, col + 1]),
                    *(self.along[row, col + 1], self.nodes[row + 1, col + 1], self.across[row + 1, col]),
                    *(self.nodes[row + 1, col], self.along[row, col]),
                ]
                found[row * self.side + col] = shapely.MultiPolygon([shapely.Polygon(ring)])
        return found

    def features(self) -> Features:
        attributes = Attribute("NAME", self.names.copy()), Attribute("KIND", self.kinds.copy())
        return Features(self.polygons(), np.arange(1, self.side**2 + 1, dtype=np.uint64), attributes)

    def move(self, nodes: int, bends: int) -> None:
        """Move vertices that several polygons have, a little."""
        for place in self.random.integers(1, self.side - 1, (nodes, 2)):
            self.nodes[tuple(place)] = np.round(self.nodes[tuple(place)] + (0.0007, -0.0005), 7)
        for place in self.random.integers(1, self.side - 1, (bends, 2)):
            self.across[tuple(place)] = np.round(self.across[tuple(place)] + (0.0011, 0), 7)

    def rename(self, kinds: int, names: int) -> None:
        """Give polygons another class, one of them new, and names that nobody has."""
        for place in self.random.integers(0, self.side**2, kinds):
            self.kinds[place] = "abcd"[self.random.integers(0, 4)]
        for place in self.random.integers(0, self.side**2, names):
            self.names[place] = f"new {place}"


def change_of(before: Features, after: Features) -> Change:
    moved = ~shapely.equals_identical(before.geometry, after.geometry)
    differ = moved.copy()
    for one, other in zip(before.attributes, after.attributes):
        differ |= np.asarray(one.values) != np.asarray(other.values)
    rows = np.flatnonzero(differ)
    values = {place: np.asarray(one.values)[rows].tolist() for place, one in enumerate(after.attributes)}
    return Change(rows, after.geometry[rows], after.ids[rows], moved[rows], values, after.attributes[1:])


def was_of(levels: list[Level]) -> list[Was]:
    return [
        Was(one.zoom_min, one.zoom_max, one.tolerance, one.rule, one.reduction, one.over_budget, one.columns)
        for one in levels
    ]


def rows_of(columns: Columns) -> dict[int, Any]:
    """Each row by its number: its feature, bounds, rings and values."""
    found = {}
    for row in range(len(columns.row_kind)):
        paths = range(columns.row_path[row], columns.row_path[row + 1])
        rings = [
            (
                int(columns.path_outer[p]),
                columns.xy[columns.path_start[p] : columns.path_start[p + 1]].tolist(),
            )
            for p in paths
        ]
        values = []
        for field, code in enumerate(columns.codes[:, row].tolist()):
            at = columns.field_value[field] + code
            text = columns.value_bytes[columns.value_start[at] : columns.value_start[at + 1]].tobytes()
            values.append(None if code < 0 else text)
        bounds = columns.row_bounds[row].tolist()
        found[int(columns.row_id[row])] = (int(columns.row_feature[row]), bounds, rings, values)
    return found


@pytest.mark.parametrize("budget", BUDGETS)
@pytest.mark.parametrize("seed", range(4))
def test_amended_levels_are_those_of_a_pyramid_built_anew(seed: int, budget: str) -> None:
    lattice = Lattice(seed, 40)
    plan = Plan("coverage", 4, 14, Budget(BUDGETS[budget], 4096, 64), ("KIND",))
    before = lattice.features()
    was = list(pyramid.levels(before, plan))
    assert "dissolved" in {level.reduction for level in was}
    lattice.move(nodes=2, bends=2)
    lattice.rename(kinds=3, names=3)
    after = lattice.features()
    found = amend.levels(was_of(was), change_of(before, after), plan, (1,))
    anew = list(pyramid.levels(after, plan))
    assert [level.zoom_max for level in anew] == [level.zoom_max for level in was]
    for columns, level in zip(found, anew, strict=True):
        assert list(columnfile.faults(columns)) == []
        assert rows_of(columns) == rows_of(level.columns)


@pytest.mark.parametrize("budget", BUDGETS)
def test_names_alone_change_no_level_in_which_polygons_are_dissolved(budget: str) -> None:
    lattice = Lattice(7, 40)
    plan = Plan("coverage", 4, 14, Budget(BUDGETS[budget], 4096, 64), ("KIND",))
    before = lattice.features()
    was = was_of(list(pyramid.levels(before, plan)))
    lattice.rename(kinds=0, names=5)
    after = lattice.features()
    found = amend.levels(was, change_of(before, after), plan, (1,))
    for columns, level, anew in zip(found, was, pyramid.levels(after, plan), strict=True):
        assert rows_of(columns) == rows_of(anew.columns)
        assert level.reduction == "none" or columns is level.columns


@pytest.mark.parametrize("seed", range(3))
def test_amended_levels_that_are_simplified_only_are_those_built_anew(seed: int) -> None:
    lattice = Lattice(seed, 30)
    plan = Plan("coverage", 1, 14, Budget(10_000_000, 4096, 64))
    before = lattice.features()
    was = list(pyramid.levels(before, plan))
    assert len(was) > 1 and {level.reduction for level in was} == {"none"}
    lattice.move(nodes=3, bends=3)
    lattice.rename(kinds=2, names=2)
    after = lattice.features()
    found = amend.levels(was_of(was), change_of(before, after), plan, ())
    for columns, level in zip(found, pyramid.levels(after, plan), strict=True):
        assert rows_of(columns) == rows_of(level.columns)


def test_lines_simplified_alone_are_those_built_anew() -> None:
    random = np.random.default_rng(5)
    lines = np.array(
        [
            shapely.MultiLineString(
                [np.cumsum(random.normal(0, 1e-3, (60, 2)), axis=0) + np.array([105, 30])]
            )
            for _ in range(50)
        ]
    )
    lines = shapely.set_precision(lines, 1e-7)
    ids, names = np.arange(50, dtype=np.uint64), np.array([f"n{i}" for i in range(50)], dtype=object)
    plan = Plan("alone", 4, 14, Budget(500_000, 4096, 64))
    before = Features(lines, ids, (Attribute("NAME", names),))
    other = lines.copy()
    other[7] = shapely.set_precision(shapely.transform(lines[7], lambda xy: xy + np.array([0.001, 0])), 1e-7)
    after = Features(other, ids, (Attribute("NAME", names),))
    was = list(pyramid.levels(before, plan))
    change = Change(np.array([7]), other[[7]], ids[[7]], np.array([True]), {}, ())
    for columns, level in zip(
        amend.levels(was_of(was), change, plan, ()), pyramid.levels(after, plan), strict=True
    ):
        assert rows_of(columns) == rows_of(level.columns)


def test_a_tile_that_grows_above_the_budget_is_left_to_a_pyramid_built_anew() -> None:
    lattice = Lattice(1, 20)
    before = lattice.features()
    was = list(pyramid.levels(before, Plan("coverage", 12, 14, Budget(30_000, 4096, 64))))
    assert not was[0].over_budget
    lattice.names[lattice.side * 10 + 10] = "long " * 10_000
    after = lattice.features()
    plan = Plan("coverage", 12, 14, Budget(30_000, 4096, 64))
    with pytest.raises(NotAlike, match="budget"):
        amend.levels(was_of(was), change_of(before, after), plan, ())


def test_polygons_that_part_or_overlap_are_no_sound_coverage() -> None:
    lattice = Lattice(2, 10)
    before = lattice.features()
    plan = Plan("coverage", 12, 14, Budget(500_000, 4096, 64))
    was = was_of(list(pyramid.levels(before, plan)))
    moved = before.geometry.copy()
    moved[55] = shapely.set_precision(shapely.transform(moved[55], lambda xy: xy + np.array([1e-4, 0])), 1e-7)
    change = change_of(before, before._replace(geometry=moved))
    assert not amend.is_sound(amend.levels(was, change, plan, ())[0], change)
