"""The ground of the report's pictures: the region's outline and the units within, from layers of the candidate itself.

Of the layers of areas the one that reaches furthest is the outline, of those that reach as far the one with the fewest features.
Others that reach as far show the units within, those with few features on a map and those with many in a close-up. A candidate
without any has the box of its region alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely

from config.models import Box
from releases.report.examined import Examined
from releases.report.places import Drawn
from releases.report.view import View
from releases.table import Table

#: Layers with more features are no ground: they would hide what stands on them, on the map and in a close-up.
_FEW, _MANY = 60, 2000
#: Of the furthest reach, that which is as far.
_AS_FAR: Final = 0.95
#: Vertices of one feature of the ground.
_VERTICES: Final = 1500
_MARGIN: Final = 0.04


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """Shapes in degrees: areas of the outline with their names, units within, and smaller ones for close-ups."""

    box: Box
    outline: tuple[shapely.Geometry, ...]
    names: tuple[str, ...]
    within: tuple[shapely.Geometry, ...]
    near: Drawn | None

    @classmethod
    def of(cls, examined: Examined) -> Ground:
        """The ground for a candidate's pictures."""
        region = examined.service.region.bbox
        reached = [(_reach(table, region), table) for table in _areas(examined)]
        furthest = max((reach for reach, _ in reached), default=0)
        tables = sorted((table for reach, table in reached if reach >= _AS_FAR * furthest), key=len)
        if not furthest or len(tables[0]) > _FEW:
            return cls(_box((), region), (), (), (), None)
        outline = _shapes(tables[0])
        few = [table for table in tables[1:] if len(table) <= _FEW]
        within = _shapes(few[-1]) if few else ()
        return cls(_box(outline, region), outline, _names(tables[0]), within, Drawn.of(tables[-1]))

    def view(self, width: float) -> View:
        """All of the ground in a picture of that width, as high as it needs to be."""
        flat = View.of(self.box, width, 1e9)
        height = min(max((self.box[3] - self.box[1]) * flat.scale, width / 3), width * 1.2)
        return View.of(self.box, width, round(height))


def _areas(examined: Examined) -> Iterator[Table]:
    for table in examined.candidate.tables:
        # Of a larger layer there may be a part only.
        count = sum(examined.candidate.parts(table.layer.id).values())
        if table.layer.geometry in ("Polygon", "MultiPolygon") and 0 < count <= _MANY:
            yield table


def _reach(table: Table, region: Box) -> float:
    """The part of the region's box that a layer's own covers, in hundredths: coordinates beyond it do not count."""
    xmin, ymin, xmax, ymax = shapely.total_bounds(Drawn.of(table).geometry).tolist()
    across = min(xmax, region[2]) - max(xmin, region[0])
    up = min(ymax, region[3]) - max(ymin, region[1])
    whole = (region[2] - region[0]) * (region[3] - region[1])
    return round(100 * max(across, 0) * max(up, 0) / whole) if np.isfinite([across, up]).all() else 0


def _shapes(table: Table) -> tuple[shapely.Geometry, ...]:
    return tuple(Drawn.of(table).geometry)


def _names(table: Table) -> tuple[str, ...]:
    """The features' names, in the order of `_shapes`; "" where the layer has no field of names."""
    field = next((field for field in table.layer.fields if field.role == "title"), None)
    rows = Drawn.of(table).rows
    if field is None:
        return ("",) * len(rows)
    return tuple(str(value or "") for value in table.values[field.name][rows])


def _box(outline: tuple[shapely.Geometry, ...], region: Box) -> Box:
    """The outline's box within the region's, which it is where nothing of the outline lies inside."""
    bounds = shapely.total_bounds(list(outline)).tolist() if outline else list(region)
    box = [
        *(max(a, b) for a, b in zip(bounds[:2], region[:2])),
        *(min(a, b) for a, b in zip(bounds[2:], region[2:])),
    ]
    if not (box[0] < box[2] and box[1] < box[3]):
        box = list(region)
    across, up = (box[2] - box[0]) * _MARGIN, (box[3] - box[1]) * _MARGIN
    return (box[0] - across, box[1] - up, box[2] + across, box[3] + up)


def paths(shapes: tuple[shapely.Geometry, ...], view: View) -> list[str]:
    """The shapes as SVG paths, generalised to what the picture shows."""
    return [path for shape in shapes if (path := view.path(shape, _VERTICES))]
