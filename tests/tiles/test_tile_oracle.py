"""Two thousand tiles of the published demo, over all layers, sets and zooms, against an independent making of them.

What a tile must be is computed from the features as they are published: projected by PROJ, clipped by GEOS, rounded
and cleaned by numpy. Most features must then be equal vertex for vertex. The rest must be as near as this:

HALF      a vertex moves by half a diagonal of a unit at most, and so does every place of an edge between two;
          so much may differ where GEOS cuts or orders a path in another way.
MENDED    a polygon that meets itself when snapped is mended, which moves a crossing by one unit more at most; what is
          left of one that vanishes is a speck of one unit, whose farthest corner is as far from its place.
THIN      two edges move towards each other by a diagonal at most: what is thinner may snap to a line and vanish.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import mapbox_vector_tile
import numpy as np
import shapely
from shapely.geometry import shape
from werkzeug.test import Client

from config.models import Service
from releases.manifest import PublishedLayer, PublishedLevel
from releases.release import Catalogue, Release
from server import tile_honesty

from . import reference
from .reference import BUFFER, EXTENT, LINE, POINT, POLYGON, Array, Found, Plane, Rows

TILES = 2000
SEED = 20261124
#: Projection by patches and by polynomials is good to a tenth of a millimetre; a unit of the finest zoom is 0.6 m.
NOISE = 1e-3
HALF = np.sqrt(0.5) + NOISE
MENDED = HALF + 1
THIN = 2 * HALF
#: Whether a feature that only just touches the grown tile is in it is a matter of rounding.
TOUCH = 1e-3


class Level(NamedTuple):
    """One level of a layer in the plane of one set."""

    layer: PublishedLayer
    level: PublishedLevel
    set: str
    plane: Plane
    rows: Rows
    flat: Array


class Sample(NamedTuple):
    """Tiles (n, 3) that a level serves."""

    of: Level
    tiles: Array


def levels(release: Release) -> Iterator[Level]:
    """Every level of every layer with geometry in every set."""
    planes = {tms.id: Plane(tms) for tms in release.manifest.sets}
    for layer in release.manifest.layers:
        for level in layer.levels if layer.extent else ():
            rows = reference.rows(release, layer, level)
            for name, plane in planes.items():
                yield Level(layer, level, name, plane, rows, plane.projected(rows.geometry))


def places(release: Release, of: Level, rng: np.random.Generator) -> Iterator[Array]:
    """For each zoom of a level some tiles (n, 3) with data in them, in a random order."""
    xy, row_of = shapely.get_coordinates(of.flat, return_index=True)
    first = np.searchsorted(row_of, np.arange(len(of.flat) + 1))
    tms = release.manifest.sets.get(of.set)
    for zoom in range(tms.max_zoom + 1):
        if of.level.zoom_min <= tms.detail(zoom) <= of.level.zoom_max:
            row = rng.integers(0, len(of.flat), 40)
            one, other = (xy[rng.integers(first[row], first[row + 1])] for _ in range(2))
            # Vertices, and places between those of a row, where a tile may lie within a polygon.
            one[::3] = (one[::3] + other[::3]) / 2
            tiles = of.plane.tiles_at(zoom, one)
            yield tiles[np.sort(np.unique(tiles, axis=0, return_index=True)[1])]


def sampled(release: Release) -> list[Sample]:
    """2,000 tiles: of each layer, set and zoom as many, and where there are fewer, all that were found."""
    rng = np.random.default_rng(SEED)
    found = [(of, tiles) for of in levels(release) for tiles in places(release, of, rng)]
    sizes = np.array([len(tiles) for _, tiles in found])
    share = next(share for share in range(1, 41) if np.minimum(sizes, share).sum() >= TILES)
    counts = np.minimum(sizes, share)
    counts[np.flatnonzero(counts == share)[: counts.sum() - TILES]] -= 1
    chosen: dict[int, list[Array]] = {}
    for (of, tiles), count in zip(found, counts):
        chosen.setdefault(id(of), []).append(tiles[:count])
    unique = {id(of): of for of, _ in found}
    return [Sample(of, np.vstack(chosen[key])) for key, of in unique.items()]


def served(client: Client, release: Release, sample: Sample) -> list[bytes]:
    """The tiles as the server answers them."""
    tms = release.manifest.sets.get(sample.of.set)
    found = []
    for zoom, row, col in sample.tiles.tolist():
        answer = client.get(
            f"/collections/{sample.of.layer.id}/tiles/{sample.of.set}/{tms.matrix_id(zoom)}/{row}/{col}"
        )
        assert answer.status_code in (200, 204) and tile_honesty.LIMITED not in answer.headers
        found.append(answer.data)
    return found


def compare_readings(tile: bytes, found: Found, at: int) -> None:
    """Hold mapbox-vector-tile's reading of a tile against the plain one."""
    if not tile:
        return
    [layer] = mapbox_vector_tile.decode(tile, default_options={"y_coord_down": True}).values()
    features = np.flatnonzero(found.tile == at)
    assert len(layer["features"]) == len(features)
    for feature, f in zip(layer["features"], features.tolist()):
        assert feature["id"] == found.id[f] and feature["properties"] == found.properties[f]
        first, last = found.path[found.feature_path[f]], found.path[found.feature_path[f + 1]]
        xy = shapely.get_coordinates(shape(feature["geometry"]))
        if found.kind[f] == POLYGON:  # shapely closes rings
            ends = found.path[found.feature_path[f] + 1 : found.feature_path[f + 1] + 1] - first
            xy = np.delete(xy, ends + np.arange(len(ends)), axis=0)
        assert np.array_equal(xy, found.xy[first:last])


