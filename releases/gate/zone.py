"""Parts of a layer that were read in the wrong Gauss-Kruger zone, where that is still within the region.

Where it is not, it is told while reading (`releases.sources.placement`). To read coordinates in the zone beside theirs
moves them by its width in longitude and not at all in latitude, so the units that features say they lie in can tell.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely

from config.models import Text
from releases.findings import Finding
from releases.gate.scene import Scene
from releases.table import Objects

#: Features that are looked up in their units; so many of them lie there as they are, or in another zone.
_SOME, _HARDLY, _NEARLY = 500, 0.1, 0.9
#: Degrees between zones: they are three or six wide.
_AWAY = (3.0, -3.0, 6.0, -6.0)


def zone(scene: Scene) -> Iterator[Finding]:
    """Yield parts of layers that lie in their units only when moved by a whole zone."""
    if scene.window is not None:
        return  # a few features that changed are no part of a layer
    for nesting in scene.service.gate.nest:
        ground, units = scene.ground(nesting.layer), scene.whole(nesting.within)
        if ground is None or units is None:
            continue
        polygon = dict(zip(units.table.ids[units.rows].tolist(), units.geometry))
        codes = ground.table.values[nesting.by][ground.rows]
        authority = ground.table.authority[ground.rows]
        for name in dict.fromkeys(authority.tolist()):
            part = [place for place in np.flatnonzero(authority == name).tolist() if codes[place] in polygon]
            some = np.array(part, dtype=np.int64)[:: max(1, len(part) // _SOME)]
            points = shapely.point_on_surface(ground.geometry[some])
            homes = np.array([polygon[code] for code in codes[some]], dtype=object)
            shapely.prepare(homes)
            yield from _moved(name, nesting.layer, nesting.within, points, homes)


def _moved(authority: str, layer: str, within: str, points: Objects, homes: Objects) -> Iterator[Finding]:
    if not len(points):
        return
    xy = shapely.get_coordinates(points)

    def at_home(degrees: float) -> float:
        moved = shapely.points(xy + np.array([degrees, 0.0]))
        return float(np.mean(shapely.intersects(homes, moved)))

    here = at_home(0)
    if here > _HARDLY:
        return
    for degrees in _AWAY:
        there = at_home(degrees)
        if there >= _NEARLY:
            text = Text(
                zh=f"只有 {here:.0%} 的要素在其所属单元（{within}）内，而经度加 {degrees:+g}° 后有 {there:.0%}：坐标按错误的分带读取，请"
                "改正声明的坐标系",
                en=f"only {here:.0%} of the features lie in their units ({within}), but {there:.0%} would {degrees:+g} degrees of "
                "longitude away: they were read in the wrong zone, declare the right CRS",
            )
            yield Finding(
                "wrong-zone", text, authority, layer, place=tuple(xy[0].tolist()), other_layer=within
            )
            return
