"""Faults of single geometries.

Polygons that are wrong by themselves are drawn inside plots of farmland: whatever is within a plot leaves its county,
its neighbours and the other control lines as they were. The area stated always follows.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import shapely

from config.models import Text
from releases.demo.dirty.figures import DEGREE, Frame, multi, room
from releases.demo.dirty.ground import Ground
from releases.demo.dirty.walks import in_turn, mixed, pairs_in_turn, shuffled, some
from releases.demo.rows import objects
from releases.ellipsoid import square_metres

PLOTS = "yjjbnt"
#: Metres: a plot is drawn in only where a circle of this radius has room.
ROOM = 60.0
#: Types of OGC 06-103r4 8.2.8 as WKB numbers them; a thousand more has Z, two thousand M.
_POLYGON, _CIRCULARSTRING, _CURVEPOLYGON, _MEASURED = 3, 8, 10, 2000

Drawn = tuple[Any, Text] | tuple[Any, Text, float]


def invalid(ground: Ground) -> Iterator[int]:
    """Five ways in which a polygon is none (OGC 06-103r4 6.1.11)."""

    def bow_tie(f: Frame, r: float) -> Drawn:
        ring = f.ring((-r, -0.5 * r), (0.6 * r, 0.6 * r), (0.6 * r, -0.6 * r), (-0.7 * r, 0.6 * r))
        return multi([ring]), Text(zh="外环自相交成蝴蝶结", en="a ring that crosses itself, a bow-tie")

    def pinched(f: Frame, r: float) -> Drawn:
        ring = f.ring(
            (-r, 0), (0, -0.7 * r), (r * 0.8, 0), (0.1 * r, 0.4 * r), (0, -0.7 * r), (-0.1 * r, 0.4 * r)
        )
        return multi([ring]), Text(zh="环在一点自相接", en="a ring that touches itself in a vertex")

    def hole_outside(f: Frame, r: float) -> Drawn:
        shell, hole = f.circle(0.4 * r, at=(-0.5 * r, 0)), f.circle(0.25 * r, at=(0.6 * r, 0))
        return multi([shell, hole]), Text(zh="洞在外环之外", en="a hole outside its shell")

    def holes_nested(f: Frame, r: float) -> Drawn:
        holes = [f.circle(0.5 * r), f.circle(0.3 * r)]
        return multi([f.circle(0.9 * r), *holes]), Text(zh="洞中有洞", en="a hole within a hole")

    def shells_nested(f: Frame, r: float) -> Drawn:
        return multi([f.circle(0.9 * r)], [f.circle(0.4 * r)]), Text(zh="面中有面", en="a part within a part")

    # A shapefile says nothing of which ring is a hole: readers find out by which lies in which.
    yield from _redrawn(ground, "geometry-invalid", [bow_tie, pinched], "chongqing", 0.25)
    yield from _redrawn(
        ground, "geometry-invalid", [bow_tie, pinched, hole_outside, holes_nested, shells_nested], "sichuan"
    )


def sliver(ground: Ground) -> Iterator[int]:
    """Polygons as long as a plot and less than half a metre wide."""

    def strip(f: Frame, r: float) -> Drawn:
        length, width = min(r, 900.0), 0.3
        ring = f.ring((-length, 0), (length, 0.4 * length), (length, 0.4 * length + width), (-length, width))
        inside = [(x, y) for x, y in ring]
        return multi([inside]), Text(zh="改为宽约 0.3 米的狭长面", en="a strip some 0.3 m wide")

    yield from _redrawn(ground, "sliver", [strip])


def spike(ground: Ground) -> Iterator[int]:
    """Needles that stick out of a plot or into it."""

    def out(f: Frame, r: float) -> Drawn:
        ring = f.ring((-0.5 * r, -0.5 * r), (0.3 * r, -0.5 * r), (0.3 * r, 0), (0.95 * r, 0.002 * r), (0.3 * r, 0.004 * r), (0.3 * r, 0.5 * r), (-0.5 * r, 0.5 * r))  # fmt: skip
        return multi([ring]), Text(zh="向外突出的尖刺", en="a needle that sticks out")

    def into(f: Frame, r: float) -> Drawn:
        ring = f.ring((-0.6 * r, -0.5 * r), (0.6 * r, -0.5 * r), (0.6 * r, 0), (-0.4 * r, 0.003 * r), (0.6 * r, 0.006 * r), (0.6 * r, 0.5 * r), (-0.6 * r, 0.5 * r))  # fmt: skip
        return multi([ring]), Text(zh="向内切入的尖缝", en="a needle that cuts in")

    yield from _redrawn(ground, "spike", [out, into])


def tiny_ring(ground: Ground) -> Iterator[int]:
    """Holes of four square metres."""

    def hole(f: Frame, r: float) -> Drawn:
        return multi([f.circle(0.9 * r), f.ring((0, 0), (0, 2), (2, 2), (2, 0))]), Text(
            zh="4 平方米的洞", en="a hole of 4 square metres"
        )

    yield from _redrawn(ground, "tiny-ring", [hole])


def duplicate_points(ground: Ground) -> Iterator[int]:
    """A vertex said twice: in plots, rivers and boundaries."""
    what = Text(zh="同一顶点连续出现两次", en="the same vertex twice in a row")
    for layer, share in ((PLOTS, 0.7), ("xzqjx", 0.3)):
        for spot in some(ground, "duplicate-points", layer, share):
            part = shapely.get_parts(ground.geometry(spot))[0]
            is_line = part.geom_type == "LineString"
            vertices = shapely.get_coordinates(part if is_line else part.exterior).tolist()
            at = len(vertices) // 2
            vertices.insert(at, vertices[at])
            rest = shapely.get_parts(ground.geometry(spot))[1:].tolist()
            if is_line:
                shape = shapely.multilinestrings([shapely.LineString(vertices), *rest])
            else:
                holes = [shapely.get_coordinates(ring) for ring in part.interiors]
                shape = shapely.multipolygons([shapely.Polygon(vertices, holes), *rest])
            ground.shape(spot, shape)
            place = shapely.Point(vertices[at])
            yield ground.plant("duplicate-points", what, spot, shape=place)


def missing(ground: Ground) -> Iterator[int]:
    """No geometry where the layer requires one."""
    for spot in in_turn(ground, "geometry-missing", ("places", PLOTS, "xzqjx")):
        ground.shape(spot, None)
        yield ground.plant("geometry-missing", Text(zh="几何置空", en="the geometry taken away"), spot)


def empty(ground: Ground) -> Iterator[int]:
    """A geometry without a coordinate; a shapefile cannot hold it."""
    kinds = {"places": shapely.Point(), PLOTS: shapely.MultiPolygon(), "xzqjx": shapely.MultiLineString()}
    for spot in in_turn(ground, "geometry-empty", tuple(kinds), "sichuan", "joint"):
        ground.shape(spot, kinds[spot.layer], 0.0)
        what = Text(zh="几何改为没有坐标", en="a geometry without coordinates")
        yield ground.plant("geometry-empty", what, spot)


def kind(ground: Ground) -> Iterator[int]:
    """A line where polygons belong, a polygon or several points where a point does."""

    def lines(f: Frame, r: float) -> Drawn:
        line = shapely.MultiLineString([f.circle(0.5 * r)])
        return line, Text(zh="面改为线", en="a line in place of a polygon"), 0.0

    yield from mixed(
        _redrawn(ground, "geometry-kind", [lines], "sichuan"), _other_points(ground, "geometry-kind")
    )


def _other_points(ground: Ground, rule: str) -> Iterator[int]:
    for spot in shuffled(ground, rule, "places"):
        (place,) = shapely.get_coordinates(ground.geometry(spot)).tolist()
        ground.shape(spot, shapely.MultiPoint([place, (place[0] + 0.01, place[1])]))
        yield ground.plant(rule, Text(zh="点改为多点", en="several points in place of one"), spot)


def curve(ground: Ground) -> Iterator[int]:
    """A circle of arcs."""

    def arcs(f: Frame, r: float) -> Drawn:
        # A circle in degrees: through its four ends an arc is one in whatever unit it is drawn.
        middle, radius = shapely.Point(f.lon, f.lat), 0.8 * r / DEGREE
        ends = [(-radius, 0), (0, radius), (radius, 0), (0, -radius), (-radius, 0)]
        ring = [(f.lon + x, f.lat + y) for x, y in ends]
        wkb = struct.pack("<BII", 1, _CURVEPOLYGON, 1) + struct.pack("<BII", 1, _CIRCULARSTRING, len(ring))
        area = square_metres(objects([middle.buffer(radius, quad_segs=90)]))
        return wkb + _packed(ring), Text(zh="改为圆弧面", en="a polygon of arcs"), float(area[0])

    yield from _redrawn(ground, "geometry-curve", [arcs], "sichuan")


def measured(ground: Ground) -> Iterator[int]:
    """A polygon whose vertices have measures."""

    def with_m(f: Frame, r: float) -> Drawn:
        ring = f.circle(0.8 * r)
        wkb = struct.pack("<BII", 1, _POLYGON + _MEASURED, 1) + struct.pack("<I", len(ring))
        area = 24 / 2 * (0.8 * r) ** 2 * 0.2588190451
        return wkb + _packed([(*point, 12.5) for point in ring]), _M, area

    yield from _redrawn(ground, "geometry-measured", [with_m], "sichuan")


def heights(ground: Ground) -> Iterator[int]:
    """Vertices with heights: of plots, points and boundaries."""
    what = Text(zh="几何带高程", en="a geometry with heights")
    for spot in in_turn(ground, "geometry-z", (PLOTS, "places", "xzqjx"), "sichuan", "joint"):
        shape = ground.geometry(spot)
        ground.shape(spot, shapely.force_3d(shape, 480.0))
        yield ground.plant("geometry-z", what, spot)


def unreadable(ground: Ground) -> Iterator[int]:
    """A ring that does not end where it began, of a township: it may as well have no geometry."""
    what = Text(zh="几何编码的环未闭合，无法读取", en="a ring that is not closed, which nothing can read")
    for spot in shuffled(ground, "geometry-unreadable", "townships"):
        if spot.authority == "sichuan" and ground.geometry(spot) is not None:
            ((x, y),) = shapely.get_coordinates(ground.geometry(spot)).tolist()
            ring = Frame(x, y).circle(500.0, 8)[:-1]
            wkb = struct.pack("<BII", 1, _POLYGON, 1) + struct.pack("<I", len(ring)) + _packed(ring)
            ground.shape(spot, wkb)
            yield ground.plant("geometry-unreadable", what, spot)


def duplicate_geometry(ground: Ground) -> Iterator[int]:
    """A river or a boundary where another one is already."""
    what = Text(zh="几何与另一要素完全相同", en="the very geometry of another feature")
    for one, other in pairs_in_turn(ground, "duplicate-geometry", ("rivers", "xzqjx")):
        if ground.geometry(one) is not None and one.authority == other.authority:
            ground.shape(other, ground.geometry(one))
            yield ground.plant("duplicate-geometry", what, other, one)


_M = Text(zh="几何带测量值 M", en="a geometry with measures M")


def _packed(points: Sequence[Sequence[float]]) -> bytes:
    return b"".join(struct.pack(f"<{len(point)}d", *point) for point in points)


def _redrawn(
    ground: Ground,
    rule: str,
    drawings: list[Callable[[Frame, float], Drawn]],
    authority: str | None = None,
    share: float = 1.0,
) -> Iterator[int]:
    """Plots that become what is drawn in the room they have; `share` is how many of them may be used."""
    spots = list(shuffled(ground, rule, PLOTS))
    turn = 0
    for spot in spots[: int(share * len(spots))]:
        if not ground.free([spot]) or authority not in (None, spot.authority):
            continue
        found = room(ground.geometry(spot), ROOM)
        if found is None:
            continue
        shape, what, *area = drawings[turn % len(drawings)](*found)
        turn += 1
        ground.shape(spot, shape, area[0] if area else None)
        yield ground.plant(rule, what, spot)
