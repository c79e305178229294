"""The parcels of one county: the lattice's cells inside it, cut by its border, without slivers and needles.

A county is worked on alone, so memory holds one county's parcels however many there are. Across a county
border, and so across the provincial one, parcels still meet: the same cell is cut by the same border line on
both sides, and the point where they cross is rounded to the same grid.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from releases.demo.coverage import borders
from releases.demo.lattice import STEPS, Lattice
from releases.gate.chains import Chains
from releases.gate.spikes import sharp

Objects = NDArray[np.object_]
Ints = NDArray[np.int64]

#: A piece smaller than this part of a whole cell goes to a neighbour.
SLIVER = 0.15
#: Degrees: so does one with a sharper corner, which the gate would take for a spike.
NEEDLE = 1.2


@dataclass(frozen=True, slots=True)
class Parcels:
    """Polygons (n,) that fill a county, and the indices (n,) of the cell each one is mostly made of."""

    polygons: Objects
    i: Ints
    j: Ints


def parcels(lattice: Lattice, county: Any) -> Parcels:
    """Cut a county, a polygon or multipolygon on the grid, into parcels."""
    i, j = lattice.span(shapely.bounds(county))
    cells = lattice.cells(i, j)
    shapely.prepare(county)
    whole = shapely.contains_properly(county, cells)
    rim = ~whole & shapely.intersects(county, cells)
    # Snap-rounding on the grid: what comes out is valid there, and needs no rounding afterwards that
    # could break it.
    cut, origin = shapely.get_parts(
        shapely.intersection(cells[rim], county, grid_size=1 / STEPS), return_index=True
    )
    flat = shapely.get_dimensions(cut) == 2
    cut, origin = _on_grid(cut[flat]), origin[flat]
    found = Parcels(
        np.concatenate([cells[whole], cut]),
        np.concatenate([i[whole], i[rim][origin]]),
        np.concatenate([j[whole], j[rim][origin]]),
    )
    return _without_splinters(_with_block_merged(found, lattice), lattice)


def _on_grid(polygons: Objects) -> Objects:
    # The grid of the geometry library is spelt 0.0000001, ours is whole numbers divided: the last bit
    # may differ.
    rounded: Objects = shapely.transform(polygons, lambda xy: np.rint(xy * STEPS) / STEPS)
    return rounded


def _with_block_merged(found: Parcels, lattice: Lattice) -> Parcels:
    """Make one parcel of the lattice's block, which lies wholly inside one county."""
    if lattice.block is None:
        return found
    held = lattice.block.holds(found.i, found.j)
    if not held.any():
        return found
    first = np.flatnonzero(held)[0]
    found.polygons[first] = shapely.coverage_union_all(found.polygons[held])
    held[first] = False
    return Parcels(found.polygons[~held], found.i[~held], found.j[~held])


def _without_splinters(found: Parcels, lattice: Lattice) -> Parcels:
    """Join slivers and needles with their neighbours until none is left that has one."""
    while True:
        joined = _splinters_joined(found, SLIVER * lattice.dx * lattice.dy)
        if len(joined.polygons) == len(found.polygons):
            return found
        found = joined  # two slivers that took each other may still be too small together


def _needles(polygons: Objects) -> dict[int, shapely.Point]:
    """The parcels with a corner too sharp, and its tip."""
    chains = Chains.of(polygons, np.arange(len(polygons)))
    tip = sharp(chains, NEEDLE, 1 / STEPS, "EPSG:4490")[0][:, 1]
    return dict(zip(chains.row[chains.chain_of(tip)].tolist(), shapely.points(chains.xy[tip]).tolist()))


def _splinters_joined(found: Parcels, least: float) -> Parcels:
    """Each parcel smaller than `least` (square degrees) joined with the neighbour of its longest border.

    A needle is joined with the one of those at its tip, so that the tip is no corner any more.
    """
    area = shapely.area(found.polygons)
    tips = {parcel: tip for parcel, tip in _needles(found.polygons).items() if area[parcel] >= least}
    small = np.union1d(np.flatnonzero(area < least), np.array(list(tips), dtype=np.int64))
    if not len(small):
        return found
    near = np.unique(shapely.STRtree(found.polygons).query(found.polygons[small], predicate="intersects")[1])
    widest: dict[int, tuple[float, int]] = {}
    for one, other, shared in zip(*(column.tolist() for column in borders(found.polygons[near]).lengths())):
        for mine, theirs in ((one, other), (other, one)):
            tip = tips.get(int(near[mine]))
            if tip is None or found.polygons[near[theirs]].touches(tip):
                widest[mine] = max(widest.get(mine, (0.0, -1)), (shared, theirs))
    place = {int(parcel): k for k, parcel in enumerate(near)}
    host = np.arange(len(found.polygons))

    def root(parcel: int) -> int:
        while host[parcel] != parcel:
            parcel = int(host[parcel])
        return parcel

    # The smallest first; where the neighbour has been joined itself, it is joined with that one's host.
    for sliver in small[np.argsort(area[small], kind="stable")].tolist():
        if place[sliver] in widest:
            host[sliver] = root(int(near[widest[place[sliver]][1]]))
    kept = host == np.arange(len(host))
    hosts = np.array([root(parcel) for parcel in np.flatnonzero(~kept).tolist()], dtype=np.int64)
    polygons = found.polygons.copy()
    for target in np.unique(hosts).tolist():
        members = np.append(np.flatnonzero(~kept)[hosts == target], target)
        polygons[target] = shapely.coverage_union_all(found.polygons[members])
    return Parcels(polygons[kept], found.i[kept], found.j[kept])
