"""Whole parts of a layer out of place: in the shifted coordinates of web maps.

It cannot be seen in a point, nor in any feature by itself: some hundred metres off, everything still lies in the
region and has its shape. It is seen in the edges that a layer should have in common with another, so an authority's
part is held against each of these that is there until one tells, and without any of them nothing is claimed:

    the layer that `reference` names          the edges of a zoning are those of its counties where these end
    the other authority, across a border      both have the same line
    the same features in the release before   most edges stay where they are

The statistic is the median distance of some hundred vertices of the part's outline from the other's edges: as they
are, and with the shift undone. A shift is told when undoing it leaves at most half of that distance and takes away at
least the rule's limit. Random faults of a survey, however large, cannot be halved by moving all of it one way; data that
are right, but drawn more coarsely than the reference, get worse by it. (County borders of two web maps against those of
a survey, median in metres as they are, and with GCJ-02 undone: 258 and 81 where they were shifted, 82 and 276 where not.)

Where everything is shifted alike, reference and all, only the release before can tell.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from config.models import Text
from releases import geometrytext, shifts
from releases.ellipsoid import degree
from releases.faults import inner_point
from releases.findings import Finding
from releases.gate.ground import Ground
from releases.gate.scene import Scene
from releases.records import parted
from releases.release import Release
from releases.store import NotFound, ReleaseDamaged, ReleaseGone
from releases.table import Objects

Lonlat = NDArray[np.float64]
Places = NDArray[np.int64]

#: Rule -> how the shift is undone, and what it is called.
UNDONE: Final[Mapping[str, tuple[Callable[[Lonlat], Lonlat], str]]] = {
    "shift-gcj02": (shifts.from_gcj02, "GCJ-02"),
    "shift-bd09": (shifts.from_bd09, "BD-09"),
}
#: Vertices that are measured, and features whose geometry before is read; fewer of either than FEW say nothing.
_VERTICES, _FEATURES, _FEW = 400, 400, 30
#: Segments of an edge that an index takes for one: of a whole province's border it would have to look at each.
_SHORT = 16
#: Degrees beyond which no edge is looked for: no shift is larger than half of it.
_REACH = 0.03
#: What of the distance may be left when a shift is undone.
_LEFT = 0.5


def shift(scene: Scene) -> Iterator[Finding]:
    """Yield parts of layers that are shifted as web maps are."""
    if scene.window is not None:
        return  # a few features that changed are no part of a layer
    for layer in _layers(scene):
        ground = scene.ground(layer)
        if ground is None:
            continue
        authority = ground.table.authority[ground.rows]
        parts = {name: np.flatnonzero(authority == name) for name in dict.fromkeys(authority.tolist())}
        wholes = {name: ground.union(part) for name, part in parts.items()}
        for name, part in parts.items():
            for other in _references(scene, ground, name, part, wholes):
                found = _verdict(scene, name, layer, other)
                if found is not None:
                    yield found
                    break


@dataclass(frozen=True, slots=True, eq=False)
class _Reference:
    """What a part is held against: its name, the vertices (n, 2) that are measured, and the edges near them."""

    name: Text
    layer: str | None
    vertices: Lonlat
    edges: Objects


def _layers(scene: Scene) -> tuple[str, ...]:
    gate = scene.service.gate
    bordered = (border.layer for border in scene.service.borders)
    return tuple(dict.fromkeys((*gate.coverage, *gate.disjoint, *gate.reference, *bordered)))


def _references(
    scene: Scene, ground: Ground, name: str, part: Places, wholes: Mapping[str, shapely.Geometry]
) -> Iterator[_Reference]:
    """What an authority's part of a layer is held against; `wholes` has the parts of all, each as one geometry."""
    outline = shapely.get_coordinates(shapely.boundary(wholes[name]))
    layer = ground.table.layer.id
    reference = scene.service.gate.reference.get(layer)
    other = scene.ground(reference) if reference else None
    if other is not None and len(other):
        title = Text(zh=f"图层 {reference}", en=f"the layer {reference}")
        some = _spread(outline)
        yield _Reference(title, reference, some, _near(other.geometry, other.tree, some))
    for border in scene.service.borders:
        if border.layer == layer and name in border.between:
            neighbour = next(one for one in border.between if one != name)
            if neighbour in wholes:
                title = Text(zh=f"{neighbour} 的边界", en=f"the border of {neighbour}")
                edges = shapely.get_parts(shapely.boundary(wholes[neighbour]))
                yield _Reference(title, None, _spread(_facing(outline, wholes[neighbour])), edges)
    if isinstance(scene.previous, Release):
        yield from _before(scene.previous, ground, part)


