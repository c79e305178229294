"""Where in degrees to look for the features that touch a box of another CRS.

    . . . . . . . . . . .   near: no feature touches the box whose envelope does not touch this
    .  +-------------+  .   the box, whose edges are curves in degrees
    .  |  - - - - -  |  .
    .  | ' inside  ' |  .   inside: every feature touches the box whose envelope is within this
    .  |  - - - - -  |  .
    .  +-------------+  .   the others are brought into the CRS, as they are shown there, and looked at (`selection`)
    . . . . . . . . . . .

Both are found by bringing a lattice of places over, never by going back: a box may lie where the CRS has no way back.
How far the CRS bends between two places of the lattice is known from how much it bends from each to the next, which also
finds where it tears: there near is all that there is.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from config.models import Box
from releases import crs
from releases.manifest import PublishedLayer
from releases.query import Frame

#: Places along each edge of the lattice.
_PLACES: Final = 65
#: How often the lattice is laid closer round the box at most.
_ROUNDS: Final = 8
#: Of the envelope's size in degrees, so that the lattice has no cell without area.
_LEAST: Final = 1e-6

Cells = NDArray[np.bool_]
Array = NDArray[np.float64]


def frame(box: Box, code: str, layer: PublishedLayer) -> Frame:
    """A box of a CRS (x, y) as a condition on the features of a layer."""
    if layer.extent is None or layer.span is None:
        return Frame(box, code, None, None)
    return _frame(box, code, layer.extent, layer.span)


@lru_cache(maxsize=1024)
def _frame(box: Box, code: str, extent: Box, span: tuple[float, float]) -> Frame:
    field = (extent[0] - _LEAST, extent[1] - _LEAST, extent[2] + _LEAST, extent[3] + _LEAST)
    lattice = _Lattice(field, code)
    # Shown edges are straight between vertices: they leave the curve that the edge is in degrees by up to this.
    sag = lattice.bend(*span)
    touched = (box[0] - sag, box[1] - sag, box[2] + sag, box[3] + sag)
    for _ in range(_ROUNDS):
        if not lattice.sound:
            break
        cells = lattice.touching(touched)
        if not cells.any():
            return Frame(box, code, None, None)
        closer = lattice.round(cells)
        if 1.2 * _area(closer) > _area(lattice.box):
            break
        lattice = _Lattice(closer, code)
    return Frame(box, code, lattice.box, _inside(lattice, box) if lattice.sound else None)


def _inside(lattice: _Lattice, box: Box) -> Box | None:
    """Some rectangle of cells that lie in the box: all cells, but for rows and columns of those that do not."""
    cells = lattice.within(box)
    (bottom, top), (left, right) = (0, len(cells)), (0, len(cells))
    while bottom < top and left < right:
        part = ~cells[bottom:top, left:right]
        if not part.any():
            return lattice.part(left, bottom, right, top)
        edges = [part[0].mean(), part[-1].mean(), part[:, 0].mean(), part[:, -1].mean()]
        worst = int(np.argmax(edges))
        bottom, top = bottom + (worst == 0), top - (worst == 1)
        left, right = left + (worst == 2), right - (worst == 3)
    return None


class _Lattice:
    """Places in a box of degrees and where they are in a CRS; `sound` when they are anywhere at all."""

    def __init__(self, box: Box, code: str) -> None:
        self.box = box
        self._lon = np.linspace(box[0], box[2], _PLACES)
        self._lat = np.linspace(box[1], box[3], _PLACES)
        lon, lat = np.meshgrid(self._lon, self._lat)
        self._places = crs.project(np.stack([lon, lat], axis=-1), code)
        self._rounding = 10.0 ** -crs.digits(code)
        self.sound = bool(np.isfinite(self._places).all())

    def bend(self, width: float, height: float) -> float:
        """How far at most a straight line in degrees, of that extent, is from one between its ends in the CRS."""
        if not self.sound:
            return np.inf
        along, across, both = self._second()
        w, h = width / (self._lon[1] - self._lon[0]), height / (self._lat[1] - self._lat[0])
        # An eighth of the second derivative (Taylor), twice as much to be safe.
        return float((along * w * w + 2 * both * w * h + across * h * h) / 4) + self._rounding

    def touching(self, box: Box) -> Cells:
        """Which cells (latitude, longitude) may touch a box of the CRS."""
        lower, upper = self._bounds()
        return np.asarray((upper >= box[:2]).all(axis=-1) & (lower <= box[2:]).all(axis=-1))

    def within(self, box: Box) -> Cells:
        """Which cells surely lie in a box of the CRS."""
        lower, upper = self._bounds()
        return np.asarray((lower >= box[:2]).all(axis=-1) & (upper <= box[2:]).all(axis=-1))

    def round(self, cells: Cells) -> Box:
        """The box in degrees round some cells."""
        rows, columns = np.flatnonzero(cells.any(axis=1)), np.flatnonzero(cells.any(axis=0))
        return self.part(columns[0], rows[0], columns[-1] + 1, rows[-1] + 1)

    def part(self, left: int, bottom: int, right: int, top: int) -> Box:
        """The box in degrees of the cells between some lines."""
        return (
            float(self._lon[left]),
            float(self._lat[bottom]),
            float(self._lon[right]),
            float(self._lat[top]),
        )

    def _bounds(self) -> tuple[Array, Array]:
        """Lower and upper corners (n, n, 2) of what each cell may cover in the CRS, as it is shown there."""
        at = self._places
        corners = np.stack([at[:-1, :-1], at[1:, :-1], at[:-1, 1:], at[1:, 1:]])
        margin = max(self._second()) + self._rounding
        return corners.min(axis=0) - margin, corners.max(axis=0) + margin

    def _second(self) -> tuple[float, float, float]:
        """The greatest second differences: along longitudes, along latitudes, mixed."""
        at = self._places
        along, across = np.diff(at, 2, axis=1), np.diff(at, 2, axis=0)
        both = np.diff(np.diff(at, axis=0), axis=1)
        along, across, both = (np.hypot(one[..., 0], one[..., 1]).max() for one in (along, across, both))
        return float(along), float(across), float(both)


def _area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])
