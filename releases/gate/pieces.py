"""Pieces of polygons are neither slivers nor tiny: parts of a feature, and holes in them.

A piece of area A and perimeter P is 2 A / P wide in the mean (a strip of width w and length l has the area w l and the
perimeter 2 (w + l)), and P² / 4 A times as long as that. Long and narrower than the limit, it is a sliver; anything else
smaller than the other limit is tiny. So each piece is one fault at most.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Self

import numpy as np
import shapely
from numpy.typing import NDArray

from config.models import Service, Text
from releases.faults import RowFault
from releases.findings import Finding
from releases.gate.chains import HOLE, SHELL, Chains, Floats, Ints, blocks
from releases.gate.rules import Rules
from releases.gate.soundness import polygons
from releases.table import Table

#: Times its mean width that a piece is long, from which on it is a strip: a square is 4, a rectangle of 8 to 1 is 10.
STRIP = 10.0


@dataclass(frozen=True, slots=True, eq=False)
class Pieces:
    """The parts and holes of the polygons of a block.

    chain : (p,) the ring that bounds each piece from outside
    area, width, length : (p,) in m², metres, and mean widths; of a part without its holes
    """

    chain: Ints
    area: Floats
    width: Floats
    length: Floats

    @classmethod
    def of(cls, chains: Chains, crs: str) -> Self:
        """The pieces of a block; lines are none."""
        area, around = chains.areas(crs), chains.lengths(crs)
        shells, holes = np.flatnonzero(chains.kind == SHELL), np.flatnonzero(chains.kind == HOLE)
        part = np.searchsorted(chains.piece[shells], chains.piece[holes])
        net, whole = area[shells], around[shells]
        np.subtract.at(net, part, area[holes])
        np.add.at(whole, part, around[holes])
        area, around = np.concatenate([net, area[holes]]), np.concatenate([whole, around[holes]])
        with np.errstate(divide="ignore"):  # what has no area is as long as can be
            return cls(np.concatenate([shells, holes]), area, 2 * area / around, around**2 / (4 * area))

    def slivers(self, width: float) -> NDArray[np.bool_]:
        """Which (p,) are strips narrower than so many metres in the mean."""
        return (self.width < width) & (self.length >= STRIP)

    def tiny(self, area: float, width: float) -> NDArray[np.bool_]:
        """Which (p,) are smaller than so many m² and no slivers of that width."""
        return (self.area < area) & ~self.slivers(width)


@dataclass(frozen=True, slots=True)
class _Found:
    """Pieces of one rule, as their blocks come."""

    row: list[int] = field(default_factory=list)
    size: list[float] = field(default_factory=list)
    ring: list[Floats] = field(default_factory=list)
    is_hole: list[bool] = field(default_factory=list)

    def add(self, chains: Chains, chain: Ints, size: Floats) -> None:
        self.row.extend(chains.row[chain].tolist())
        self.size.extend(size.tolist())
        self.ring.extend(chains.xy[chains.start[k] : chains.start[k + 1]].copy() for k in chain.tolist())
        self.is_hole.extend((chains.kind[chain] == HOLE).tolist())

    def fault(self, rule: str, message: Callable[[bool, float], Text]) -> RowFault:
        order = np.argsort(np.array(self.row, dtype=np.int64), kind="stable")
        return RowFault(
            rule,
            np.array(self.row, dtype=np.int64)[order],
            lambda fault: message(self.is_hole[order[fault]], self.size[order[fault]]),
            place=lambda fault: (float(self.ring[order[fault]][0, 0]), float(self.ring[order[fault]][0, 1])),
            geometry=lambda fault: shapely.Polygon(self.ring[order[fault]]),
            measured=np.array(self.size)[order],
        )


def pieces(table: Table, service: Service) -> Iterator[Finding]:
    """Yield slivers and tiny pieces of valid polygons; `measured` is the mean width in metres, the area in m²."""
    if table.layer.geometry not in ("MultiPolygon", "Geometry"):
        return
    rules = Rules.of(service.gate)
    width, area = rules.limit("sliver"), rules.limit("tiny-ring")
    narrow, small = _Found(), _Found()
    for chains in blocks(table.geometry, polygons(table)):
        some = Pieces.of(chains, service.crs)
        for found, which, size in (
            (narrow, some.slivers(width), some.width),
            (small, some.tiny(area, width), some.area),
        ):
            found.add(chains, some.chain[which], size[which])

    def sliver(is_hole: bool, size: float) -> Text:
        zh, en = _NOUNS[is_hole]
        return Text(
            zh=f"{zh}狭长，平均宽度 {size:.3g} 米，应不小于 {width:g} 米",
            en=f"{en} is a strip {size:.3g} m wide in the mean, expected at least {width:g} m",
        )

    def tiny(is_hole: bool, size: float) -> Text:
        zh, en = _NOUNS[is_hole]
        return Text(
            zh=f"{zh}面积仅 {size:.3g} 平方米，应不小于 {area:g} 平方米",
            en=f"{en} has only {size:.3g} m2, expected at least {area:g} m2",
        )

    for fault in (narrow.fault("sliver", sliver), small.fault("tiny-ring", tiny)):
        yield from fault.findings(table, service.gate.listed)


#: What a piece is, by whether it is a hole.
_NOUNS = {False: ("多边形的一部分", "a part of the polygon"), True: ("多边形的洞", "a hole of the polygon")}
