"""Counties and zones meet in tiles without a gap and without an overlap, along the border of the provinces above all.

    ..+----------+       Wherever the border crosses a tile of any set at any zoom of the layer, what the tile's
     /|  ___ A   |       polygons cover together is what the layer covers there, and no two of them cover the same:
  --' |--' B `---|--     what differs is at most one unit wide, by which snapping may bend an edge, mend a ring, or
      +----------+       leave a speck of what is too small to be drawn.

Gaps and overlaps are measured by eroding them: nothing one unit wide survives half a unit from each side.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest
import shapely

from config.models import Service
from releases.release import Catalogue, Release
from tiles import columnfile, dissolve, mvt, search
from tiles.columns import Attribute, Columns
from tiles.featureid import tile_ids
from tiles.grid import TileMatrixSet

from . import reference
from .reference import BUFFER, EXTENT, Array, Plane

#: Tiles of one zoom in one set, spread evenly along the border where it crosses more.
MOST = 30
#: Half a unit, and what arithmetic needs.
ERODED = 0.5 + 1e-3
SETS = ("WebMercatorQuad", "CGCS2000Quad", "CGCS2000TianDiTuQuad", "CGCS2000GK35Quad", "CGCS2000GK36Quad")


class Coverage(NamedTuple):
    """A coverage as columns, and the details (zooms of WebMercatorQuad) at which tiles are made of it."""

    layer: str
    columns: Columns
    details: range


@pytest.fixture(scope="module")
def release(published: Service) -> Release:
    return Catalogue(published.published).current()


@pytest.fixture(scope="module")
def border(release: Release) -> Any:
    """The line that the two provinces share, in degrees."""
    provinces = reference.rows(release, *_exact(release, "xzq_province")).geometry
    one, other = shapely.boundary(provinces)
    line = shapely.line_merge(shapely.intersection(one, other))
    assert shapely.length(line) > 8 and len(shapely.get_parts(line)) < 10
    return line


@pytest.fixture(scope="module")
def coverages(release: Release) -> tuple[Coverage, ...]:
    """Counties and zones at each of their levels, and zones dissolved as a release with more of them has it."""
    found = [
        Coverage(name, columnfile.read(release.path / level.file), range(level.zoom_min, level.zoom_max + 1))
        for name in ("xzq_county", "ghfq")
        for level in release.manifest.layer(name).levels
    ]
    layer = release.manifest.layer("ghfq")
    documents = reference.features(release, layer)
    classes = [
        Attribute(name, [document["properties"].get(name) for document in documents])
        for name in layer.layer.generalise.dissolve
    ]
    ids = tile_ids(document["id"] for document in documents)
    whole = columnfile.read(release.path / layer.levels[0].file)
    for zoom in (8, 10):
        united = dissolve.dissolved(whole, classes, ids, zoom)
        assert len(united.row_kind) < 0.9 * len(whole.row_kind)
        found.append(Coverage("ghfq", united, range(zoom, zoom + 1)))
    return tuple(found)


def _exact(release: Release, name: str) -> tuple[Any, Any]:
    layer = release.manifest.layer(name)
    return layer, layer.levels[-1]


def crossed(plane: Plane, zoom: int, border: Array) -> Array:
    """The tiles (n, 3) of a matrix that the border crosses, `MOST` of them at most, in their order along it."""
    side = plane.corner(np.array([[zoom, 0, 0]]))[1][0]
    places = shapely.get_coordinates(shapely.segmentize(border, side / 8))
    tiles = plane.tiles_at(zoom, places)
    tiles = tiles[np.sort(np.unique(tiles, axis=0, return_index=True)[1])]
    return tiles[np.unique(np.linspace(0, len(tiles) - 1, MOST).astype(int))]


def encoded(coverage: Coverage, tms: TileMatrixSet, tile: list[int]) -> bytes:
    zoom, row, col = tile
    rows = search.rows(coverage.columns, tms.lonlat_box(zoom, row, col, margin=BUFFER / EXTENT))
    return mvt.encode_layer(coverage.layer, coverage.columns, rows, tms.transform(zoom, row, col, EXTENT))


def too_wide(polygons: Array, expected: Any) -> tuple[list[Any], list[Any]]:
    """The gaps and the overlaps of the polygons of a tile that are wider than a unit."""
    gaps = shapely.buffer(shapely.difference(expected, shapely.union_all(polygons)), -ERODED)
    one, other = shapely.STRtree(polygons).query(polygons, predicate="intersects")
    one, other = one[one < other], other[one < other]
    overlaps = shapely.intersection(polygons[one], polygons[other])
    overlaps = shapely.buffer(overlaps[shapely.area(overlaps) > 0], -ERODED)
    return [gap for gap in shapely.get_parts(gaps) if gap.area], [one for one in overlaps if one.area]


@pytest.mark.parametrize("name", SETS)
def test_along_the_border_tiles_have_no_gap_and_no_overlap(
    name: str,
    release: Release,
    border: Any,
    coverages: tuple[Coverage, ...],
    record_property: Callable[[str, object], None],
) -> None:
    assert set(SETS) == set(release.manifest.sets.names)
    tms = release.manifest.sets.get(name)
    plane = Plane(tms)
    line = plane.projected(shapely.get_parts(border))
    count: Counter[str] = Counter()
    for coverage in coverages:
        rows = reference.read_columns(coverage.columns)
        flat = plane.projected(rows.geometry)
        for zoom in [zoom for zoom in range(tms.max_zoom + 1) if tms.detail(zoom) in coverage.details]:
            tiles = crossed(plane, zoom, line)
            found = reference.read([encoded(coverage, tms, tile) for tile in tiles.tolist()], coverage.layer)
            shapes = reference.geometry(found)
            assert shapely.is_valid(shapes).all()
            at, _, pieces = plane.clipped(rows, flat, tiles)
            for number, tile in enumerate(tiles.tolist()):
                expected = shapely.union_all(pieces[at == number])
                gaps, overlaps = too_wide(shapes[found.tile == number], expected)
                assert not gaps, (coverage.layer, name, tile, [gap.wkt for gap in gaps][:3])
                assert not overlaps, (coverage.layer, name, tile, [overlap.wkt for overlap in overlaps][:3])
            count.update(tiles=len(tiles), polygons=len(shapes))
    record_property(name, dict(count))
    assert count["tiles"] > 250 and count["polygons"] > 5000


def test_a_polygon_that_is_missing_or_drawn_twice_is_noticed(
    release: Release, border: Any, coverages: tuple[Coverage, ...]
) -> None:
    tms = release.manifest.sets.get("WebMercatorQuad")
    plane = Plane(tms)
    [tile] = crossed(plane, 9, plane.projected(shapely.get_parts(border)))[5:6]
    rows = reference.read_columns(coverages[0].columns)
    _, _, pieces = plane.clipped(rows, plane.projected(rows.geometry), tile[None])
    expected = shapely.union_all(pieces)
    shapes = reference.geometry(reference.read([encoded(coverages[0], tms, tile.tolist())], "xzq_county"))
    assert len(shapes) > 1 and too_wide(shapes, expected) == ([], [])
    shifted = shapely.transform(shapes[:1], lambda xy: xy + np.array([0, 2]))
    assert too_wide(shapes[1:], expected)[0] and too_wide(np.append(shapes, shapes[:1]), expected)[1]
    assert any(too_wide(np.append(shapes[1:], shifted), expected))
