"""A finding seen from near: the feature, its neighbours, the fault's own shape, and where in the region that is.

What is looked at is the fault where it has a shape or a place of its own, else the whole feature. A close-up has at most so many
neighbours and so many vertices, whatever the data are like.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import shapely

from config.models import Box
from releases.faults import first_vertex
from releases.findings import Finding
from releases.report.ground import Ground
from releases.report.places import Drawn, Place, Subjects, drawable, spot
from releases.report.view import DEGREE, Bar, View, narrowing

WIDTH: Final = 360.0
HEIGHT: Final = 240.0
#: Width of the small picture of the whole region, in units of its own.
LOCATOR: Final = 80.0
_NEIGHBOURS: Final = 60
#: Vertices of one neighbour, and of the shapes that the finding is about.
_ROUGH: Final = 80
#: Up to so many vertices in a picture are shown as dots: that is how one sees that two lines are not the same.
_DOTS: Final = 48
#: Metres that a picture shows to each side at least, and to each side of a point in empty country.
_NEAREST, _WIDE = 4.0, 10_000.0


@dataclass(frozen=True, slots=True)
class CloseUp:
    """One picture: SVG paths by what they show, vertices and points in units of its viewBox.

    `whereabouts` is the place in units of the locator.
    """

    neighbours: list[str]
    nearby: list[tuple[float, float]]
    others: list[str]
    feature: str
    fault: str
    filled: bool
    dots: list[tuple[float, float]]
    points: list[tuple[float, float]]
    place: tuple[float, float] | None
    bar: Bar
    whereabouts: tuple[float, float]


@dataclass(frozen=True, eq=False)
class Album:
    """Makes close-ups of the findings of one candidate."""

    base: Ground
    subjects: Subjects
    drawn: Mapping[str, Drawn]

    @cached_property
    def locator(self) -> View:
        """What the small picture of the whole region shows."""
        return self.base.view(LOCATOR)

    def closeup(self, finding: Finding) -> CloseUp | None:
        """The picture of a finding; None where there is nothing to see."""
        feature = self.subjects.feature(finding)
        fault = drawable(finding.geometry)
        place = _own_place(finding, feature)
        box = _box(fault, place, feature)
        if box is None:
            return None
        others = self.subjects.others(finding)
        view = View.of(box, WIDTH, HEIGHT)
        there = view.units(np.array([place], dtype=float))[0] if place else None
        where = spot(finding) or ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
        edges = (self.locator.width, self.locator.height)
        whereabouts = np.clip(self.locator.units(np.array([where], dtype=float))[0], 0, edges).round(1)
        around = self._neighbours(finding, feature, view)
        rough = max(_ROUGH, 1200 // max(len(around), 1))
        return CloseUp(
            neighbours=[path for one in around if (path := view.path(one, rough))],
            nearby=_points(view, *around),
            others=[path for one in others[:8] if (path := view.path(one))],
            feature=view.path(feature) if feature is not None else "",
            fault=view.path(fault) if fault is not None else "",
            filled=feature is not None and shapely.get_dimensions(feature) == 2 and feature.is_valid,
            dots=_dots(view, [one for one in (feature, fault, *others[:2]) if one is not None]),
            points=[] if feature is None else _points(view, feature),
            place=None if there is None else (round(float(there[0]), 1), round(float(there[1]), 1)),
            bar=view.bar(),
            whereabouts=(float(whereabouts[0]), float(whereabouts[1])),
        )

    def _neighbours(
        self, finding: Finding, feature: shapely.Geometry | None, view: View
    ) -> list[shapely.Geometry]:
        """The features around; where these are points or none, the ground too."""
        drawn = self.drawn.get(finding.layer or "")
        around = [] if drawn is None else drawn.near(view.box, _NEIGHBOURS + 1)
        found = [one for one in around if feature is None or not one.equals_exact(feature)]
        if self.base.near is not None and not any(shapely.get_dimensions(one) for one in found):
            found += self.base.near.near(view.box, _NEIGHBOURS)
        return found


def _own_place(finding: Finding, feature: shapely.Geometry | None) -> Place | None:
    """The place of the fault where it is more than a vertex by which the feature can be found."""
    if finding.place is None or (feature is not None and finding.place == first_vertex(feature)):
        return None
    return finding.place


def _box(fault: shapely.Geometry | None, place: Place | None, feature: shapely.Geometry | None) -> Box | None:
    """The degrees to show."""
    if fault is not None:
        return _around(shapely.bounds(fault).tolist(), 0.5, _NEAREST)
    if place is not None:
        size = _size(feature) if feature is not None else _WIDE
        return _around([*place, *place], 0, min(max(size * 0.1, 12.0), _WIDE))
    if feature is not None:
        least = _NEAREST if shapely.get_dimensions(feature) else _WIDE
        return _around(shapely.bounds(feature).tolist(), 0.2, least)
    return None


def _around(bounds: list[float], share: float, least: float) -> Box:
    """A box with a margin: a share of its size, or so many metres at least."""
    xmin, ymin, xmax, ymax = bounds
    north = max((ymax - ymin) * share, least / DEGREE)
    east = max((xmax - xmin) * share, least / DEGREE / narrowing((ymin + ymax) / 2))
    return (xmin - east, ymin - north, xmax + east, ymax + north)


def _size(feature: shapely.Geometry) -> float:
    """How large a feature is in metres."""
    xmin, ymin, xmax, ymax = shapely.bounds(feature).tolist()
    return float(max((xmax - xmin) * narrowing(ymin), ymax - ymin) * DEGREE)


def _dots(view: View, shapes: list[shapely.Geometry]) -> list[tuple[float, float]]:
    found = list(dict.fromkeys(dot for shape in shapes for dot in view.dots(shape)))
    return found if len(found) <= _DOTS else []


def _points(view: View, *shapes: shapely.Geometry) -> list[tuple[float, float]]:
    if not shapes:
        return []
    parts = shapely.get_parts(shapes)
    points = parts[shapely.get_dimensions(parts) == 0]
    return view.dots(shapely.MultiPoint(list(points)))[:_DOTS] if len(points) else []
