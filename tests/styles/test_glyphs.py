"""Glyphs: protobuf as MapLibre reads it, and distances as geometry measures them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import freetype
import numpy as np
import pytest
import shapely
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from hypothesis import given
from hypothesis import strategies as st

from styles import fonts
from styles.distancefield import distances, glyphs
from styles.glyphs import Font, ranges_for, valid

INT, BYTES, STRING, SINT, MESSAGE = 13, 12, 9, 17, 11


def message_class() -> Any:
    """The `glyphs` message of glyphs.proto, built by the protobuf library: an independent reader."""
    file = descriptor_pb2.FileDescriptorProto(name="glyphs.proto", package="llmr.glyphs", syntax="proto2")
    contents = {
        "glyph": [
            ("id", 1, INT), ("bitmap", 2, BYTES), ("width", 3, INT), ("height", 4, INT),
            ("left", 5, SINT), ("top", 6, SINT), ("advance", 7, INT),
        ],
        "fontstack": [("name", 1, STRING), ("range", 2, STRING), ("glyphs", 3, "glyph")],
        "glyphs": [("stacks", 1, "fontstack")],
    }  # fmt: skip
    for name, fields in contents.items():
        message = file.message_type.add(name=name)
        for field, number, kind in fields:
            if isinstance(kind, str):
                message.field.add(
                    name=field, number=number, label=3, type=MESSAGE, type_name=f".llmr.glyphs.{kind}"
                )
            else:
                message.field.add(name=field, number=number, label=1, type=kind)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("llmr.glyphs.glyphs"))


@pytest.fixture(scope="module")
def font() -> Font:
    return fonts.font("Noto Sans SC Regular")


@pytest.fixture(scope="module")
def latin(font: Font) -> Any:
    return message_class().FromString(font.range(0)).stacks[0]


def test_a_range_is_read_by_the_protobuf_library_with_its_name_and_bounds(latin: Any) -> None:
    assert (latin.name, latin.range) == ("Noto Sans SC Regular", "0-255")
    letters = {chr(glyph.id) for glyph in latin.glyphs}
    assert set("ABCxyz0189 ()-") <= letters


def test_every_bitmap_has_a_border_of_three_pixels_round_its_size(latin: Any) -> None:
    for glyph in latin.glyphs:
        if glyph.HasField("bitmap"):
            assert len(glyph.bitmap) == (glyph.width + 6) * (glyph.height + 6), chr(glyph.id)


def test_a_space_advances_and_draws_nothing(latin: Any) -> None:
    space = next(glyph for glyph in latin.glyphs if glyph.id == 32)
    assert not space.HasField("bitmap") and space.width == 0 and 4 <= space.advance <= 8


def test_an_ideograph_is_an_em_wide_and_its_middle_is_on_the_anchor(font: Font) -> None:
    (glyph,) = glyphs(font.path, [ord("国")])
    assert glyph.advance == 24
    # MapLibre draws from 17 px above the anchor: y of the ink's middle = -17 - top + height / 2
    assert abs(-17 - glyph.top + glyph.height / 2) <= 1.5


def test_a_capital_is_as_high_as_its_outline_and_stands_on_the_same_line_as_others(font: Font) -> None:
    heights = dict(zip("HEx", glyphs(font.path, map(ord, "HEx"))))
    assert heights["H"].top == heights["E"].top
    assert heights["H"].top - heights["H"].height == heights["x"].top - heights["x"].height
    assert abs(heights["H"].height - 0.733 * 24) <= 1


def test_a_range_outside_the_plane_or_between_two_is_refused(font: Font) -> None:
    for start in (-256, 1, 255, 65536):
        assert not valid(start)
        with pytest.raises(ValueError, match="multiple of 256"):
            font.range(start)


@given(st.lists(st.text()))
def test_the_ranges_of_texts_hold_each_letter_of_the_plane_and_nothing_else(texts: list[str]) -> None:
    letters = {ord(letter) for text in texts for letter in text if ord(letter) < 65536}
    ranges = ranges_for(texts)
    assert all(any(start <= letter < start + 256 for start in ranges) for letter in letters)
    assert all(any(start <= letter < start + 256 for letter in letters) for start in ranges)


def outline(path: Path, letter: str) -> shapely.Geometry:
    """The outline of a letter at 24 px as a polygon, y upwards from the baseline; overlapping strokes united."""
    face = freetype.Face(str(path))
    face.set_char_size(24 * 64)
    face.load_char(letter, freetype.FT_LOAD_NO_HINTING | freetype.FT_LOAD_NO_BITMAP)
    rings: list[list[tuple[float, float]]] = []

    def at(point: Any) -> np.ndarray[Any, Any]:
        return np.array([point.x, point.y]) / 64

    def move(to: Any, _: Any) -> None:
        rings.append([tuple(at(to))])

    def line(to: Any, _: Any) -> None:
        rings[-1].append(tuple(at(to)))

    def conic(control: Any, to: Any, _: Any) -> None:
        a, b, c = np.array(rings[-1][-1]), at(control), at(to)
        rings[-1] += [
            tuple((1 - t) ** 2 * a + 2 * t * (1 - t) * b + t * t * c) for t in np.linspace(0.1, 1, 10)
        ]

    def cubic(one: Any, two: Any, to: Any, _: Any) -> None:
        raise AssertionError("a TrueType outline has no cubic curves")

    face.glyph.outline.decompose(None, move_to=move, line_to=line, conic_to=conic, cubic_to=cubic)
    # TrueType fills what winds clockwise; counters wind the other way.
    solid = [shapely.Polygon(ring) for ring in rings if not shapely.LinearRing(ring).is_ccw]
    holes = [shapely.Polygon(ring) for ring in rings if shapely.LinearRing(ring).is_ccw]
    return shapely.difference(
        shapely.union_all(shapely.make_valid(solid)), shapely.union_all(shapely.make_valid(holes))
    )


@pytest.mark.parametrize("letter", "I中口永O渝")
def test_the_field_is_the_distance_to_the_outline_that_geometry_measures(font: Font, letter: str) -> None:
    (glyph,) = glyphs(font.path, [ord(letter)])
    field = np.frombuffer(glyph.bitmap, np.uint8).reshape(glyph.height + 6, glyph.width + 6).astype(float)
    rows, columns = np.mgrid[0 : field.shape[0], 0 : field.shape[1]]
    x = glyph.left - 3 + columns + 0.5
    y = glyph.top + 26 + 3 - rows - 0.5
    points = shapely.points(x, y)
    shape = outline(font.path, letter)
    distance = shapely.distance(points, shape.boundary) * np.where(shapely.contains(shape, points), 1, -1)
    expected = np.clip(192 + 32 * distance, 0, 255)
    # The field comes from a bitmap of grey pixels: within a third of a pixel nearly everywhere.
    assert np.median(np.abs(field - expected)) < 2
    assert np.quantile(np.abs(field - expected), 0.95) < 12


@given(st.integers(1, 9), st.integers(1, 9), st.floats(0.05, 1))
def test_beside_a_straight_edge_the_distance_is_exact_wherever_in_a_pixel_it_lies(
    width: int, height: int, part: float
) -> None:
    coverage = np.zeros((1, height + 12, width + 12), dtype=np.float32)
    coverage[0, 6:-6, 6:-6] = 1
    coverage[0, 6:-6, -7] = part  # the right edge lies inside its pixel
    middle = distances(coverage)[0, 6 + height // 2]
    edge = 6 + width - 1 + part
    for x in range(6 + width, 6 + width + 5):
        assert middle[x] == pytest.approx(edge - (x + 0.5), abs=1e-3)


@given(st.integers(1, 12), st.integers(1, 12))
def test_round_a_rectangle_the_field_is_within_a_quarter_pixel_of_geometry(width: int, height: int) -> None:
    coverage = np.zeros((1, height + 8, width + 8), dtype=np.float32)
    coverage[0, 4:-4, 4:-4] = 1
    rows, columns = np.mgrid[0 : height + 8, 0 : width + 8] + 0.5
    points, shape = shapely.points(columns, rows), shapely.box(4, 4, 4 + width, 4 + height)
    true = shapely.distance(points, shape.exterior) * np.where(shapely.contains(shape, points), 1, -1)
    found = distances(coverage)[0]
    near = (true > -4) & (true < 1.5)
    assert np.abs(found - true)[near].max() <= 0.25
