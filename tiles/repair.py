"""Mend polygons whose snapped rings meet: the few that `validity` found, all of a layer's at once.

.----.              GEOS makes rings of what crosses (MakeValid, by structure: exteriors are united, holes
 \\  /    .----.     taken off), and rounds the crossings to whole units by snap rounding, which needs no second
  \\/  ->  \\  /     try: its result is valid on the grid. What is left of nothing becomes a square of one unit.
  /\\      -\\/-
 /__\\     /__\\     Sources: GEOS, GeometryFixer and OverlayNG; J. Hobby, Practical segment intersection with
                    finite precision output, Computational Geometry 13 (1999) 199.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from tiles.commands import PATH_BYTES, VERTEX_BYTES, put_ring
from tiles.kernel import kernel
from tiles.snap import doubled_area, snap_ring
from tiles.varint import encoded

#: Tags of Feature.geometry and of Layer.features in the tile's schema.
GEOMETRY, FEATURE = 0x22, 0x12


class Broken(NamedTuple):
    """The rows of a layer that need mending: b rows, k rings, v vertices.

    `place` has for each row where its message begins in the features, where its geometry with its tag, and where
    it ends.
    """

    place: NDArray[np.int64]  # (b, 3)
    row_ring: NDArray[np.int64]  # (b + 1,)
    start: NDArray[np.int64]  # (k + 1,)
    outer: NDArray[np.uint8]  # (k,)
    xy: NDArray[np.int32]  # (v, 2), rings are closed


@kernel
def no_broken() -> Any:
    """No row that needs mending."""
    none = np.zeros(1, np.int64)
    return Broken(np.empty((0, 3), np.int64), none, none, np.empty(0, np.uint8), np.empty((0, 2), np.int32))


@kernel
def noted(broken: Any, rings: Any, begin: int, geometry: int, end: int) -> Any:
    """The broken rows and one more, whose rings are `validity.Rings`."""
    vertices, count = rings.size[0], rings.size[1]
    place = np.array([[begin, geometry, end]], np.int64)
    row_ring = np.array([broken.row_ring[-1] + count], np.int64)
    return Broken(
        np.concatenate((broken.place, place)),
        np.concatenate((broken.row_ring, row_ring)),
        np.concatenate((broken.start, rings.start[1 : count + 1] + broken.start[-1])),
        np.concatenate((broken.outer, rings.outer[:count])),
        np.concatenate((broken.xy, rings.xy[:vertices])),
    )


def mended(features: NDArray[np.uint8], broken: Broken, high: int) -> bytes:
    """The features (bytes) with the geometry of invalid rows replaced; `high` is where the square ends."""
    parts, done = [], 0
    for row, shape in _shapes(broken):
        begin, geometry, end = broken.place[row].tolist()
        body = begin + 2  # behind tag and length
        while features[body - 1] > 0x7F:
            body += 1
        head = features[body:geometry].tobytes()
        commands = _commands(shape, broken, row, high)
        message = head + bytes([GEOMETRY]) + encoded(len(commands)) + commands
        parts += [features[done:begin].tobytes(), bytes([FEATURE]) + encoded(len(message)) + message]
        done = end
    return b"".join((*parts, features[done:].tobytes()))


def _shapes(broken: Broken) -> Iterator[tuple[int, Any]]:
    """The rows that are invalid indeed, and a valid geometry on whole units for each, which may be empty.

    Of a dissolved area with hundreds of polygons only those at fault are mended: GEOS takes its time.
    """
    ring_of = np.repeat(np.arange(len(broken.outer)), np.diff(broken.start))
    rings = shapely.linearrings(broken.xy.astype(np.float64), indices=ring_of)
    outers = np.cumsum(broken.outer, dtype=np.int64)
    polygons = shapely.polygons(rings, indices=outers - 1)
    first_polygon = np.concatenate([[0], outers])[broken.row_ring]
    row_of = np.repeat(np.arange(len(broken.place)), np.diff(first_polygon))
    wrong = ~shapely.is_valid(shapely.multipolygons(polygons, indices=row_of))
    suspects = np.flatnonzero(wrong[row_of])
    bad = suspects[~shapely.is_valid(polygons[suspects])]
    polygons[bad] = _valid(polygons[bad])
    for row in np.flatnonzero(wrong).tolist():
        whole = shapely.multipolygons(_parts(polygons[first_polygon[row] : first_polygon[row + 1]]))
        yield row, whole if shapely.is_valid(whole) else _valid(np.array([whole]))[0]


def _valid(shapes: Any) -> Any:
    """Make polygons (n,) valid, with all their vertices at whole units."""
    valid = shapely.make_valid(shapes, method="structure", keep_collapsed=False)
    # Rings that only touch have their crossings at whole units already; rounding is most of the work.
    xy, shape_of = shapely.get_coordinates(valid, return_index=True)
    between = np.unique(shape_of[(xy != np.rint(xy)).any(axis=1)])
    valid[between] = shapely.set_precision(valid[between], 1.0)
    return valid


def _parts(shapes: Any) -> Any:
    """The polygons (n,) in shapes that are not empty."""
    parts = shapely.get_parts(shapes)
    return parts[(shapely.get_type_id(parts) == 3) & ~shapely.is_empty(parts)]


def _commands(shape: Any, broken: Broken, row: int, high: int) -> bytes:
    """The geometry of a row as commands; of an empty one a square of one unit at its first vertex."""
    parts = _parts(shape)
    if not len(parts):
        x, y = np.minimum(broken.xy[broken.start[broken.row_ring[row]]], high - 1).tolist()
        parts = np.array([shapely.box(x, y, x + 1, y + 1)])
    rings, ring_part = shapely.get_rings(parts, return_index=True)
    xy, ring_of = shapely.get_coordinates(rings, return_index=True)
    start = np.concatenate([[0], np.cumsum(np.bincount(ring_of, minlength=len(rings)))])
    outer = np.concatenate([[True], ring_part[1:] != ring_part[:-1]])
    written: NDArray[np.uint8] = _write(xy, start, outer)
    return written.tobytes()


@kernel
def _write(xy: Any, start: Any, outer: Any) -> Any:
    """Closed rings (v, 2) as commands, wound as they must be."""
    out = np.empty(VERTEX_BYTES * len(xy) + PATH_BYTES * len(outer), np.uint8)
    snapped = np.empty((len(xy), 2), np.int64)
    cursor = np.zeros(2, np.int64)
    at = 0
    for ring in range(len(outer)):
        first, last = start[ring], start[ring + 1] - 1
        kept = snap_ring(xy[first:last], last - first, snapped)
        twice = doubled_area(snapped, kept)
        if twice != 0:
            at = put_ring(out, at, snapped, kept, cursor, (twice > 0) != outer[ring])
    return out[:at]
