"""The map of all findings: marks on the region's outline, those that would lie over each other joined into one."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from config.models import Severity
from releases.findings import Finding
from releases.report import ground
from releases.report.examined import SEVERITIES
from releases.report.ground import Ground
from releases.report.places import spot
from releases.report.view import Bar, View

#: The map's width in units; marks and letters are in proportion to it.
WIDTH: Final = 720.0
#: Units of a square whose findings are one mark.
_CELL: Final = 16.0
#: Radius of the mark of one finding, and what each tenfold adds.
_RADIUS, _MORE = 6.0, 2.4


@dataclass(frozen=True, slots=True)
class Mark:
    """One mark: where in units, how large, of the gravest severity that it stands for, and how many faults."""

    x: float
    y: float
    radius: float
    severity: Severity
    count: int


@dataclass(frozen=True, slots=True)
class Name:
    """A name on the map and the middle of its letters, in units."""

    x: float
    y: float
    text: str


@dataclass(frozen=True, slots=True)
class Overview:
    """The whole map, in units of its viewBox. `outside` findings have a place beyond its edge, `nowhere` none at all."""

    width: float
    height: float
    outline: list[str]
    within: list[str]
    names: list[Name]
    marks: list[Mark]
    bar: Bar
    outside: int
    nowhere: int


def overview(base: Ground, findings: Sequence[Finding]) -> Overview:
    """The map of some findings."""
    view = base.view(WIDTH)
    placed = [(spot(finding), finding) for finding in findings]
    there = [(place, finding) for place, finding in placed if place is not None]
    units = view.units(np.array([place for place, _ in there], dtype=float).reshape(-1, 2))
    inside = ((units >= 0) & (units <= (view.width, view.height))).all(axis=1)
    cells: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
    for index in np.flatnonzero(inside).tolist():
        x, y = (units[index] // _CELL).astype(int).tolist()
        cells[x, y].append(index)
    marks = []
    for members in cells.values():
        found = [there[index][1] for index in members]
        count = sum(one.count for one in found)
        x, y = np.round(units[members].mean(axis=0), 1).tolist()
        radius = round(_RADIUS + _MORE * math.log10(count), 1)
        gravest = min((one.severity for one in found), key=SEVERITIES.index)
        marks.append(Mark(x, y, radius, gravest, count))
    return Overview(
        width=view.width,
        height=view.height,
        outline=ground.paths(base.outline, view),
        within=ground.paths(base.within, view),
        names=_names(base, view),
        # The gravest are drawn last, over the others.
        marks=sorted(marks, key=lambda mark: (-SEVERITIES.index(mark.severity), mark.y, mark.x)),
        bar=view.bar(),
        outside=sum(finding.count for (_, finding), seen in zip(there, inside) if not seen),
        nowhere=sum(finding.count for place, finding in placed if place is None),
    )


def _names(base: Ground, view: View) -> list[Name]:
    found = []
    for shape, text in zip(base.outline, base.names):
        if text and len(base.outline) <= 12 and shape.is_valid:
            x, y = np.round(view.units(np.array(shape.representative_point().coords))[0], 1).tolist()
            found.append(Name(x, y, text))
    return found
