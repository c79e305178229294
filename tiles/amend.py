"""Levels of detail with some features made anew: what is near them, and nothing else.

+---+---+---+---+      Of a coverage, a feature that moved (#) changes its neighbours' edges (+), and what becomes of an
| . | . | . | . |      edge depends on who meets at its ends: on the neighbours' neighbours (.). So a level's rows are
+---+---+---+---+      simplified again for # and +, in the company of a ring more, and put where they were. The next
| . | + | + | . |      coarser level takes up whatever differs then. Dissolved groups stand for features there.
+---+---+---+---+
| . | + | # | . |      Which zooms share a level stays as it was: it was chosen by sums over the layer, and a few
+---+---+---+---+      features do not move them. A tile that would be above its budget does, and is NotAlike.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from tiles import alone, coverage, dissolve, search, splice
from tiles.budget import Budget, is_too_large, touched
from tiles.columns import SCALE, Attribute, Columns, build
from tiles.pyramid import Plan, Reduction, Rule

Rows = NDArray[np.int64]


class NotAlike(Exception):
    """The levels would be others than they were, or cannot be told to be alike; the message says why."""


class Was(NamedTuple):
    """A level as it was made."""

    zoom_min: int
    zoom_max: int
    tolerance: float
    rule: Rule
    reduction: Reduction
    over_budget: tuple[int, ...]
    columns: Columns


class Change(NamedTuple):
    """Features that changed: their places (m,), ascending, what they are now, and what they have now.

    moved : (m,) whose geometry is another
    values : place of the field among all -> m values, for those fields that changed in any
    classes : the values of each field that polygons are dissolved by, of all features of the layer as they are now
    """

    features: Rows
    geometry: NDArray[np.object_]
    ids: NDArray[np.uint64]
    moved: NDArray[np.bool_]
    values: dict[int, Sequence[object]]
    classes: tuple[Attribute, ...]


class _Step(NamedTuple):
    """A level before and after, and the rows of each that the other does not have."""

    was: Columns
    now: Columns
    gone: Rows
    come: Rows


def levels(was: Sequence[Was], change: Change, plan: Plan, dissolved_by: Sequence[int]) -> list[Columns]:
    """The columns of each level, from the exact one to the coarsest as `was` has them; NotAlike.

    `dissolved_by` are the places among all fields of those that polygons are dissolved by.
    """
    exact = was[0]
    if exact.reduction != "none" or exact.tolerance:
        raise NotAlike("the finest level is not exact")
    step, classes = _exact(exact.columns, change), tuple(dissolved_by)
    _weigh(step, exact, plan.budget)
    found = [step.now]
    for level in was[1:]:
        if level.reduction == "thinned":
            step = _thinned(level, change)
        elif level.reduction == "dissolved":
            step = _dissolved(level, step, classes, change.classes, found[0].row_id)
            # Only these are left of all fields.
            classes = tuple(range(len(classes)))
        elif level.rule == "coverage":
            step = _coverage(level, step, change)
        else:
            step = _alone(level, change)
        _weigh(step, level, plan.budget)
        found.append(step.now)
    return found


def _weigh(step: _Step, level: Was, budget: Budget) -> None:
    """NotAlike where a tile that has changed is above the budget at a zoom where none was."""
    bounds = step.now.row_bounds[step.come]
    for zoom in range(level.zoom_min, level.zoom_max + 1):
        if zoom in level.over_budget:
            continue
        for row, col in touched(bounds, zoom, budget):
            if is_too_large(step.now, zoom, row, col, budget):
                raise NotAlike(f"a tile of zoom {zoom} is above the budget")


def _rows_of(columns: Columns, features: Rows) -> Rows:
    """The one row (m,) of each feature."""
    rows = np.flatnonzero(np.isin(columns.row_feature, features))
    if len(rows) != len(features) or len(np.unique(columns.row_feature[rows])) != len(features):
        raise NotAlike("a feature has no row, or more than one")
    return rows[np.argsort(columns.row_feature[rows])]


def _put(columns: Columns, change: Change, geometry: NDArray[np.object_]) -> tuple[Columns, Rows]:
    """Columns with the features' values and geometry of today, and the features' rows."""
    rows = _rows_of(columns, change.features)
    now = splice.revalued(columns, rows, change.values)
    moved = np.flatnonzero(change.moved)
    if len(moved):
        part = build(geometry[moved], change.ids[moved], ())
        own = _rows_of(part, np.arange(len(moved)))
        order = np.argsort(rows[moved])
        now = splice.replaced(now, rows[moved][order], splice.taken(part, own[order]))
    return now, rows


def _exact(columns: Columns, change: Change) -> _Step:
    now, rows = _put(columns, change, change.geometry)
    return _Step(columns, now, rows, rows)


def _alone(level: Was, change: Change) -> _Step:
    geometry = alone.simplified(change.geometry, level.tolerance) if level.tolerance else change.geometry
    now, rows = _put(level.columns, change, geometry)
    return _Step(level.columns, now, rows, rows)


def _thinned(level: Was, change: Change) -> _Step:
    """Points of which some are left out: who stays is decided by place and rank, and neither may have changed."""
    if change.moved.any() or change.values:
        raise NotAlike("points are thinned by what they are and where")
    rows = np.empty(0, dtype=np.int64)
    return _Step(level.columns, level.columns, rows, rows)


def _coverage(level: Was, finer: _Step, change: Change) -> _Step:
    """Rows are those of the finer level, in its order, without some vertices."""
    rows = _rows_of(level.columns, change.features)
    now = splice.revalued(level.columns, rows, change.values)
    near = _near(
        finer.now, np.concatenate([finer.was.row_bounds[finer.gone], finer.now.row_bounds[finer.come]])
    )
    company = _near(finer.now, finer.now.row_bounds[near])
    simpler = coverage.simplified(splice.taken(finer.now, company), level.tolerance)
    part = splice.taken(simpler, np.searchsorted(company, near))
    now = splice.replaced(now, near, part)
    differ = np.union1d(near[~_alike(level.columns, near, part)], rows)
    return _Step(level.columns, now, differ, differ)


def _dissolved(
    level: Was,
    finer: _Step,
    fields: tuple[int, ...],
    classes: tuple[Attribute, ...],
    taken: NDArray[np.uint64],
) -> _Step:
    """Groups of the finer level's rows that have one class, in these of its fields, and lie in one tile."""
    before, after = _groups(finer, level.zoom_max, fields)
    finer = _regrouped(finer, before, after)
    if not len(finer.gone) and not len(finer.come):
        return _Step(level.columns, level.columns, finer.gone, finer.come)
    moved = np.union1d(before[finer.gone], after[finer.come])
    bounds = [one.row_bounds[np.isin(of, moved)] for one, of in ((finer.was, before), (finer.now, after))]
    near = np.union1d(after[_near(finer.now, np.concatenate(bounds))], moved)
    rows = np.flatnonzero(np.isin(after, near))
    company = np.isin(after, after[_near(finer.now, finer.now.row_bounds[rows])])
    company[rows] = True
    members = np.flatnonzero(company)
    united = dissolve.dissolved(splice.taken(finer.now, members), classes, taken, level.zoom_max)
    simpler = coverage.simplified(united, level.tolerance)
    group, wanted = dict(zip(*_leads(finer.now, after, members))), set(near.tolist())
    ours = np.array([group[feature] in wanted for feature in simpler.row_feature.tolist()], dtype=bool)
    leads, _ = _leads(finer.was, before, np.flatnonzero(np.isin(before, near)))
    gone = np.flatnonzero(np.isin(level.columns.row_feature, leads))
    if len(gone) != len(leads):
        raise NotAlike("a group is not found")
    return _exchanged(level.columns, gone, splice.taken(simpler, np.flatnonzero(ours)))


