"""Faults between features: edges bent to one side, and features that say they belong to another unit.

    a ──────── b      the edge of P and Q gets one more vertex on P's side alone
     \\    P   /        towards Q    overlap
      \\      /         towards P    a gap; at the outer edge, land that nobody covers
       apex           on it        at a border, two lines that are not the same

The triangle lies within one neighbour, so it is the whole of the fault: a gap in the zoning that zones close round is told
as a gap and not again as land of the extent that no zone covers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import shapely

from config.models import Text
from releases.demo.dirty.figures import Edge, bent, sharpest
from releases.demo.dirty.geometry import PLOTS
from releases.demo.dirty.ground import Ground, Spot
from releases.demo.dirty.walks import mixed, shuffled

ZONES, COUNTIES = "ghfq", "xzq_county"
#: Field of the county that a feature lies in.
UNIT = {ZONES: "XZQDM", PLOTS: "XZQDM", "czkfbj": "XZQDM", "stbhhx": "XJXZQDM"}
#: Metres that an edge has at least and at most to be bent.
SHORTEST, LONGEST = 40.0, 6_000.0
#: Degrees that every angle keeps, far from what is called a spike.
BLUNT = 5.0
#: Planning zones whose land is a control line's: layer by code.
CONTROLLED = {"100": "stbhhx", "300": PLOTS, "410": "czkfbj", "420": "czkfbj", "430": "czkfbj"}

#: Left feature, right feature or nobody, index of the edge.
Choice = Callable[[Spot, Spot | None], bool]


def overlap(ground: Ground) -> Iterator[int]:
    """Zones and plots that reach into their neighbour within the county."""
    what = Text(zh="边界向邻面内折", en="an edge bent into the neighbour")

    def inner(layer: str) -> Iterator[int]:
        def same_county(one: Spot, other: Spot | None) -> bool:
            return other is not None and _county(ground, one) == _county(ground, other)

        for edge, one, other in _edges(ground, "overlap", layer, same_county):
            if other is not None and (bend := _bend(ground, one, other, edge, 0.3, 120.0)):
                ground.shape(one, bend[0])
                yield ground.plant("overlap", what, one, other, shape=bend[1])

    yield from mixed(inner(ZONES), inner(PLOTS))


def gap(ground: Ground) -> Iterator[int]:
    """Zones that draw back from their neighbour, and counties outside the plan that do."""
    what = Text(zh="边界向本面内折，留下缝隙", en="an edge bent back, which leaves a gap")

    def zones() -> Iterator[int]:
        def same_county(one: Spot, other: Spot | None) -> bool:
            return other is not None and _county(ground, one) == _county(ground, other)

        for edge, one, other in _edges(ground, "gap", ZONES, same_county):
            if other is not None and (bend := _bend(ground, one, one, edge, -0.3, 120.0)):
                ground.shape(one, bend[0])
                yield ground.plant("gap", what, one, other, shape=bend[1])

    def counties() -> Iterator[int]:
        def beyond(one: Spot, other: Spot | None) -> bool:
            return other is not None and one.authority == other.authority and _beyond(ground, one, other)

        for edge, one, other in _edges(ground, "gap", COUNTIES, beyond):
            if other is not None and (bend := _bend(ground, one, one, edge, -0.3, 300.0)):
                ground.shape(one, bend[0])
                yield ground.plant("gap", what, one, other, shape=bend[1])

    yield from mixed(zones(), counties())


def fill(ground: Ground) -> Iterator[int]:
    """Zones that draw back from the outer edge of the extent."""
    what = Text(zh="外缘向内折，范围未填满", en="an outer edge bent back, so that the extent is not filled")
    for edge, one, _ in _edges(ground, "fill", ZONES, lambda one, other: other is None):
        if bend := _bend(ground, one, one, edge, -0.3, 120.0):
            ground.shape(one, bend[0])
            yield ground.plant("fill", what, one, shape=bend[1])


def border_mismatch(ground: Ground) -> Iterator[int]:
    """Borders of two authorities of which one has a vertex more, on the line or some metres beside it."""
    beside = Text(
        zh="接边处一侧多一个顶点，偏离约 4 米", en="one side has a vertex more, some 4 m beside the line"
    )
    on_it = Text(zh="接边处一侧多一个顶点，恰在线上", en="one side has a vertex more, exactly on the line")

    def walk(layer: str) -> Iterator[int]:
        for turn, (edge, one, other) in enumerate(_edges(ground, "border-mismatch", layer, _across)):
            if other is None or (layer != ZONES and not _beyond(ground, one, other)):
                continue
            if edge.middle is not None:
                ground.shape(one, bent(ground.geometry(one), edge, edge.middle))
                line = shapely.LineString(edge.triangle(edge.middle).exterior.coords[:2])
                yield ground.plant("border-mismatch", on_it, one, other, shape=line)
            elif turn % 2 and (bend := _bend(ground, one, one, edge, -1.0, 4.0)):
                ground.shape(one, bend[0])
                yield ground.plant("border-mismatch", beside, one, other, shape=bend[1])

    yield from mixed(walk(ZONES), walk(COUNTIES))


def border_gap(ground: Ground) -> Iterator[int]:
    """Borders of two authorities of which one draws back by far more than a tolerance."""
    what = Text(zh="接边处一侧后退，留下空隙", en="one side of the border draws back, which leaves a gap")

    def walk(layer: str) -> Iterator[int]:
        for edge, one, other in _edges(ground, "border-gap", layer, _across):
            if other is None or edge.length < 200 or (layer != ZONES and not _beyond(ground, one, other)):
                continue
            if bend := _bend(ground, one, one, edge, -0.4, 400.0):
                ground.shape(one, bend[0])
                yield ground.plant("border-gap", what, one, other, shape=bend[1])

    yield from mixed(walk(ZONES), walk(COUNTIES))


def nest(ground: Ground) -> Iterator[int]:
    """Features that name another county of their province, and plots that reach over the county's border."""
    named = Text(zh="县级代码改为同省市的另一个县", en="another county of the province as its own")
    bent_out = Text(zh="图斑越过县界", en="a plot bent over the county's border")

    def walk(layer: str) -> Iterator[int]:
        chance = ground.chance(f"nest counties {layer}")
        for spot in shuffled(ground, "nest", layer):
            codes = ground.rows[COUNTIES, spot.authority].values["XZQDM"]
            code = codes[int(chance.integers(len(codes)))]
            if code != ground.value(spot, UNIT[layer]):
                ground.put(spot, UNIT[layer], code)
                yield ground.plant("nest", named, spot, field=UNIT[layer])

    def over() -> Iterator[int]:
        for edge, plot, neighbour in _beside_plots(ground, "nest"):
            free_land = ground.value(neighbour, "GHFQDM") not in CONTROLLED
            if free_land and _county(ground, plot) != _county(ground, neighbour):
                bend = _bend(ground, plot, neighbour, edge, 0.3, 120.0)
                if bend:
                    ground.shape(plot, bend[0])
                    ground.take(neighbour)
                    yield ground.plant("nest", bent_out, plot, shape=bend[1])

    yield from mixed(over(), walk(ZONES), walk(PLOTS), walk("czkfbj"), walk("stbhhx"))


