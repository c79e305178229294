"""Where two authorities meet, their edges are one line: the same vertices, no overlap, no gap.

    a a a | b b b        shared: each vertex of a's edge is one of b's
    a a a / b b b        mismatch: nearer than the tolerance, or one over the other, but not the same line
    a a a   ( )   b b    gap: a hole that both sides leave open, wider than the tolerance

Both sides' polygons near the border are joined, each side to one shape, so that faults within a side play no
part; then GEOS's coverage check looks at the two shapes alone. A vertex where three units meet must be a
vertex of both sides too.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely
from numpy.typing import NDArray

from config.models import Service, Text
from releases.faults import first_vertex
from releases.findings import Finding
from releases.table import Objects, Table

#: Degrees, about 10 m: edges nearer than this mean to be the same. Wider, and two borders that part at a
#: sharp angle would be taken for one that gapes.
TOLERANCE = 1e-4


def border(table: Table, service: Service) -> Iterator[Finding]:
    """Yield where two authorities do not share one line, for each border configured on this layer."""
    sound = shapely.is_valid(table.geometry) & (shapely.get_dimensions(table.geometry) == 2)
    for each in service.borders:
        if each.layer == table.layer.id:
            one, other = (np.flatnonzero(sound & (table.authority == name)) for name in each.between)
            if len(one) and len(other):
                yield from _meet(table, one, other)


def _meet(table: Table, one: NDArray[np.int64], other: NDArray[np.int64]) -> Iterator[Finding]:
    tree = shapely.STRtree(table.geometry[other])
    near_one, near_other = tree.query(table.geometry[one], predicate="dwithin", distance=TOLERANCE)
    names = (str(table.authority[one[0]]), str(table.authority[other[0]]))
    if not len(near_one):
        text = Text(
            zh=f"{names[0]} 与 {names[1]} 的数据互不相接",
            en=f"the data of {names[0]} and {names[1]} do not meet anywhere",
        )
        yield Finding("border-apart", text, layer=table.layer.id)
        return
    sides = (one[np.unique(near_one)], other[np.unique(near_other)])
    shapes = np.array([_shape(table.geometry[rows]) for rows in sides], dtype=object)
    edges = shapely.coverage_invalid_edges(shapes, gap_width=TOLERANCE)
    for rows, name, neighbour, edge in zip(sides, names, reversed(names), edges):
        yield from _mismatches(table, rows, name, neighbour, edge)
    yield from _gaps(table, names, shapes, edges)


def _shape(polygons: Objects) -> shapely.Geometry:
    """The union; the fast one keeps each vertex but works only where the polygons match already."""
    if shapely.coverage_is_valid(polygons):
        return shapely.coverage_union_all(polygons)
    return shapely.union_all(polygons)


def _mismatches(
    table: Table, rows: NDArray[np.int64], name: str, neighbour: str, edge: shapely.Geometry
) -> Iterator[Finding]:
    lines = shapely.get_parts(shapely.line_merge(edge))
    lines = lines[~shapely.is_empty(lines)]
    nearest = shapely.STRtree(table.geometry[rows]).nearest(
        shapely.line_interpolate_point(lines, 0.5, normalized=True)
    )
    for line, index in sorted(zip(lines, nearest.tolist()), key=lambda pair: pair[0].wkt):
        row, count = rows[index], len(shapely.get_coordinates(line))
        text = Text(
            zh=f"与 {neighbour} 的接边不是同一条线：此处 {count} 个顶点与对方不一致",
            en=f"the edge towards {neighbour} is not one line: {count} vertices here are not the other's",
        )
        identifier = None if table.ids[row] is None else str(table.ids[row])
        yield Finding(
            "border-mismatch",
            text,
            name,
            table.layer.id,
            None,
            identifier,
            int(table.row[row]),
            first_vertex(line),
        )


def _gaps(table: Table, names: tuple[str, str], shapes: Objects, told: Objects) -> Iterator[Finding]:
    """Holes that touch both sides, unless they are narrow and their edges were told as mismatches."""
    parts = shapely.get_parts(shapely.union_all(shapes))
    holes = [shapely.Polygon(ring) for part in parts for ring in part.interiors]
    for hole in sorted(holes, key=lambda hole: hole.bounds):
        narrow = shapely.buffer(hole, -TOLERANCE / 2).is_empty and shapely.intersects(hole, told).any()
        if shapely.intersects(hole, shapes).all() and not narrow:
            text = Text(
                zh=f"{names[0]} 与 {names[1]} 之间有空隙，约 {_hectares(hole):.2f} 公顷",
                en=f"there is a gap between {names[0]} and {names[1]} of about {_hectares(hole):.2f} ha",
            )
            yield Finding("border-gap", text, layer=table.layer.id, place=first_vertex(hole))


def _hectares(polygon: shapely.Geometry) -> float:
    """A rough area, one degree being 111 km: enough to tell a sliver from a missing county."""
    height = 111_320.0
    width = height * np.cos(np.radians(polygon.centroid.y))
    return float(polygon.area * height * width / 10_000)
