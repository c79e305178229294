"""The gate on single geometries by their measure: slivers, tiny rings, spikes, repeated vertices, stated areas.

Shapes are drawn in metres round a place in the region, by pyproj's geodesics and not by what is tested.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from shapely import affinity

from releases.ellipsoid import degree
from releases.gate.chains import Chains
from releases.gate.pieces import Pieces

GEOD = pyproj.Geod(ellps="GRS80")
ORIGIN = (104.0, 30.0)
Floats = NDArray[np.float64]


def there(shape: Any, at: tuple[float, float] = ORIGIN) -> Any:
    """A shape drawn in metres, put down so that its origin is at a place, on a grid much finer than the release's."""

    def put(xy: Floats) -> Floats:
        bearing, distance = np.degrees(np.arctan2(xy[:, 0], xy[:, 1])), np.hypot(*xy.T)
        lon, lat, _ = GEOD.fwd(np.full(len(xy), at[0]), np.full(len(xy), at[1]), bearing, distance)
        return np.column_stack([lon, lat])

    return shapely.transform(shape, put)


def rules(bench: Any, *shapes: Any) -> list[str]:
    return [one.rule for one in bench.findings(list(shapes))]


@pytest.mark.parametrize(("width", "is_sound"), [(0.999, False), (1.001, True)])
def test_a_strip_is_a_sliver_below_the_limit(bench: Any, width: float, is_sound: bool) -> None:
    for length in (20, 500, 5_000):
        shape = shapely.box(0, 0, length, width * length / (length - width))
        assert 2 * shape.area / shape.length == pytest.approx(width)
        findings = bench.findings([there(shape)])
        assert [one.rule for one in findings] == ([] if is_sound else ["sliver"])
        for one in findings:
            assert one.measured == pytest.approx(width, rel=1e-4)
            assert one.geometry is not None and one.geometry.area == pytest.approx(there(shape).area)


def test_the_limit_of_slivers_is_a_setting(bench: Any) -> None:
    shape = there(shapely.box(0, 0, 300, 3))
    assert rules(bench, shape) == []
    bench.limit("sliver", 5)
    (finding,) = bench.findings([shape])
    assert "expected at least 5 m" in finding.message.en and "应不小于 5 米" in finding.message.zh


def test_a_compact_piece_is_tiny_and_no_sliver(bench: Any) -> None:
    small, enough = there(shapely.box(0, 0, 3.15, 3.15)), there(shapely.box(20, 0, 23.18, 3.18))
    (finding,) = bench.findings([small, enough])
    assert (finding.rule, finding.feature) == ("tiny-ring", "P000000")
    assert finding.measured == pytest.approx(3.15**2, rel=1e-4)
    assert rules(bench, there(shapely.box(0, 0, 1.2, 1.2))) == ["tiny-ring"]


def test_a_small_strip_is_a_sliver_and_not_tiny_too(bench: Any) -> None:
    assert rules(bench, there(shapely.box(0, 0, 0.1, 20))) == ["sliver"]


def test_each_part_and_each_hole_is_looked_at(bench: Any) -> None:
    field = shapely.box(0, 0, 1000, 1000)
    holes = [shapely.box(10, 10, 12, 12), shapely.box(100, 10, 100.5, 900), shapely.box(500, 500, 600, 600)]
    shape = shapely.Polygon(field.exterior, [hole.exterior for hole in holes])
    parts = [shape, shapely.box(2000, 0, 2002, 2), shapely.box(3000, 0, 3000.3, 400)]
    findings = bench.findings([there(shapely.MultiPolygon(parts))])
    assert sorted(one.rule for one in findings) == ["sliver", "sliver", "tiny-ring", "tiny-ring"]
    assert sorted("hole" in one.message.en for one in findings) == [False, False, True, True]
    for one in findings:
        # The place is on the piece itself.
        assert one.place is not None and shapely.distance(shapely.Point(one.place), one.geometry) < 1e-12


def test_a_ring_round_a_hole_may_be_a_sliver(bench: Any) -> None:
    ring = shapely.box(0, 0, 500, 500).difference(shapely.box(0.4, 0.4, 499.6, 499.6))
    assert rules(bench, there(ring)) == ["sliver"]