def nest_unit(ground: Ground) -> Iterator[int]:
    """Features in a county that there is not."""
    what = Text(zh="县级代码改为不存在的县", en="a county that there is not")

    def walk(layer: str) -> Iterator[int]:
        for spot in shuffled(ground, "nest-unit", layer):
            code = {"sichuan": "519999", "chongqing": "509999"}[spot.authority]
            ground.put(spot, UNIT[layer], code)
            yield ground.plant("nest-unit", what, spot, field=UNIT[layer])

    yield from mixed(walk(ZONES), walk(PLOTS), walk("czkfbj"), walk("stbhhx"))


def apart(ground: Ground) -> Iterator[int]:
    """Plots of farmland that reach into a red line or a town within their county."""
    what = Text(zh="图斑伸入另一条控制线", en="a plot bent into another control line")
    for edge, plot, neighbour in _beside_plots(ground, "apart"):
        layer = CONTROLLED.get(str(ground.value(neighbour, "GHFQDM")))
        if layer in (None, PLOTS) or _county(ground, plot) != _county(ground, neighbour):
            continue
        if bend := _bend(ground, plot, neighbour, edge, 0.3, 120.0):
            # The control line is a county's parcels of one class together; it may be reached into more than once.
            lines = [
                spot
                for spot in ground.spots(str(layer), plot.authority)
                if shapely.intersects(ground.geometry(spot), bend[1].centroid)
            ]
            if len(lines) == 1 and (ground.free(lines) or lines[0] in _reached(ground)):
                ground.shape(plot, bend[0])
                ground.take(neighbour)
                yield ground.plant("apart", what, plot, lines[0], shape=bend[1])