def check_paths(found: Found) -> None:
    """Hold paths against MVT 2.1, 4.3.3, and what is promised besides: no vertex says nothing."""
    xy, after = found.xy, reference.following(found.path)
    assert ((xy >= -BUFFER) & (xy <= EXTENT + BUFFER)).all()
    of_path = np.repeat(found.kind, np.diff(found.feature_path))
    kind = np.repeat(of_path, np.diff(found.path))
    step = xy[after] - xy
    before = np.empty_like(after)
    before[after] = np.arange(len(after))
    cross = step[before, 0] * step[:, 1] - step[before, 1] * step[:, 0]
    onward = (step[before] * step).sum(axis=1) > 0
    ring = kind == POLYGON
    assert (step != 0).any(axis=1)[ring].all() and (cross[ring] != 0).all()
    last = np.zeros(len(xy), bool)
    last[found.path[1:] - 1] = True
    line = (kind == LINE) & ~last
    assert (step != 0).any(axis=1)[line].all()
    within = line & ~last[before]  # a line's ends have no neighbour on one side
    assert ((cross != 0) | ~onward)[within].all()
    area = reference.areas(found.path, xy)
    assert (area[of_path == POLYGON] != 0).all()
    assert (area[found.feature_path[:-1][found.kind == POLYGON]] > 0).all()


def as_in_tile(properties: dict[str, Any], names: tuple[str, ...]) -> dict[str, tuple[type, Any]]:
    """Attributes as the format can hold them, with their types: no nulls, arrays as JSON text."""
    return {
        name: (str, json.dumps(value, ensure_ascii=False, separators=(",", ":")))
        if isinstance(value, list)
        else (type(value), value)
        for name, value in properties.items()
        if value is not None and name in names
    }


