"""Every polygon in a tile is valid, covers what it covered, and keeps its id and attributes."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import shape

from tiles import grid, mvt, search

from .conftest import HERE, Place, array, columns_of, decoded, message, paths, surveyor, tile_of

#: Places in tile units between which snapping has to decide.
NEAR = st.floats(-200, 4300).map(lambda value: round(value, 1))


def lonlat(polygon: shapely.Geometry, place: Place = HERE) -> shapely.Geometry:
    """A geometry in units, in degrees."""
    return shapely.transform(polygon, lambda xy: np.array([place.lonlats(x, y) for x, y in xy]))


@given(st.lists(st.tuples(NEAR, NEAR), min_size=4, max_size=10, unique=True))
@settings(deadline=None)
def test_what_snapping_and_clipping_break_is_mended(points: list[tuple[float, float]]) -> None:
    thin = shapely.buffer(shapely.LineString(points), 0.6, join_style="mitre", cap_style="flat")
    if not isinstance(thin, shapely.Polygon) or thin.is_empty:
        return
    for feature in decoded(tile_of(array(lonlat(thin)), name=["strip"])):
        found = shape(feature["geometry"])
        assert shapely.is_valid(found), shapely.is_valid_reason(found)
        assert feature["id"] == 1 and feature["properties"] == {"name": "strip"}
        clipped = shapely.intersection(thin, HERE.box)
        # Each vertex moves by half a diagonal at most; what is thinner than that may vanish, a speck is left.
        assert shapely.within(found, shapely.buffer(thin, 1.5))
        assert abs(found.area - clipped.area) <= 0.75 * clipped.length + 1


def test_a_comb_across_the_border_has_no_bridges_between_its_teeth() -> None:
    teeth = [shapely.box(4000, 100 * i, 5000, 100 * i + 50) for i in range(10)]
    comb = shapely.union_all([shapely.box(4800, 0, 5000, 1000), *teeth])
    [feature] = decoded(tile_of(array(lonlat(comb))))
    found = shape(feature["geometry"])
    assert shapely.is_valid(found) and len(shapely.get_parts(found)) == 10
    assert found.area == pytest.approx(10 * 50 * 160, rel=0.01)


def test_a_ring_that_touches_itself_becomes_two() -> None:
    waist = shapely.Polygon([(0, 0), (100, 49.8), (200, 0), (200, 100), (100, 50.2), (0, 100)])
    [feature] = decoded(tile_of(array(lonlat(waist))))
    found = shape(feature["geometry"])
    assert shapely.is_valid(found) and len(shapely.get_parts(found)) == 2
    rings = list(paths(message(tile_of(array(lonlat(waist)))).features[0]))
    assert all(surveyor(ring) > 0 for ring in rings)


def test_mended_features_stand_among_the_others_in_their_order() -> None:
    waist = shapely.Polygon([(0, 0), (100, 49.8), (200, 0), (200, 100), (100, 50.2), (0, 100)])
    plain = shapely.box(300, 0, 400, 100)
    tile = tile_of(array(*(lonlat(one) for one in (plain, waist, plain, waist))), name=["a", "b", "c", None])
    assert sorted((one["id"], one["properties"].get("name")) for one in decoded(tile)) == [
        (1, "a"),
        (2, "b"),
        (3, "c"),
        (4, None),
    ]


def test_fields_that_are_not_asked_for_are_left_out() -> None:
    columns = columns_of(array(lonlat(shapely.box(0, 0, 100, 100))), name=["a"], size=[3])
    tms = grid.get(HERE.tms)
    rows = search.rows(columns, HERE.lonlat)
    for fields, expected in (([1, 0], {"name": "a"}), ([0, 1], {"size": 3}), ([0, 0], {})):
        asked = np.array(fields, np.uint8)
        tile = mvt.encode_layer("layer", columns, rows, tms.transform(*HERE[:3]), fields=asked)
        assert decoded(tile)[0]["properties"] == expected