def _reached(ground: Ground) -> set[Spot]:
    """Control lines that only neighbour faults of this kind."""
    return {
        Spot(str(party.layer), str(party.authority), int(party.row or 0) - 1)
        for one in ground.planted
        if one.rule == "apart"
        for party in one.parties[1:]
    }


def _edges(ground: Ground, rule: str, layer: str, wanted: Choice) -> Iterator[tuple[Edge, Spot, Spot | None]]:
    """Edges of a layer whose features are free and as wanted, by chance; the first lies left of it."""
    edges = ground.edges(layer)
    for k in ground.chance(f"{rule} {layer}").permutation(len(edges.borders.ends)).tolist():
        one, other = edges.sides(k)
        if ground.free([one] if other is None else [one, other]) and wanted(one, other):
            edge = Edge.of(edges.borders.ends[k].tolist())
            if SHORTEST <= edge.length <= LONGEST:
                yield edge, one, other


def _beside_plots(ground: Ground, rule: str) -> Iterator[tuple[Edge, Spot, Spot]]:
    """Edges of plots, with the plot on the left and the zone on the other side."""
    zones = ground.edges(ZONES)
    for edge, plot, other in _edges(ground, rule, PLOTS, lambda one, other: other is None):
        k = zones.same([*edge.a, *edge.b])
        if k is None or other is not None:
            continue
        left, right = zones.sides(k)
        # Zones are directed as they come; of the two the one that is not the plot's own is meant.
        same_way = tuple(zones.borders.ends[k].tolist()) == (*edge.a, *edge.b)
        neighbour = right if same_way else left
        if neighbour is not None and ground.free([neighbour]):
            yield edge, plot, neighbour


def _bend(
    ground: Ground, spot: Spot, within: Spot, edge: Edge, slope: float, most: float
) -> tuple[Any, Any] | None:
    """A feature with an edge bent to the right (to the left where negative) and the triangle of it.

    slope : of the bend by the edge's length, `most` in metres; None where the triangle would not lie within a
        feature or an angle would be sharp
    """
    depth = min(abs(slope) * edge.length, most)
    apex = edge.beside(depth if slope > 0 else -depth)
    triangle = edge.triangle(apex)
    if not triangle.is_valid or not shapely.covers(ground.geometry(within), triangle):
        return None
    shape = bent(ground.geometry(spot), edge, apex)
    if shape is None or not shape.is_valid or sharpest(shape) < BLUNT:
        return None
    return shape, triangle


def _county(ground: Ground, spot: Spot) -> Any:
    return ground.value(spot, UNIT[spot.layer])


def _across(one: Spot, other: Spot | None) -> bool:
    return other is not None and one.authority != other.authority


def _beyond(ground: Ground, *counties: Spot) -> bool:
    """Whether counties lie wholly outside the plan, where no zone hangs on their borders."""
    return all(ground.value(county, "IN_CIRCLE") == "none" for county in counties)