def test_invalid_and_missing_geometries_are_not_measured(bench: Any) -> None:
    bow_tie = shapely.Polygon([(0, 0), (0.5, 300), (0, 300), (0.5, 0)])
    assert rules(bench, there(bow_tie)) == ["geometry-invalid"]
    bench.layer |= {"geometry_required": False}
    assert rules(bench, None, shapely.MultiPolygon()) == ["geometry-empty"]


def test_lines_and_points_have_no_pieces(bench: Any) -> None:
    bench.layer |= {"geometry": "Geometry"}
    thin = there(shapely.LineString([(0, 0), (0.1, 100), (0, 0)]))
    assert rules(bench, thin, shapely.Point(104, 30)) == []
    mixed = shapely.GeometryCollection(
        [thin, there(shapely.box(0, 0, 1, 1)), there(shapely.box(9, 0, 99, 99))]
    )
    assert rules(bench, mixed) == ["tiny-ring"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50, deadline=None)
@given(
    st.floats(100.5, 109),
    st.floats(25.5, 34.5),
    st.floats(0, 360),
    st.floats(0.2, 400),
    st.floats(20, 3000),
    st.booleans(),
    st.integers(0, 3),
)
def test_a_piece_measures_the_same_wherever_it_lies_and_however_it_is_wound(
    x: float, y: float, turn: float, width: float, length: float, clockwise: bool, begin: int
) -> None:
    ring = shapely.get_coordinates(affinity.rotate(shapely.box(0, 0, width, length), turn, origin=(0, 0)))[
        :-1
    ]
    ring = np.roll(ring[::-1] if clockwise else ring, begin, axis=0)
    shape = there(shapely.Polygon(ring), (x, y))
    pieces = Pieces.of(Chains.of(np.array([shape]), np.zeros(1, dtype=np.int64)), "EPSG:4490")
    assert pieces.area[0] == pytest.approx(width * length, rel=2e-3)
    assert pieces.width[0] == pytest.approx(width * length / (width + length), rel=2e-3)
    assert pieces.length[0] == pytest.approx((width + length) ** 2 / (width * length), rel=4e-3)


@settings(max_examples=60, deadline=None)
@given(
    st.floats(98, 109),
    st.floats(26, 34),
    st.lists(st.tuples(st.floats(-3000, 3000), st.floats(-3000, 3000)), min_size=4, max_size=20),
)
def test_areas_and_lengths_are_those_of_geodesics(
    x: float, y: float, moves: list[tuple[float, float]]
) -> None:
    hull = shapely.MultiPoint(moves).convex_hull
    if hull.geom_type != "Polygon" or hull.area < 100:
        return
    shape = there(hull, (x, y))
    area, length = GEOD.geometry_area_perimeter(shape)
    chains = Chains.of(np.array([shape]), np.zeros(1, dtype=np.int64))
    edges = np.hypot(*np.diff(shapely.get_coordinates(hull), axis=0).T)
    # A geodesic edge of length l bows out from one that is straight in degrees by l^2 tan(latitude) / 8 R,
    # which is l^3 tan(latitude) / 12 R of area; a fifth is added for what this leaves out.
    bows = float((edges**3).sum()) * np.tan(np.radians(y + 0.1)) / (10 * 6_350_000)
    assert chains.areas("EPSG:4490")[0] == pytest.approx(abs(area), rel=1e-8, abs=bows + 1e-2)
    assert chains.lengths("EPSG:4490")[0] == pytest.approx(length, rel=1e-3)


@pytest.mark.parametrize("latitude", [0.0, 25.0, 30.5, 34.0, 60.0])
def test_a_degree_is_as_long_as_a_geodesic_says(latitude: float) -> None:
    ((east, north),) = degree(np.array([latitude]))
    step = 1e-4
    assert east * step == pytest.approx(GEOD.inv(0, latitude, step, latitude)[2], rel=1e-6)
    assert north * step == pytest.approx(
        GEOD.inv(0, latitude - step / 2, 0, latitude + step / 2)[2], rel=1e-6
    )


FIELD = shapely.box(0, 0, 1000, 600)


