"""Levels of detail: which zooms share one, and what is left of the layer in each.

zoom   5   6   7   8   9  10  11  12  13  14
       `------dissolved------'`-'`-exact---'      from fine to coarse; a level's tolerance is half a tile unit at
                                                  its largest zoom, the layer's last zoom is exact

Polygons that tile the land are simplified as one coverage, so that neighbours share every vertex at every level,
and lines that follow them lose the same vertices (`follow`). Points are thinned by the layer's rank. Polygons are
dissolved by its class fields from the zoom on, down to the smallest, at which most of them are smaller than a pixel
or a tile is above the budget. A level is tried at certain zooms, and wherever a tile is above the budget; it is kept
only when it saves a quarter of the next finer one's vertices or rows, else that one serves its zooms too.

Geometry is simplified in the plane of Web Mercator, not in degrees: a tile draws straight lines between vertices
there, and a long border that is straight in degrees bends by several units when its middle is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tiles import alone, coverage, dissolve, thin
from tiles.budget import Budget, Scales
from tiles.columns import Attribute, Columns, build
from tiles.plane import TILE_PIXELS
from tiles.specks import Sieve

#: The largest zooms of levels that are tried, from fine to coarse.
STEPS = (11, 9, 7, 5, 3)
#: A level may have this part of the next finer one's vertices.
SAVING = 0.75
EXTENT = 4096

Rule = Literal["coverage", "alone", "none"]
Reduction = Literal["none", "dissolved", "thinned"]


class Features(NamedTuple):
    """A layer's features: geometry (n,) in degrees, the numbers (n,) tiles know them by, attributes of n values."""

    geometry: NDArray[np.object_]
    ids: NDArray[np.uint64]
    attributes: tuple[Attribute, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """How a layer's levels are made.

    Parameters
    ----------
    rule : "coverage" simplifies shared edges together, "alone" each geometry by itself, "none" no geometry
    zoom_min, zoom_max : of the layer, both included
    dissolve : names of the class fields by which polygons are united; none: they never are
    thin : name of the rank field, its order, and the pixels that a kept point has for itself; None: all stay
    budget : what a tile may have; its extent is that of tiles
    """

    rule: Rule
    zoom_min: int
    zoom_max: int
    budget: Budget
    dissolve: tuple[str, ...] = ()
    thin: tuple[str, thin.Order, int] | None = None


@dataclass(frozen=True, slots=True)
class Level:
    """One level: its zooms, what was done to it, its columns, and zooms at which a tile is above the budget.

    `tolerance` is in degrees, 0 when exact. `rule` is what was done: "alone" under the rule "coverage" says
    that the polygons were no valid coverage, so that neighbours may part by a tolerance.
    """

    zoom_min: int
    zoom_max: int
    tolerance: float
    rule: Rule
    reduction: Reduction
    columns: Columns
    over_budget: tuple[int, ...] = ()

    @property
    def generalised(self) -> bool:
        """Whether anything was left out or united."""
        return self.tolerance > 0 or self.reduction != "none"


def tolerance(zoom: int, extent: int = EXTENT) -> float:
    """Half a tile unit of Web Mercator at a zoom, in degrees of longitude, which are the plane's unit."""
    return 360.0 / (1 << zoom) / extent / 2


def levels(
    features: Features, plan: Plan, report: Callable[[int], None] = lambda zoom: None
) -> Iterator[Level]:
    """Yield the levels of a layer, from the exact one to the coarsest; `report` is told each zoom under way."""
    exact = build(*features)
    if plan.rule == "coverage" and not coverage.is_coverage(exact, features.geometry):
        plan = replace(plan, rule="alone")
    work = _Work(features, plan)
    level = Level(plan.zoom_max, plan.zoom_max, 0.0, "none", "none", exact)
    scales = Scales(exact, plan.zoom_max, plan.budget)
    for zoom in range(plan.zoom_max, plan.zoom_min - 1, -1):
        report(zoom)
        exceeded = scales.exceeded(zoom)
        if zoom < plan.zoom_max and (coarser := work.coarser(level, zoom, exceeded)) is not None:
            yield level
            level, scales = coarser, Scales(coarser.columns, zoom, plan.budget)
            exceeded = scales.exceeded(zoom)
        over = (zoom, *level.over_budget) if exceeded else level.over_budget
        level = replace(level, zoom_min=zoom, over_budget=over)
    yield level


def follow(lines: Features, plan: Plan, whole: Features, whole_plan: Plan) -> Iterator[Level]:
    """Yield the levels of lines along a coverage's borders: at every zoom those of the coverage at that zoom.

    The lines are exact at their last zoom whatever the coverage is there, and its coarsest level serves the
    lines' zooms below its own.
    """
    exact, borders = build(*lines), build(whole.geometry, whole.ids, ())
    high = plan.zoom_max
    for level in levels(whole, whole_plan):
        low = plan.zoom_min if level.zoom_min == whole_plan.zoom_min else max(level.zoom_min, plan.zoom_min)
        if low > high:
            continue
        kept = coverage.following(exact, borders, level.columns) if level.tolerance else exact
        if level.tolerance and high == plan.zoom_max:
            yield _measured(Level(high, high, 0.0, "none", "none", exact), plan.budget)
            high -= 1
        if low <= high:
            yield _measured(Level(low, high, level.tolerance, level.rule, "none", kept), plan.budget)
        high = low - 1


def _measured(level: Level, budget: Budget) -> Level:
    scales = Scales(level.columns, level.zoom_max, budget)
    over = tuple(zoom for zoom in range(level.zoom_min, level.zoom_max + 1) if scales.exceeded(zoom))
    return replace(level, over_budget=over)


class _Work:
    """What all levels of a layer are made from."""

    def __init__(self, features: Features, plan: Plan) -> None:
        self._features = features
        self._plan = plan
        named = {attribute.name: attribute for attribute in features.attributes}
        self._classes = tuple(named[name] for name in plan.dissolve)
        self._cell = (plan.zoom_max, 0)
        self._sieve: Sieve | None = None
        if plan.thin:
            field, order, pixels = plan.thin
            self._ranks, self._pixels = thin.ranks(named[field].values, order), pixels

    def coarser(self, level: Level, zoom: int, exceeded: bool) -> Level | None:
        """The level that begins at a zoom, None when the next finer one had better serve it too."""
        ways = self._ways(level, zoom, exceeded)
        return next((found for way in ways if _saves(found := way(level, zoom), level)), None)

    def _ways(self, level: Level, zoom: int, exceeded: bool) -> Iterator[Callable[[Level, int], Level]]:
        """What may be tried at a zoom, the best first."""
        due = exceeded or zoom in STEPS
        if self._plan.thin:
            if due:
                yield self._thinned
        elif level.reduction == "dissolved":
            if due:
                yield self._dissolved
        else:
            sound = self._plan.rule == "coverage" and coverage.is_net(level.columns)
            if self._classes and sound and (exceeded or self._are_specks(level, zoom)):
                yield self._dissolved
            if due and self._plan.rule != "none":
                yield self._simplified

    def _are_specks(self, level: Level, zoom: int) -> bool:
        if self._sieve is None or self._sieve.columns is not level.columns:
            self._sieve = Sieve(level.columns)
        return self._sieve.are_specks(zoom)

    def _simplified(self, level: Level, zoom: int) -> Level:
        plan = self._plan
        within = tolerance(zoom, plan.budget.extent)
        if plan.rule == "coverage" and coverage.is_net(level.columns):
            columns = coverage.simplified(level.columns, within)
        else:
            simpler = alone.simplified(self._features.geometry, within)
            columns = build(simpler, self._features.ids, self._features.attributes)
        return Level(zoom, zoom, within, plan.rule, level.reduction, columns)

    def _dissolved(self, level: Level, zoom: int) -> Level:
        within = tolerance(zoom, self._plan.budget.extent)
        united = dissolve.dissolved(level.columns, self._classes, self._features.ids, zoom)
        return Level(zoom, zoom, within, "coverage", "dissolved", coverage.simplified(united, within))

    def _thinned(self, level: Level, zoom: int) -> Level:
        """Points of cells of the configured width, or of the wider ones that the budget needs."""
        geometry, ids, attributes = self._features
        finer, pixels = self._cell
        # Never narrower than at the next finer zoom, or a point could come back.
        pixels = max(self._pixels, pixels >> (finer - zoom))
        while True:
            rows = thin.kept(geometry, self._ranks, zoom, pixels)
            columns = build(
                geometry[rows], ids[rows], [attribute.take(rows) for attribute in attributes], rows
            )
            if pixels >= TILE_PIXELS or not Scales(columns, zoom, self._plan.budget).exceeded(zoom):
                self._cell = (zoom, pixels)
                return Level(zoom, zoom, 0.0, "none", "thinned", columns)
            pixels *= 2


def _saves(coarse: Level, fine: Level) -> bool:
    """Whether a level has a quarter fewer vertices or rows than the next finer one."""
    ours, theirs = coarse.columns, fine.columns
    return ours.vertices < SAVING * theirs.vertices or len(ours.row_kind) < SAVING * len(theirs.row_kind)
