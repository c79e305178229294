"""No ring folds back upon itself in a spike, outwards or inwards: two edges that leave a vertex almost the same way.

    ........______________________
    ........______________________>   the angle at the tip is below the limit

Rounding moves both ends of an edge by half a step of the grid, so an edge must be long enough for the angle to be meant:
shorter than twice a step over the tangent of the limit (1.3 m for 1 degree and 1e-7 degrees) it says nothing. Slivers and
tiny pieces, whose ends are sharp by their nature, are told as what they are.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely

from config.models import Service, Text
from releases.ellipsoid import degree
from releases.faults import RowFault
from releases.findings import Finding
from releases.gate.chains import LINE, Chains, Floats, Ints, blocks, polygons
from releases.gate.pieces import Pieces
from releases.gate.rules import Rules
from releases.table import Table


def spikes(table: Table, service: Service) -> Iterator[Finding]:
    """Yield each tip of a spike of valid polygons; `measured` is its angle in degrees, the place is the tip."""
    rules = Rules.of(service.gate)
    limit = rules.limit("spike")
    if table.layer.geometry not in ("MultiPolygon", "Geometry") or limit == 0:
        return
    rows: list[Ints] = [np.empty(0, dtype=np.int64)]
    angles, tips = [np.empty(0)], [np.empty((0, 3, 2))]
    for chains in blocks(table.geometry, polygons(table.geometry)):
        corner, angle = _sharp(chains, limit, service)
        if not len(corner):
            continue
        of = np.searchsorted(chains.start, corner[:, 1], side="right") - 1
        pieces = Pieces.of(chains, service.crs)
        width = rules.limit("sliver")
        told = pieces.slivers(width) | pieces.tiny(rules.limit("tiny-ring"), width)
        apart = ~np.isin(of, pieces.chain[told])
        rows.append(chains.row[of[apart]])
        angles.append(angle[apart])
        tips.append(chains.xy[corner[apart]])
    tip, angle = np.concatenate(tips), np.concatenate(angles)

    def message(fault: int) -> Text:
        return Text(
            zh=f"此处边界折返成尖角，夹角 {angle[fault]:.3g}°，应不小于 {limit:g}°",
            en=f"here the ring folds back in an angle of {angle[fault]:.3g} degrees, expected at least {limit:g}",
        )

    fault = RowFault(
        "spike",
        np.concatenate(rows),
        message,
        place=lambda fault: (float(tip[fault, 1, 0]), float(tip[fault, 1, 1])),
        geometry=lambda fault: shapely.LineString(tip[fault]),
        measured=angle,
    )
    yield from fault.findings(table, service.gate.listed)


def _sharp(chains: Chains, limit: float, service: Service) -> tuple[Ints, Floats]:
    """The corners (k, 3) of rings that are sharper than the limit, as vertices before, at and after; their angles."""
    metres, of = chains.metres(service.crs), chains.of_vertex()
    before, at, after = _corners(chains, of)
    one, other = metres[before] - metres[at], metres[after] - metres[at]
    along = (one * other).sum(axis=1)
    across = np.abs(one[:, 0] * other[:, 1] - one[:, 1] * other[:, 0])
    sharp = np.flatnonzero((along > 0) & (across < np.tan(np.radians(limit)) * along))
    arm = np.minimum(np.hypot(*one[sharp].T), np.hypot(*other[sharp].T))
    step = service.precision * degree(chains.xy[at[sharp], 1], service.crs).max(axis=1, initial=0)
    sharp = sharp[arm >= 2 * step / np.tan(np.radians(limit))]
    corner = np.column_stack([before[sharp], at[sharp], after[sharp]])
    return corner, np.degrees(np.arctan2(across[sharp], along[sharp]))


def _corners(chains: Chains, of: Ints) -> tuple[Ints, Ints, Ints]:
    """Each vertex of a ring once, with the one before and the one after it; of equal ones in a row the first."""
    moves = np.ones(len(of), dtype=bool)
    moves[1:] = (of[1:] != of[:-1]) | (chains.xy[1:] != chains.xy[:-1]).any(axis=1)
    vertex = np.flatnonzero(moves & (chains.kind[of] != LINE))
    ring = of[vertex]
    is_first = np.ones(len(vertex), dtype=bool)
    is_first[1:] = ring[1:] != ring[:-1]
    is_last = np.roll(is_first, -1)
    # A ring ends with the vertex it began with, so before the first one comes the last but one.
    before = np.roll(vertex, 1)
    before[is_first] = np.roll(vertex, 1)[is_last]
    corner = ~is_last
    return before[corner], vertex[corner], np.roll(vertex, -1)[corner]
