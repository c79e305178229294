"""`crs`, `bbox` with `bbox-crs`, and what of a feature is shown: read whole, or every fault told."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from releases import crs
from releases.manifest import PublishedLayer
from releases.rendition import PLAIN, Rendition
from server.items import reference, selection
from server.problems import Fault, Wrong

OFFERED = crs.offered(["EPSG:4523", "EPSG:4258"])


@pytest.fixture(scope="module")
def counties(release: Any) -> PublishedLayer:
    layer: PublishedLayer = release.manifest.layer("xzq_county")
    return layer


def placed(layer: PublishedLayer, **args: str) -> tuple[reference.Place, list[Fault]]:
    faults: list[Fault] = []
    given = MultiDict({name.replace("_", "-"): value for name, value in args.items()})
    return reference.place(given, layer, OFFERED, faults), faults


def shown(layer: PublishedLayer, **args: str) -> tuple[Rendition, list[Fault]]:
    faults: list[Fault] = []
    given = MultiDict({name.replace("_", "-"): value for name, value in args.items()})
    return selection.rendition(given, layer, OFFERED, faults), faults


def test_without_a_parameter_everything_is_shown_in_crs84(counties: PublishedLayer) -> None:
    assert shown(counties) == (PLAIN, [])
    assert placed(counties) == (reference.Place(), [])


@pytest.mark.parametrize("code", OFFERED)
def test_a_crs_is_named_by_its_uri(counties: PublishedLayer, code: str) -> None:
    assert shown(counties, crs=crs.uri(code)) == (Rendition(code), [])


@pytest.mark.parametrize("name", ["crs", "bbox-crs", "filter-crs"])
@pytest.mark.parametrize(
    "text", ["", "EPSG:4490", "[EPSG:4490]", "http://www.opengis.net/def/crs/EPSG/0/2154", "\0"]
)
def test_another_name_is_told_with_those_that_are_offered(name: str, text: str) -> None:
    faults: list[Fault] = []
    assert reference.system(MultiDict({name: text}), name, OFFERED, faults) == "OGC:CRS84"
    [fault] = faults
    assert fault.parameter == name
    for code in OFFERED:
        assert crs.uri(code) in fault.expected.zh and crs.uri(code) in fault.expected.en


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("OGC:CRS84", "104,29,107,31"),
        ("EPSG:4326", "29,104,31,107"),
        ("EPSG:4490", "29,104,0,31,107,100"),
    ],
)
def test_numbers_stand_in_the_order_of_the_axes(counties: PublishedLayer, code: str, text: str) -> None:
    found, faults = placed(counties, bbox=text, bbox_crs=crs.uri(code))
    assert (found, faults) == (reference.Place(boxes=((104.0, 29.0, 107.0, 31.0),)), [])


@pytest.mark.parametrize(
    ("code", "text", "box"),
    [
        ("EPSG:3857", "11500000,3400000,11600000,3500000", (1.15e7, 3.4e6, 1.16e7, 3.5e6)),
        ("EPSG:4523", "3200000,35400000,3300000,35500000", (3.54e7, 3.2e6, 3.55e7, 3.3e6)),
        ("EPSG:4258", "29,104,31,107", (104.0, 29.0, 107.0, 31.0)),
    ],
)
def test_a_box_of_other_coordinates_is_a_frame(
    counties: PublishedLayer, code: str, text: str, box: object
) -> None:
    found, faults = placed(counties, bbox=text, bbox_crs=crs.uri(code))
    assert (found.boxes, faults) == ((), [])
    assert [(frame.box, frame.crs) for frame in found.frames] == [(box, code)]


@pytest.mark.parametrize(
    ("code", "text", "halves"),
    [
        ("OGC:CRS84", "170,-10,-170,10", [(170.0, -10.0, 180.0, 10.0), (-180.0, -10.0, -170.0, 10.0)]),
        ("EPSG:4490", "-10,170,10,-170", [(170.0, -10.0, 180.0, 10.0), (-180.0, -10.0, -170.0, 10.0)]),
        ("EPSG:4258", "-10,170,10,-170", [(170.0, -10.0, 180.0, 10.0), (-180.0, -10.0, -170.0, 10.0)]),
    ],
)
def test_degrees_may_cross_the_antimeridian(
    counties: PublishedLayer, code: str, text: str, halves: object
) -> None:
    found, faults = placed(counties, bbox=text, bbox_crs=crs.uri(code))
    assert faults == []
    assert [*found.boxes, *(frame.box for frame in found.frames)] == halves


@pytest.mark.parametrize(
    ("code", "text", "expected"),
    [
        ("EPSG:4490", "31,104,29,107", "south,west,north,east"),
        ("EPSG:4490", "29,104,31", "EPSG:4490"),
        ("EPSG:4490", "29,104,31,x", "EPSG:4490"),
        ("EPSG:4490", "0,200,1,100", "degrees"),
        ("EPSG:4523", "3200000,35500000,3300000,35400000", "west not above east"),
        ("EPSG:4523", "3300000,35400000,3200000,35500000", "south,west,north,east"),
        ("EPSG:3857", "11600000,3400000,11500000,3500000", "west,south,east,north"),
        ("EPSG:3857", "1,2,3,1e999", "units of EPSG:3857"),
        ("EPSG:3857", "1,2,9,3,4,8", "4 or 6"),
        ("EPSG:3857", "nan,2,3,4", "4 or 6"),
        ("EPSG:3857", "1,2,3," + "9" * 400, "4 or 6"),
    ],
)
def test_a_box_that_is_none_is_told_in_the_order_of_the_axes(
    counties: PublishedLayer, code: str, text: str, expected: str
) -> None:
    found, [fault] = placed(counties, bbox=text, bbox_crs=crs.uri(code))
    assert found == reference.Place()
    assert fault.parameter == "bbox" and expected in fault.expected.en


def test_a_wrong_box_in_a_wrong_crs_is_two_faults(counties: PublishedLayer) -> None:
    found, faults = placed(counties, bbox="1,2,3", bbox_crs="EPSG:4490")
    assert found == reference.Place()
    assert [fault.parameter for fault in faults] == ["bbox-crs", "bbox"]


@given(st.lists(st.floats(-1e12, 1e12), min_size=4, max_size=6), st.sampled_from(OFFERED))
def test_any_numbers_are_a_place_or_a_fault(
    counties: PublishedLayer, numbers: list[float], code: str
) -> None:
    found, faults = placed(counties, bbox=",".join(map(repr, numbers)), bbox_crs=crs.uri(code))
    assert bool(found.boxes or found.frames) != bool(faults)
    for box in (*found.boxes, *(frame.box for frame in found.frames)):
        assert box[0] <= box[2] and box[1] <= box[3]
        assert {abs(number) for number in box} <= {abs(number) for number in (*numbers, 180.0)}


def test_only_the_properties_asked_for_are_shown_and_the_geometry_is_one(counties: PublishedLayer) -> None:
    assert shown(counties, properties="XZQMC") == (Rendition(fields=("XZQMC",), geometry=False), [])
    assert shown(counties, properties="XZQMC,geometry") == (Rendition(fields=("XZQMC",)), [])
    assert shown(counties, properties="geometry") == (Rendition(fields=()), [])
    names = [field.name for field in counties.layer.fields]
    assert shown(counties, properties=",".join([*reversed(names), "geometry", names[0]])) == (PLAIN, [])
    assert shown(counties, properties=",".join(reversed(names[:2])))[0].fields == tuple(names[:2])


def test_all_properties_but_some_are_shown(counties: PublishedLayer) -> None:
    names = tuple(field.name for field in counties.layer.fields)
    assert shown(counties, exclude_properties=names[1])[0] == Rendition(fields=(names[0], *names[2:]))
    assert shown(counties, exclude_properties="geometry") == (Rendition(geometry=False), [])
    assert shown(counties, exclude_properties=",".join([*names, "geometry"]))[0] == Rendition(
        fields=(), geometry=False
    )


def test_a_geometry_that_is_skipped_needs_neither_crs_nor_zoom(counties: PublishedLayer) -> None:
    asked = {"skipGeometry": "true", "zoom_level": "3", "crs": crs.uri("EPSG:4523")}
    assert shown(counties, **asked) == (Rendition(geometry=False), [])
    assert shown(counties, skipGeometry="false") == (PLAIN, [])


@pytest.mark.parametrize(
    ("text", "zoom"), [("0", 0.0), ("7", 7.0), ("7.5", 7.5), (".5", 0.5), ("1e-05", 1e-5), ("9" * 40, 1e40)]
)
def test_a_zoom_is_a_number_from_nought_on(counties: PublishedLayer, text: str, zoom: float) -> None:
    assert shown(counties, zoom_level=text) == (Rendition(zoom=zoom), [])


@pytest.mark.parametrize(
    ("parameter", "text", "told"),
    [
        ("zoom-level", "-1", "from 0 on"),
        ("zoom-level", "", "from 0 on"),
        ("zoom-level", "nan", "from 0 on"),
        ("zoom-level", "1e400", "from 0 on"),
        ("zoom-level", "9" * 400, "from 0 on"),
        ("skipGeometry", "1", "true or false"),
        ("skipGeometry", "True", "true or false"),
        ("properties", "", "names among"),
        ("properties", "XZQMC,", "names among"),
        ("properties", "XZQMX", "did you mean XZQMC?"),
        ("properties", "XZQMC, XZQDM", "names among"),
        ("exclude-properties", "nobody", "names among"),
        ("exclude-properties", "a\0b", "names among"),
    ],
)
def test_what_cannot_be_shown_is_told(counties: PublishedLayer, parameter: str, text: str, told: str) -> None:
    _, [fault] = shown(counties, **{parameter: text})
    assert fault.parameter == parameter
    assert told in fault.expected.en and fault.expected.zh != fault.expected.en


def test_every_fault_is_told_at_once(counties: PublishedLayer) -> None:
    asked = {"crs": "x", "zoom_level": "x", "properties": "x", "exclude_properties": "x", "skipGeometry": "x"}
    _, faults = shown(counties, **asked)
    assert {fault.parameter for fault in faults} == {
        "crs",
        "zoom-level",
        "properties",
        "exclude-properties",
        "skipGeometry",
    }


finite = st.floats(-1e6, 1e6)


@given(finite, finite, finite, finite)
def test_four_finite_numbers_are_a_box_if_south_is_not_above_north(
    w: float, s: float, e: float, n: float
) -> None:
    text = f"{w},{s},{e},{n}"
    if s > n or (w > e and not (e >= -180 and w <= 180)):
        with pytest.raises(Wrong):
            reference.boxes(text)
        return
    boxes = reference.boxes(text)
    assert all(west <= east and south <= north for west, south, east, north in boxes)
    if w <= e:
        assert boxes == ((w, s, e, n),)
    else:
        assert boxes == ((w, s, 180, n), (-180, s, e, n))


@given(st.text(max_size=30))
def test_a_box_is_read_whole_or_refused(text: str) -> None:
    try:
        boxes = reference.boxes(text)
    except Wrong:
        return
    assert boxes and text.isascii() and text.count(",") in (3, 5)
