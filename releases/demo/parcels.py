"""The parcels of one county: the lattice's cells inside it, cut by its border, without slivers.

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

Objects = NDArray[np.object_]
Ints = NDArray[np.int64]

#: A piece smaller than this part of a whole cell goes to a neighbour.
SLIVER = 0.15


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
    return _without_slivers(_with_block_merged(found, lattice), lattice)


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


def _without_slivers(found: Parcels, lattice: Lattice) -> Parcels:
    """Join each sliver with the neighbour it shares most of its outline with; one without any stays."""
    polygons = found.polygons
    small = np.flatnonzero(shapely.area(polygons) < SLIVER * lattice.dx * lattice.dy)
    if not len(small):
        return found
    near = np.unique(shapely.STRtree(polygons).query(polygons[small], predicate="intersects")[1])
    first, second, length = borders(polygons[near]).lengths()
    host = np.arange(len(polygons))
    best: dict[int, tuple[float, int]] = {}
    for one, other, shared in zip(near[first].tolist(), near[second].tolist(), length.tolist()):
        best[one] = max(best.get(one, (0.0, -1)), (shared, other))
        best[other] = max(best.get(other, (0.0, -1)), (shared, one))
    area = shapely.area(polygons)
    # The smallest first; a sliver whose host was joined elsewhere follows it there.
    for sliver in small[np.argsort(area[small], kind="stable")].tolist():
        target = best.get(sliver, (0.0, sliver))[1]
        while host[target] != target:
            target = int(host[target])
        if target != sliver:
            host[sliver] = target
    for sliver in small.tolist():
        while host[host[sliver]] != host[sliver]:
            host[sliver] = host[host[sliver]]
    kept = host == np.arange(len(polygons))
    for target in np.unique(host[~kept]).tolist():
        polygons[target] = shapely.coverage_union_all(polygons[host == target])
    return Parcels(polygons[kept], found.i[kept], found.j[kept])
