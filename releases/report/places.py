"""Where findings are and what they are about: the features of the candidate behind them, and shapes that can be drawn.

Rule here: what is found broken is drawn all the same. A shape that is no number anywhere is left out, nothing else.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray

from config.models import Box
from releases.findings import Finding
from releases.table import Candidate, Objects, Table, not_finite

Place = tuple[float, float]


def spot(finding: Finding) -> Place | None:
    """Where to look for a finding: its place, else the middle of its shape; None where it has neither."""
    if finding.place is not None:
        return finding.place
    shape = drawable(finding.geometry)
    if shape is None:
        return None
    xmin, ymin, xmax, ymax = shapely.bounds(shape).tolist()
    return ((xmin + xmax) / 2, (ymin + ymax) / 2)


def drawable(geometry: shapely.Geometry | None) -> shapely.Geometry | None:
    """A geometry of two dimensions with finite coordinates, or None."""
    if geometry is None or geometry.is_empty:
        return None
    flat = shapely.force_2d(geometry)
    return flat if np.isfinite(shapely.get_coordinates(flat)).all() else None


@dataclass(frozen=True, eq=False)
class Drawn:
    """The features of a layer that can be drawn: row i of `geometry` is row `rows[i]` of the table."""

    table: Table
    rows: NDArray[np.int64]

    @classmethod
    def of(cls, table: Table) -> Drawn:
        """What can be drawn of a table."""
        there = ~(shapely.is_missing(table.geometry) | shapely.is_empty(table.geometry))
        return cls(table, np.flatnonzero(there & ~not_finite(table.geometry)))

    @cached_property
    def geometry(self) -> Objects:
        """Their geometries (n,), of two dimensions."""
        flat: Objects = shapely.force_2d(self.table.geometry[self.rows])
        return flat

    def near(self, box: Box, most: int) -> list[shapely.Geometry]:
        """Those whose envelope touches a box in degrees, at most so many: those first whose middle is nearest to its middle."""
        rows = np.sort(self._tree.query(shapely.box(*box)))
        boxes = shapely.bounds(self.geometry[rows])
        middles = (boxes[:, :2] + boxes[:, 2:] - np.array(box[:2]) - np.array(box[2:])) / 2
        away = np.hypot(middles[:, 0], middles[:, 1])
        return list(self.geometry[rows[np.argsort(away, kind="stable")[:most]]])

    @cached_property
    def _tree(self) -> shapely.STRtree:
        return shapely.STRtree(self.geometry)


@dataclass(frozen=True, eq=False)
class Subjects:
    """The features that some findings name, by (layer, authority, row in its source) and by (layer, id)."""

    by_row: Mapping[tuple[str, str, int], shapely.Geometry]
    by_id: Mapping[tuple[str, str], shapely.Geometry]

    @classmethod
    def of(cls, candidate: Candidate, findings: Iterable[Finding]) -> Subjects:
        """Look the features of some findings up, each layer once."""
        rows: defaultdict[str, set[tuple[str, int]]] = defaultdict(set)
        ids: defaultdict[str, set[str]] = defaultdict(set)
        for one in findings:
            if one.layer is None:
                continue
            if one.authority is not None and one.row is not None:
                rows[one.layer].add((one.authority, one.row))
            if one.feature is not None:
                ids[one.layer].add(one.feature)
            ids[one.other_layer or one.layer].update(one.others)
        by_row: dict[tuple[str, str, int], shapely.Geometry] = {}
        by_id: dict[tuple[str, str], shapely.Geometry] = {}
        for table in candidate.tables:
            name = table.layer.id
            for row in np.flatnonzero(np.isin(table.row, [row for _, row in rows[name]])).tolist():
                key = (str(table.authority[row]), int(table.row[row]))
                if key in rows[name]:
                    by_row[name, *key] = table.geometry[row]
            for row, identifier in enumerate(table.ids) if ids[name] else ():
                if str(identifier) in ids[name]:
                    by_id.setdefault((name, str(identifier)), table.geometry[row])
        return cls(by_row, by_id)

    def feature(self, finding: Finding) -> shapely.Geometry | None:
        """The feature that a finding is about, where it can be drawn."""
        if finding.layer is None:
            return None
        found = None
        if finding.authority is not None and finding.row is not None:
            found = self.by_row.get((finding.layer, finding.authority, finding.row))
        if found is None and finding.feature is not None:
            found = self.by_id.get((finding.layer, finding.feature))
        return drawable(found)

    def others(self, finding: Finding) -> list[shapely.Geometry]:
        """The other features that have a part in a finding, where they can be drawn."""
        layer = finding.other_layer or finding.layer
        if layer is None:
            return []
        shapes = (drawable(self.by_id.get((layer, other))) for other in finding.others)
        return [shape for shape in shapes if shape is not None]