def with_spike(angle: float, *, arm: float = 200.0, inwards: bool = False) -> Any:
    """The field with a spike of so many degrees from the middle of its upper edge, its tip `arm` metres away."""
    half = arm * np.tan(np.radians(angle / 2))
    tip = (500, 600 - arm if inwards else 600 + arm)
    return shapely.Polygon(
        [(0, 0), (1000, 0), (1000, 600), (500 + half, 600), tip, (500 - half, 600), (0, 600)]
    )


@pytest.mark.parametrize("inwards", [False, True])
@pytest.mark.parametrize(("angle", "is_sound"), [(0.2, False), (0.98, False), (1.02, True), (30, True)])
def test_a_spike_is_told_below_the_limit(bench: Any, angle: float, is_sound: bool, inwards: bool) -> None:
    shape = there(with_spike(angle, inwards=inwards))
    findings = bench.findings([shape])
    assert [one.rule for one in findings] == ([] if is_sound else ["spike"])
    for one in findings:
        assert one.measured == pytest.approx(angle, rel=1e-2)
        tip = shapely.get_coordinates(there(shapely.Point(500, 400 if inwards else 800)))[0]
        assert one.place == pytest.approx(tuple(tip), abs=1e-9)
        assert one.geometry is not None and shapely.get_num_coordinates(one.geometry) == 3


def test_each_tip_is_one_fault(bench: Any) -> None:
    upper, lower = with_spike(0.5), affinity.scale(with_spike(0.7), yfact=-1, origin=(0, 0))
    both = shapely.union(upper, lower).simplify(0)
    assert rules(bench, there(both)) == ["spike", "spike"]


@pytest.mark.parametrize("angle", [1.9, 2.1])
def test_the_limit_of_spikes_is_a_setting(bench: Any, angle: float) -> None:
    bench.limit("spike", 2)
    assert rules(bench, there(with_spike(angle))) == (["spike"] if angle < 2 else [])
    bench.limit("spike", 0)
    assert rules(bench, there(with_spike(angle))) == []


def test_an_arm_so_short_that_rounding_made_its_angle_says_nothing(bench: Any) -> None:
    # A step of the grid is 1.1 cm here, and so 1.3 m the shortest arm that can mean an angle of a degree.
    assert rules(bench, there(with_spike(0.5, arm=1.2))) == []
    assert rules(bench, there(with_spike(0.5, arm=1.4))) == ["spike"]


def test_the_sharp_ends_of_a_sliver_are_no_spikes(bench: Any) -> None:
    needle = shapely.Polygon([(0, 0), (400, 0.4), (400, -0.4)])
    assert rules(bench, there(needle)) == ["sliver"]
    assert rules(bench, there(affinity.scale(needle, yfact=5))) == ["spike"]


