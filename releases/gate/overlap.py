"""No feature lies over another: within a layer, and between layers that must keep apart.

Where two authorities have a border in a layer, what they do to each other there is told by the check of the border.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from config.models import Text
from releases.faults import RowFault, inner_point, named
from releases.findings import Finding
from releases.gate.ground import Ground, Overlaps, loose, overlaps
from releases.gate.scene import Scene
from releases.table import Table


def overlap(scene: Scene) -> Iterator[Finding]:
    """Yield the pairs of features of a layer that overlap, each told at the first of the two."""
    service = scene.service
    limit = scene.rules.limit("overlap")
    for layer in dict.fromkeys((*service.gate.coverage, *service.gate.disjoint)):
        ground = scene.ground(layer)
        if ground is None or not ground.loose.any():
            continue
        found = overlaps(ground.geometry, ground.loose, limit, service.precision, service.crs)
        one, other = ground.rows[found.one], ground.rows[found.other]
        authority = ground.table.authority
        mine = np.array(
            [not scene.bordering(layer, {a, b}) for a, b in zip(authority[one], authority[other])], dtype=bool
        )
        yield from _told(
            scene, "overlap", (ground.table, one[mine]), (ground.table, other[mine]), found, mine
        )


def apart(scene: Scene) -> Iterator[Finding]:
    """Yield the pairs of features of layers that must keep apart, each told at the layer named first."""
    service = scene.service
    limit = scene.rules.limit("apart")
    for group in service.gate.apart:
        grounds = [
            ground for name in group.layers if (ground := scene.ground(name)) is not None and len(ground)
        ]
        if len(grounds) < 2:
            continue
        polygons = np.concatenate([ground.geometry for ground in grounds])
        suspects = loose(polygons)
        if not suspects.any():
            continue
        found = overlaps(polygons, suspects, limit, service.precision, service.crs)
        layer = np.repeat(np.arange(len(grounds)), [len(ground) for ground in grounds])
        start = np.cumsum([0, *(len(ground) for ground in grounds)])
        # Pairs are in the order of the concatenation, so the one is of the layer named first.
        for a, b in combinations(range(len(grounds)), 2):
            mine = (layer[found.one] == a) & (layer[found.other] == b)
            one, other = found.one[mine] - start[a], found.other[mine] - start[b]
            yield from _told(scene, "apart", _at(grounds[a], one), _at(grounds[b], other), found, mine)


#: A table and rows of it.
Rows = tuple[Table, NDArray[np.int64]]


def _at(ground: Ground, places: NDArray[np.int64]) -> Rows:
    return ground.table, ground.rows[places]


def _told(
    scene: Scene, rule: str, one: Rows, other: Rows, found: Overlaps, mine: NDArray[np.bool_]
) -> Iterator[Finding]:
    """The findings of the pairs that are `mine`, of rows of one table with rows of the other."""
    shapes, area = found.pieces.shape[mine], found.pieces.area[mine]
    (table, rows), (theirs, others) = one, other
    elsewhere = theirs.layer.id if theirs is not table else None

    def name(fault: int) -> str:
        return named(theirs.ids[others[fault]]) or f"#{theirs.row[others[fault]]}"

    def message(fault: int) -> Text:
        of = (f"图层 {elsewhere} 的 ", f" of {elsewhere}") if elsewhere else ("", "")
        return Text(
            zh=f"与{of[0]}{name(fault)} 重叠 {area[fault]:.1f} 平方米",
            en=f"overlaps {name(fault)}{of[1]} by {area[fault]:.1f} m2",
        )

    yield from RowFault(
        rule,
        rows,
        message,
        place=lambda fault: inner_point(shapes[fault]),
        geometry=shapes.__getitem__,
        others=lambda fault: (name(fault),),
        other_layer=elsewhere,
        measured=area,
    ).findings(table, scene.service.gate.listed)