def _regrouped(step: _Step, before: NDArray[np.int64], after: NDArray[np.int64]) -> _Step:
    """The step without those rows that have the geometry and the group they had: of them other values have changed."""
    if not np.array_equal(step.gone, step.come):
        return step
    same = _alike(step.was, step.gone, splice.taken(step.now, step.come)) & (
        before[step.gone] == after[step.come]
    )
    return step._replace(gone=step.gone[~same], come=step.come[~same])


def _groups(step: _Step, zoom: int, fields: Sequence[int]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """A number (r,) for the tile and the class of each row before and after, equal when these are."""
    found = []
    for columns in (step.was, step.now):
        column, row = dissolve.cells(columns, zoom)
        number = (row << zoom) | column
        for field in fields:
            # Values are only ever added, behind those there were: a code means the same before and after.
            count = int(np.diff(step.now.field_value)[field]) + 1
            if number.max(initial=0) >= 2**62 // count:
                raise NotAlike("there are too many classes")
            number = number * count + columns.codes[field] + 1
        found.append(number)
    return found[0], found[1]


def _leads(columns: Columns, groups: NDArray[np.int64], rows: Rows) -> tuple[list[int], list[int]]:
    """The first feature of each group of some rows, which is what its row is known by, and the group."""
    order = np.lexsort((columns.row_feature[rows], groups[rows]))
    of = groups[rows][order]
    first = np.flatnonzero(np.r_[True, of[1:] != of[:-1]][: len(of)])
    return columns.row_feature[rows][order][first].tolist(), of[first].tolist()


def _exchanged(columns: Columns, gone: Rows, part: Columns) -> _Step:
    """Columns without some rows and with others, which stand in their places as far as there are any."""
    same = dict(zip(columns.row_feature[gone].tolist(), gone.tolist()))
    twins = [same.get(feature, -1) for feature in part.row_feature.tolist()]
    count = len(columns.row_kind)
    anchor = int(gone[0]) if len(gone) else 0
    place = np.array([twin if twin >= 0 else anchor for twin in twins], dtype=np.float64)
    stays = np.setdiff1d(np.arange(count), gone)
    where = np.concatenate([stays, place + 0.5])
    order = np.argsort(where, kind="stable")
    numbers = np.concatenate([stays, count + np.arange(len(part.row_kind))])[order]
    now = splice.taken(splice.joined(columns, part), numbers)
    at = np.flatnonzero(numbers >= count)
    behind = numbers[at] - count
    twin = np.array(twins, dtype=np.int64)[behind]
    alike = np.zeros(len(at), dtype=bool)
    paired = twin >= 0
    same_values = (columns.codes[:, twin[paired]] == now.codes[:, at[paired]]).all(axis=0)
    alike[paired] = same_values & _alike(columns, twin[paired], splice.taken(now, at[paired]))
    return _Step(columns, now, np.setdiff1d(gone, twin[alike]), at[~alike])


def _near(columns: Columns, bounds: NDArray[np.int32]) -> Rows:
    """Rows (ascending) whose bounds meet any of some bounds (n, 4) in units."""
    found = [search.rows(columns, tuple(box)) for box in (np.unique(bounds, axis=0) * SCALE).tolist()]
    return np.unique(np.concatenate([*found, np.empty(0, dtype=np.int64)]))


def _alike(columns: Columns, rows: Rows, part: Columns) -> NDArray[np.bool_]:
    """Which rows (m,) have the very geometry of the m rows of a part."""
    ours = splice.taken(columns, rows)
    a, b = (one.path_start[one.row_path] for one in (ours, part))
    pairs = zip(a[:-1].tolist(), a[1:].tolist(), b[:-1].tolist(), b[1:].tolist())
    return np.array([np.array_equal(ours.xy[w:x], part.xy[y:z]) for w, x, y, z in pairs], dtype=bool)


def is_sound(exact: Columns, change: Change) -> bool:
    """Whether features that moved still fit in with their neighbours: no overlap, no vertex that is not shared."""
    rows = np.flatnonzero(np.isin(exact.row_feature, change.features[change.moved]))
    near = _near(exact, exact.row_bounds[rows])
    part = splice.taken(exact, near)
    outer = np.flatnonzero(part.path_outer)
    starts = part.path_start, np.append(outer, len(part.path_outer))
    polygons = shapely.from_ragged_array(shapely.GeometryType.POLYGON, part.xy * SCALE, starts)
    return bool(shapely.coverage_is_valid(polygons))