def _before(previous: Release, ground: Ground, part: Places) -> Iterator[_Reference]:
    """The same features in the release before, a few of them."""
    layer = ground.table.layer.id
    try:
        count = previous.manifest.layer(layer).count
        keys = np.arange(1, count + 1, dtype=np.uint32)
        ids = previous.store.ids(layer, keys).to_pylist() if count else []
        key_of = dict(zip(ids, keys.tolist()))
        known = [place for place in part.tolist() if ground.table.ids[ground.rows[place]] in key_of]
        some = np.array(known, dtype=np.int64)[:: max(1, len(known) // _FEATURES)]
        wanted = np.array([key_of[one] for one in ground.table.ids[ground.rows[some]]], dtype=np.uint32)
        texts = [text for texts in previous.store.texts(layer, wanted) for text in texts]
    except (NotFound, ReleaseDamaged, ReleaseGone):
        return  # a layer that is new, or a release whose damage the comparison with it tells
    if not texts:
        return
    edges = shapely.boundary(geometrytext.read(parted(texts)[1]))
    vertices = _spread(shapely.get_coordinates(ground.geometry[some]))
    title = Text(zh="上一版次", en="the release before")
    yield _Reference(title, None, vertices, edges[~(shapely.is_missing(edges) | shapely.is_empty(edges))])


def _spread(vertices: Lonlat) -> Lonlat:
    """Vertices from all along, of which there are too many."""
    return vertices[:: max(1, len(vertices) // _VERTICES)]


def _near(polygons: Objects, tree: shapely.STRtree, vertices: Lonlat) -> Objects:
    """The boundaries of the polygons that are within reach of any vertex."""
    boxes = shapely.box(*(vertices - _REACH).T, *(vertices + _REACH).T)
    near: Objects = shapely.boundary(polygons[np.unique(tree.query(boxes)[1])])
    return near


def _facing(vertices: Lonlat, across: shapely.Geometry) -> Lonlat:
    """The vertices that are within reach of what is across a border."""
    shapely.prepare(across)
    facing: Lonlat = vertices[shapely.dwithin(shapely.points(vertices), across, _REACH / 2)]
    return facing


def _verdict(scene: Scene, authority: str, layer: str, other: _Reference) -> Finding | None:
    """Whether undoing a shift brings a part to the edges it should have."""
    if len(other.vertices) < _FEW or not len(other.edges):
        return None
    crs = scene.service.crs
    scale = degree(np.array([np.median(other.vertices[:, 1])]), crs)[0]
    tree = shapely.STRtree(_short(shapely.transform(other.edges, lambda xy: xy * scale)))

    def distances(lonlat: Lonlat) -> NDArray[np.float64]:
        points = shapely.points(lonlat * scale)
        off: NDArray[np.float64] = tree.query_nearest(points, all_matches=False, return_distance=True)[1]
        return off

    found = {rule: distances(undo(other.vertices)) for rule, (undo, _) in UNDONE.items()}
    found["as-is"] = distances(other.vertices)
    # A vertex that is far from every edge, however it is read, is of an edge that the reference does not have.
    reach = _REACH / 2 * scale[1]
    meant = np.min(list(found.values()), axis=0) <= reach
    if np.count_nonzero(meant) < _FEW:
        return None
    median = {name: float(np.median(off[meant])) for name, off in found.items()}
    before = median.pop("as-is")
    rule = min(median, key=lambda name: median[name])
    gained = before - median[rule]
    if median[rule] > _LEFT * before or gained < scene.rules.limit(rule):
        return None
    called, count = UNDONE[rule][1], int(np.count_nonzero(meant))
    text = Text(
        zh=f"{count} 个边界顶点到{other.name.zh}的距离，中位数为 {before:.0f} 米；按 {called} 还原后为 {median[rule]:.1f} 米。"
        f"坐标像是 {called}，应转换为 CGCS2000 后重新汇交",
        en=f"the median distance of {count} vertices from {other.name.en} is {before:.0f} m, and {median[rule]:.1f} m with "
        f"{called} undone: the coordinates look like {called}; deliver them in CGCS2000",
    )
    place = inner_point(shapely.Point(np.median(other.vertices, axis=0)))
    return Finding(rule, text, authority, layer, place=place, other_layer=other.layer, measured=gained)


def _short(edges: Objects) -> Objects:
    """Lines as pieces of few segments."""
    xy, of = shapely.get_coordinates(shapely.get_parts(edges), return_index=True)
    first = np.flatnonzero(np.diff(of, prepend=-1))
    behind = np.append(first[1:], len(of))
    place = np.arange(len(of)) - first[of]
    begin = np.flatnonzero((place % _SHORT == 0) & (np.arange(len(of)) < behind[of] - 1))
    counts = np.minimum(begin + _SHORT, behind[of[begin]] - 1) - begin + 1
    piece = np.repeat(np.arange(len(begin)), counts)
    vertex = np.arange(len(piece)) - np.repeat(np.cumsum(counts) - counts - begin, counts)
    return np.asarray(shapely.linestrings(xy[vertex], indices=piece), dtype=object)
