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
from releases.gate.chains import LINE, Chains, Floats, Ints, blocks
from releases.gate.pieces import Pieces
from releases.gate.rules import Rules
from releases.gate.soundness import polygons
from releases.table import Table


def spikes(table: Table, service: Service) -> Iterator[Finding]:
    """Yield each tip of a spike of valid polygons; `measured` is its angle in degrees, the place is the tip."""
    rules = Rules.of(service.gate)
    limit = rules.limit("spike")
    if table.layer.geometry not in ("MultiPolygon", "Geometry") or limit == 0:
        return
    rows: list[Ints] = [np.empty(0, dtype=np.int64)]
    angles, tips = [np.empty(0)], [np.empty((0, 3, 2))]
    for block in blocks(table.geometry, polygons(table)):
        chains = block.without_repeats()
        corner, angle = sharp(chains, limit, service.precision, service.crs)
        if len(corner):
            of = chains.chain_of(corner[:, 1])
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


def sharp(chains: Chains, limit: float, precision: float, crs: str) -> tuple[Ints, Floats]:
    """The corners (k, 3) of rings that are sharper than the limit, as vertices before, at and after; their angles.

    `precision` is that of coordinates, in degrees; chains are without repeats.
    """
    step = chains.steps(crs)
    begin, end = chains.start[:-1], chains.start[1:] - 1
    tangent = np.tan(np.radians(limit))
    along, across = _turn(step[:, :-1], step[:, 1:])
    within = np.flatnonzero((along > 0) & (across < tangent * along)) + 1  # steps across two chains are zero
    along, across = _turn(step[:, end - 1], step[:, begin])
    closing = np.flatnonzero(
        (along > 0) & (across < tangent * along)
    )  # a ring ends with the vertex it began with
    corner = np.concatenate(
        [
            np.column_stack([within - 1, within, within + 1]),
            np.column_stack([end[closing] - 1, begin[closing], begin[closing] + 1]),
        ]
    )
    corner = corner[chains.kind[chains.chain_of(corner[:, 1])] != LINE]
    corner = corner[np.argsort(corner[:, 1], kind="stable")]
    into, out = step[:, corner[:, 0]], step[:, corner[:, 1]]
    arm = np.minimum(np.hypot(*into), np.hypot(*out))
    grid = precision * degree(chains.xy[corner[:, 1], 1], crs).max(axis=1, initial=0)
    meant = arm >= 2 * grid / tangent
    along, across = _turn(into[:, meant], out[:, meant])
    return corner[meant], np.degrees(np.arctan2(across, along))


def _turn(into: Floats, out: Floats) -> tuple[Floats, Floats]:
    """Of steps (2, n) into corners and out of them: how far back (n,) the second goes along the first, and across it.

    Times the lengths of both: their quotient is the tangent of the angle between the two arms.
    """
    return -(into[0] * out[0] + into[1] * out[1]), np.abs(into[0] * out[1] - into[1] * out[0])
