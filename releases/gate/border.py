"""Where two authorities meet, their edges are one line: the same vertices, no overlap, no gap.

    a a a | b b b        shared: each vertex of a's edge is one of b's
    a a a / b b b        mismatch: nearer than the limit, or one over the other, but not the same line
    a a a   ( )   b b    gap: a hole that both sides leave open, wider than the limit

Both sides' polygons near the border are joined, each side to one shape, so that faults within a side play no
part; then GEOS's coverage check looks at the two shapes alone. A vertex where three units meet must be a
vertex of both sides too.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from config.models import Border, Text
from releases.ellipsoid import degree, square_metres
from releases.faults import first_vertex, inner_point, named
from releases.findings import Finding
from releases.gate.ground import Ground
from releases.gate.scene import Scene
from releases.table import Objects

Places = NDArray[np.int64]


def border(scene: Scene) -> Iterator[Finding]:
    """Yield where two authorities do not share one line, for each border that is configured."""
    for each in scene.service.borders:
        ground = scene.ground(each.layer)
        if ground is not None:
            authority = ground.table.authority[ground.rows]
            one, other = (np.flatnonzero(authority == name) for name in each.between)
            if len(one) and len(other):
                yield from _meet(scene, each, ground, (one, other))


@dataclass(frozen=True, slots=True)
class _Metres:
    """Degrees as metres along the border: so many (2,) to a degree of longitude and to one of latitude.

    Multiplying leaves equal coordinates equal, so vertices that are the same stay so; `steps` to a degree is the
    grid that the way back ends on.
    """

    scale: NDArray[np.float64]
    steps: int

    def of(self, shapes: Objects) -> Objects:
        """Shapes in degrees, in metres."""
        scaled: Objects = shapely.transform(shapes, lambda xy: xy * self.scale)
        return scaled

    def back(self, shapes: Objects) -> Objects:
        """Shapes in metres, in degrees on the grid."""
        grid: Objects = shapely.transform(
            shapes, lambda xy: np.rint(xy / self.scale * self.steps) / self.steps
        )
        return grid


@dataclass(frozen=True, slots=True, eq=False)
class _Side:
    """One side of a border: its authority, the places of its polygons there, and their boundaries in metres."""

    name: str
    places: Places
    edges: Objects


def _meet(scene: Scene, each: Border, ground: Ground, sides: tuple[Places, Places]) -> Iterator[Finding]:
    # Wider, and two borders that part at a sharp angle would be taken for one that gapes.
    limit = scene.rules.limit("border-mismatch")
    near = _near(ground, *sides, limit)
    names = each.between
    if near is None:
        text = Text(
            zh=f"{names[0]} 与 {names[1]} 的数据互不相接",
            en=f"the data of {names[0]} and {names[1]} do not meet anywhere",
        )
        yield Finding("border-apart", text, layer=each.layer)
        return
    middle = shapely.bounds(ground.geometry[near[0]])[:, [1, 3]].mean()
    metres = _Metres(degree(np.array([middle]), scene.service.crs)[0], round(1 / scene.service.precision))
    shapes = metres.of(np.array([ground.union(places) for places in near], dtype=object))
    wrong = shapely.coverage_invalid_edges(shapes, gap_width=limit)
    both = [
        _Side(name, places, shapely.boundary(metres.of(ground.geometry[places])))
        for name, places in zip(names, near)
    ]
    for side, other, edge in zip(both, reversed(both), wrong):
        yield from _mismatches(ground, metres, side, other, edge)
    yield from _gaps(scene, each, ground, metres, wrong)


def _near(ground: Ground, one: Places, other: Places, limit: float) -> tuple[Places, Places] | None:
    """The polygons of each side that are nearer to the other side than about a limit in metres, if there are any."""
    # No degree anywhere on the ground is shorter: rather a few too many.
    around = limit / 50_000
    boxes = [shapely.bounds(ground.geometry[side]) for side in (one, other)]
    kept = []
    # First by boxes against the other side as a whole: of a million polygons some thousands are left.
    for side, box, beyond in zip((one, other), boxes, reversed(boxes)):
        low, high = beyond[:, :2].min(axis=0) - around, beyond[:, 2:].max(axis=0) + around
        kept.append(side[((box[:, 2:] >= low) & (box[:, :2] <= high)).all(axis=1)])
    tree = shapely.STRtree(ground.geometry[kept[1]])
    near_one, near_other = tree.query(ground.geometry[kept[0]], predicate="dwithin", distance=around)
    if not len(near_one):
        return None
    return kept[0][np.unique(near_one)], kept[1][np.unique(near_other)]


def _mismatches(
    ground: Ground, metres: _Metres, side: _Side, other: _Side, edge: shapely.Geometry
) -> Iterator[Finding]:
    """One side's edges that are not the other's, each told at the polygon that has it."""
    lines = shapely.get_parts(shapely.line_merge(edge))
    lines = lines[~shapely.is_empty(lines)]
    owner = shapely.STRtree(side.edges).nearest(shapely.line_interpolate_point(lines, 0.5, normalized=True))
    there = shapely.STRtree(other.edges)
    table = ground.table
    found = zip(metres.back(lines), lines, owner.tolist())
    for line, scaled, index in sorted(found, key=lambda one: one[0].wkt):
        row, vertices = ground.rows[side.places[index]], shapely.get_coordinates(scaled)
        _, off = there.query_nearest(shapely.points(vertices), all_matches=False, return_distance=True)
        text = Text(
            zh=f"与 {other.name} 的接边不是同一条线：此处 {len(vertices)} 个顶点与对方不一致，相差至多 {off.max():.2f} 米",
            en=f"the edge towards {other.name} is not one line: {len(vertices)} vertices here are not the other's, "
            f"off by up to {off.max():.2f} m",
        )
        yield Finding(
            "border-mismatch",
            text,
            side.name,
            table.layer.id,
            None,
            named(table.ids[row]),
            int(table.row[row]),
            first_vertex(line),
            geometry=line,
            measured=float(off.max()),
        )


def _gaps(scene: Scene, each: Border, ground: Ground, metres: _Metres, told: Objects) -> Iterator[Finding]:
    """Holes that touch both sides, unless they are narrow and their edges were told as mismatches."""
    authority = ground.table.authority[ground.rows]
    narrowest = scene.rules.limit("border-mismatch") / 2
    names = each.between
    for hole in sorted(ground.holes, key=lambda hole: hole.bounds):
        around = np.sort(ground.tree.query(hole, predicate="intersects"))
        if not set(names) <= set(authority[around].tolist()):
            continue
        (scaled,) = metres.of(np.array([hole]))
        if shapely.buffer(scaled, -narrowest).is_empty and shapely.dwithin(scaled, told, 1e-3).any():
            continue
        area = float(square_metres(np.array([hole]), scene.service.crs)[0])
        text = Text(
            zh=f"{names[0]} 与 {names[1]} 之间有空隙，约 {area / 10_000:.2f} 公顷",
            en=f"there is a gap between {names[0]} and {names[1]} of about {area / 10_000:.2f} ha",
        )
        yield Finding(
            "border-gap",
            text,
            layer=each.layer,
            place=inner_point(hole),
            geometry=hole,
            others=tuple(str(one) for one in ground.table.ids[ground.rows[around]]),
            measured=area,
        )
