"""Nothing is left out: between the features of a coverage, and of the extent that a layer is to fill.

    +-------+
    | a | b |     gap: a hole that features close round
    |---+.+-|     fill: what of the extent is open to the outside, or any of it where the layer need be no coverage
    | c |.| |
    +---+.+-+

So each place is told once. A hole that two authorities leave between them is told by the check of their border.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely
from numpy.typing import NDArray

from config.models import Filling, Text
from releases.faults import inner_point, named
from releases.findings import Finding
from releases.gate.ground import Ground, Pieces
from releases.gate.scene import Scene
from releases.table import Objects

#: How many of the features round a gap are named.
_NAMED = 12


def gap(scene: Scene) -> Iterator[Finding]:
    """Yield the holes between the features of each coverage; of a layer that fills an extent, those inside it."""
    for layer in scene.service.gate.coverage:
        ground = scene.whole(layer)
        if ground is None:
            continue
        holes = ground.holes
        for filling in scene.service.gate.fill:
            extent = _extent(scene, filling)
            if filling.layer == layer and extent is not None:
                holes = shapely.intersection(holes, extent)
        pieces = _pieces(scene, ground, holes, "gap")
        for shape, area in zip(pieces.shape, pieces.area.tolist()):
            around = np.sort(ground.tree.query(shape, predicate="intersects"))
            rows = ground.rows[around]
            authorities = set(ground.table.authority[rows].tolist())
            if not scene.bordering(layer, authorities):
                yield _gap(ground, rows, authorities, shape, area)


def _gap(
    ground: Ground, rows: NDArray[np.int64], authorities: set[str], shape: shapely.Geometry, area: float
) -> Finding:
    names = tuple(name for row in rows[:_NAMED] if (name := named(ground.table.ids[row])) is not None)
    text = Text(
        zh=f"要素之间有缝隙，{area:.1f} 平方米，位于 {'、'.join(names)} 之间",
        en=f"there is a gap of {area:.1f} m2 between {', '.join(names)}",
    )
    return Finding(
        "gap",
        text,
        authority=authorities.pop() if len(authorities) == 1 else None,
        layer=ground.table.layer.id,
        place=inner_point(shape),
        geometry=shape,
        others=names,
        measured=area,
    )


def fill(scene: Scene) -> Iterator[Finding]:
    """Yield what of an extent its layer leaves uncovered, but not what is told as a gap."""
    for filling in scene.service.gate.fill:
        yield from _absent(scene, filling)
        ground, extent = scene.whole(filling.layer), _extent(scene, filling)
        if ground is None or extent is None:
            continue
        left = np.array([shapely.difference(extent, ground.whole)], dtype=object)
        pieces = _pieces(scene, ground, left, "fill")
        told = np.zeros(len(pieces), dtype=bool)
        if filling.layer in scene.service.gate.coverage:
            inside = shapely.point_on_surface(pieces.shape)
            told[shapely.STRtree(ground.holes).query(inside, predicate="within")[0]] = True
        for shape, area in zip(pieces.shape[~told], pieces.area[~told].tolist()):
            text = Text(
                zh=f"{filling.extent} 有 {area:.1f} 平方米未被覆盖",
                en=f"{area:.1f} m2 of {filling.extent} are not covered",
            )
            yield Finding(
                "fill",
                text,
                layer=filling.layer,
                place=inner_point(shape),
                geometry=shape,
                others=filling.features,
                other_layer=filling.extent,
                measured=area,
            )


def _extent(scene: Scene, filling: Filling) -> shapely.Geometry | None:
    """What is to be filled; None when it could not be read."""
    ground = scene.whole(filling.extent)
    if ground is None:
        return None
    names = np.array([named(one) for one in ground.table.ids[ground.rows]], dtype=object)
    chosen = np.isin(names, filling.features) if filling.features else np.ones(len(ground), dtype=bool)
    return ground.union(np.flatnonzero(chosen)) if chosen.any() else None


def _absent(scene: Scene, filling: Filling) -> Iterator[Finding]:
    """The features that are to be filled and are not there."""
    ground = scene.whole(filling.extent)
    if ground is None:
        return
    there = {named(one) for one in ground.table.ids}
    for name in filling.features:
        if name not in there:
            text = Text(
                zh=f"应被 {filling.layer} 覆盖的要素 {name} 不存在",
                en=f"the feature {name}, which {filling.layer} should cover, does not exist",
            )
            yield Finding("fill", text, layer=filling.extent, feature=name, other_layer=filling.layer)


def _pieces(scene: Scene, ground: Ground, shapes: Objects, rule: str) -> Pieces:
    """The pieces that count, from west to east, without those round something invalid."""
    service = scene.service
    if scene.window is not None:
        shapes = shapely.intersection(shapes, scene.window)
    found = Pieces.of_overlays(shapes, scene.rules.limit(rule), service.precision, service.crs)
    known = np.ones(len(found), dtype=bool)
    known[shapely.STRtree(ground.unfit).query(found.shape, predicate="intersects")[0]] = False
    order = np.flatnonzero(known)
    order = order[np.lexsort(shapely.bounds(found.shape[order]).T[::-1])]
    return Pieces(found.shape[order], found.of[order], found.area[order])