def canonical(geometry: Array, whole: bool) -> list[Counter[bytes]]:
    """The paths of lines or polygons as whole numbers, without what says nothing, whatever their order and winding.

    `whole` says that they are what a tile holds, which is not to be touched.
    """
    polygons = shapely.get_dimensions(geometry) == 2
    parts, of = shapely.get_parts(geometry, return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    lines = np.flatnonzero((shapely.get_type_id(parts) == 1) & ~polygons[of])  # what only touches the border
    paths = np.concatenate([rings, parts[lines]])
    owner = np.concatenate([of[part], of[lines]])
    out: list[Counter[bytes]] = [Counter() for _ in range(len(geometry))]
    xy, path = shapely.get_coordinates(paths, return_index=True)
    if not len(xy):
        return out
    closed = np.arange(len(paths)) < len(rings)
    numbers = np.floor(xy + 0.5).astype(np.int64)
    keep = np.ones(len(path), bool)
    keep[np.flatnonzero(np.append(path[1:] != path[:-1], True))] = False
    keep |= ~closed[path]
    numbers, path = numbers[keep], path[keep]
    while not whole:
        said = _said(numbers, path, closed)
        if said.all():
            break
        numbers, path = numbers[said], path[said]
    starts = np.searchsorted(path, np.arange(len(paths) + 1))
    for p in range(len(paths)):
        one = numbers[starts[p] : starts[p + 1]]
        if len(one) < (3 if closed[p] else 2):
            continue
        if closed[p]:
            before = np.roll(one, 1, axis=0)
            twice = (before[:, 0] * one[:, 1] - one[:, 0] * before[:, 1]).sum()
            if twice == 0:
                continue
            one = one[::-1] if twice < 0 else one
            one = np.roll(one, -np.lexsort((one[:, 1], one[:, 0]))[0], axis=0)
        out[owner[p]][one.tobytes()] += 1
    return out


def _said(xy: Array, path: Array, closed: Array) -> Array:
    """Which vertices neither repeat the one before nor lie on the way from it to the next."""
    starts = np.searchsorted(path, np.arange(len(closed) + 1))
    starts = np.unique(starts)
    after = reference.following(starts)
    before = np.empty_like(after)
    before[after] = np.arange(len(after))
    into, out = xy - xy[before], xy[after] - xy
    first = np.zeros(len(xy), bool)
    last = np.zeros(len(xy), bool)
    first[starts[:-1]], last[starts[1:] - 1] = True, True
    ring = closed[path]
    repeats = (into == 0).all(axis=1) & (ring | ~first)
    cross = into[:, 0] * out[:, 1] - into[:, 1] * out[:, 0]
    onward = (into * out).sum(axis=1) > 0
    straight = (cross == 0) & np.where(ring, True, onward & ~first & ~last)
    if repeats.any():
        return ~repeats
    return ~straight


def far(found: Array, expected: Array, reach: float) -> Array:
    """Whether some of a feature is farther than so many units from what was expected, or the other way round."""
    wide, grown = (shapely.buffer(one, reach, quad_segs=32) for one in (expected, found))
    missing = shapely.difference(expected, grown)
    thick = shapely.buffer(
        missing, -THIN / 2
    )  # of lines nothing: they are judged by what they are missing whole
    long = (shapely.get_dimensions(missing) == 1) & (_longest(missing) >= THIN)
    return ~shapely.is_empty(shapely.difference(found, wide)) | ~shapely.is_empty(thick) | long


def _longest(geometry: Array) -> Array:
    """The largest side of the bounds of any part."""
    present = np.flatnonzero(~shapely.is_empty(geometry))
    parts, of = shapely.get_parts(geometry[present], return_index=True)
    sides = shapely.bounds(parts)
    out = np.zeros(len(geometry))
    np.maximum.at(out, present[of], np.maximum(sides[:, 2] - sides[:, 0], sides[:, 3] - sides[:, 1]))
    return out


def broken(geometry: Array) -> Array:
    """Whether snapping leaves nothing of a line, or of a polygon what is none."""
    snapped = shapely.transform(geometry, lambda xy: np.floor(xy + 0.5))
    polygon = shapely.get_dimensions(geometry) == 2
    return np.where(polygon, ~shapely.is_valid(snapped), shapely.length(snapped) == 0)  # type: ignore[no-any-return]


def compare_points(found: Array, expected: Array) -> bool:
    """Whether the points of two features are each other's nearest unit."""
    ours, theirs = shapely.get_coordinates(found), shapely.get_coordinates(expected)
    apart = np.abs(ours[:, None] - theirs[None]).max(axis=2)
    return bool((apart.min(axis=0) <= 0.5 + NOISE).all() and (apart.min(axis=1) <= 0.5 + NOISE).all())


def compare(release: Release, sample: Sample, tiles: list[bytes]) -> Counter[str]:
    """Hold the tiles of a sample against what they must hold, and count what was compared and how near it was."""
    of = sample.of
    found = reference.read(tiles, of.layer.id)
    for at, tile in enumerate(tiles):
        compare_readings(tile, found, at)
    check_paths(found)
    shapes = reference.geometry(found)
    wrong = ~shapely.is_valid(shapes)
    assert not wrong.any(), shapely.is_valid_reason(shapes[wrong])[:5]

    documents = reference.features(release, of.layer)
    at, row, pieces = of.plane.clipped(of.rows, of.flat, sample.tiles)
    names = list(zip(at.tolist(), of.rows.number[row].tolist(), of.rows.kind[row].tolist()))
    expected = dict(zip(names, range(len(names))))
    keys = list(zip(found.tile.tolist(), found.id.tolist(), found.kind.tolist()))
    assert len(expected) == len(names) and len(set(keys)) == len(keys)
    assert set(keys) <= set(names), set(keys) - set(names)
    count: Counter[str] = Counter(tiles=len(tiles), with_data=sum(map(bool, tiles)), features=len(keys))
    for name in set(names) - set(keys):  # nothing but what touches the grown tile at its border is left out
        piece = pieces[expected[name]]
        inner = shapely.box(-BUFFER, -BUFFER, EXTENT + BUFFER, EXTENT + BUFFER).buffer(-TOUCH)
        assert not shapely.intersects(piece, inner), (of.layer.id, of.set, sample.tiles[name[0]], name)
        count["touching"] += 1

    meant = np.array([expected[key] for key in keys], np.int64)
    for f, r in enumerate(row[meant].tolist()):
        properties = documents[of.rows.feature[r]]["properties"]
        seen = {name: (type(value), value) for name, value in found.properties[f].items()}
        assert seen == as_in_tile(properties, of.level.fields)
    pieces = pieces[meant]
    points = found.kind == POINT
    assert all(compare_points(one, other) for one, other in zip(shapes[points], pieces[points]))
    count["points"] += int(points.sum())

    rest = np.flatnonzero(~points)
    ours, theirs = canonical(shapes[rest], True), canonical(pieces[rest], False)
    unequal = rest[[one != other for one, other in zip(ours, theirs)]] if len(rest) else rest
    count["equal"] += len(rest) - len(unequal)
    if len(unequal):
        apart = far(shapes[unequal], pieces[unequal], HALF)
        count["half"] += int((~apart).sum())
        unequal = unequal[apart]
    if len(unequal):
        apart = far(shapes[unequal], pieces[unequal], MENDED) | ~broken(pieces[unequal])
        count["mended"] += int((~apart).sum())
        where = [
            (of.layer.id, of.set, sample.tiles[found.tile[f]].tolist(), int(found.id[f]))
            for f in unequal[apart]
        ]
        assert not apart.any(), where
    return count


def test_two_thousand_tiles_are_what_an_independent_making_gives(
    application: Callable[..., Any], published: Service, record_property: Callable[[str, object], None]
) -> None:
    release = Catalogue(published.published).current()
    client = Client(application)
    total: Counter[str] = Counter()
    for sample in sampled(release):
        total += compare(release, sample, served(client, release, sample))
    record_property("compared", dict(total))
    assert total["tiles"] == TILES and total["with_data"] > 0.95 * TILES
    assert total["points"] + total["equal"] + total["half"] + total["mended"] == total["features"]
    assert total["equal"] > 0.9 * (total["features"] - total["points"])