def test_a_repeated_tip_is_a_spike_all_the_same(bench: Any) -> None:
    xy = shapely.get_coordinates(with_spike(0.5))
    shape = there(shapely.Polygon(np.insert(xy, 4, xy[4], axis=0)))
    assert rules(bench, shape) == ["duplicate-points", "spike"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(
    st.floats(0.05, 1.9).filter(lambda angle: abs(angle - 1) > 0.02),
    st.floats(0, 360),
    st.booleans(),
    st.integers(0, 6),
    st.booleans(),
)
def test_a_spike_is_one_however_it_lies_and_its_ring_is_wound(
    bench: Any, angle: float, turn: float, clockwise: bool, begin: int, inwards: bool
) -> None:
    xy = shapely.get_coordinates(with_spike(angle, inwards=inwards))[:-1]
    xy = np.roll(xy[::-1] if clockwise else xy, begin, axis=0)
    shape = there(affinity.rotate(shapely.Polygon(xy), turn, origin=(500, 300)))
    assert rules(bench, shape) == (["spike"] if angle < 1 else [])


def test_repeated_vertices_are_told_once_a_feature(bench: Any) -> None:
    xy = shapely.get_coordinates(shapely.box(104, 30, 104.1, 30.1))
    again = shapely.Polygon([xy[0], xy[1], xy[1], xy[1], xy[2], xy[3], xy[0], xy[0]])
    (finding,) = bench.findings([shapely.box(105, 30, 105.1, 30.1), again])
    assert (finding.rule, finding.feature, finding.measured) == ("duplicate-points", "P000001", 3)
    assert finding.place == tuple(xy[1])


def test_rings_and_lines_that_touch_repeat_nothing(bench: Any) -> None:
    bench.layer |= {"geometry": "Geometry"}
    outer = [(104, 30), (104.1, 30), (104.1, 30.1), (104, 30.1)]
    inner = [(104, 30), (104.05, 30.02), (104.02, 30.05)]  # begins where the outer ring ends
    lines = shapely.MultiLineString([[(104, 31), (104, 31.1)], [(104, 31.1), (104, 31.2)]])
    assert rules(bench, shapely.Polygon(outer, [inner]), lines) == []
    line = shapely.LineString([(104, 32), (104, 32.1), (104, 32.1)])
    assert rules(bench, line) == ["duplicate-points"]
    assert rules(bench, shapely.MultiPoint([(104, 30), (104, 30)])) == []


def turned(shape: Any, begin: int) -> Any:
    """The same polygon wound the other way, its ring beginning elsewhere."""
    return shapely.Polygon(np.roll(shapely.get_coordinates(shape)[:-1], begin, axis=0)[::-1])


def test_a_geometry_that_another_feature_has_is_told(bench: Any) -> None:
    shape = there(with_spike(20))
    other = shapely.box(*shape.bounds)  # within the same box, but another shape
    findings = [
        one
        for one in bench.findings(
            [other, shape, turned(shape, 3), shape], authority=["west", "east", "west", "west"]
        )
        if one.rule == "duplicate-geometry"
    ]
    assert [(one.feature, one.others) for one in findings] == [
        ("P000002", ("P000001",)),
        ("P000003", ("P000001",)),
    ]
    assert "P000001 of east" in findings[0].message.en


def test_points_may_stand_in_one_place(bench: Any) -> None:
    bench.layer |= {"geometry": "Point"}
    assert rules(bench, shapely.Point(104, 30), shapely.Point(104, 30)) == []


@pytest.mark.parametrize(
    ("factor", "is_sound"), [(1.0099, True), (1.0101, False), (0.9901, True), (0.9899, False)]
)
@pytest.mark.parametrize(("unit", "metres"), [("m2", 1), ("har", 10_000), ("km2", 1_000_000)])
def test_a_stated_area_may_be_off_by_the_limit(
    bench: Any, factor: float, is_sound: bool, unit: str, metres: float
) -> None:
    bench.field("AREA", "number", unit=unit, measure="area")
    field = shapely.Polygon(FIELD.exterior, [shapely.box(100, 100, 300, 300).exterior])
    # Geod takes a hole for one only where it is wound against its shell.
    shape = shapely.orient_polygons(shapely.MultiPolygon([field, shapely.box(2000, 0, 2500, 100)]))
    area = abs(GEOD.geometry_area_perimeter(there(shape))[0])
    findings = bench.findings([there(shape)], [{"AREA": area * factor / metres}])
    assert [(one.rule, one.field) for one in findings] == ([] if is_sound else [("area-stated", "AREA")])
    for one in findings:
        assert one.measured == pytest.approx(0.0101, abs=1e-6)
        assert unit in one.message.en and "1.01%" in one.message.en and "1.00%" in one.message.zh


def test_an_area_that_is_not_stated_or_cannot_be_measured_is_no_fault(bench: Any) -> None:
    bench.field("AREA", "number", unit="m2", measure="area")
    bow_tie = shapely.Polygon([(104, 30), (105, 31), (105, 30), (104, 31)])
    assert rules(bench, there(FIELD)) == []
    findings = bench.findings([bow_tie, there(FIELD)], [{"AREA": 5.0}, {"AREA": 0.0}])
    assert [(one.rule, one.feature) for one in findings] == [
        ("geometry-invalid", "P000000"),
        ("area-stated", "P000001"),
    ]


def test_an_area_as_a_whole_number_is_one_too(bench: Any) -> None:
    bench.field("AREA", "integer", unit="m2", measure="area")
    area = abs(GEOD.geometry_area_perimeter(there(FIELD))[0])
    assert bench.findings([there(FIELD)], [{"AREA": round(area)}]) == ()
