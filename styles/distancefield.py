"""Glyphs as signed distance fields, in the measures of MapLibre's glyph format.

FreeType draws a glyph in grey pixels; the field is then the distance from each pixel to the nearest edge, an edge lying in a
grey pixel as far from its middle as its grey says. A byte holds 192 + 32 d, d being pixels inside the outline: radius 8,
cut-off 0.25, as in MapLibre.

FreeType can make such fields itself (FT_RENDER_MODE_SDF). From an outline they are wrong for this font, whose strokes
overlap: the edges inside an overlap count as edges. From a bitmap they are right, but take 1.0 ms a glyph; below it is
0.1 ms, for a release that wants some 160 ranges of 256.
"""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import freetype
import numpy as np
from numpy.typing import NDArray

SIZE = 24
BORDER = 3
_EDGE, _SLOPE = 192, 32
#: Pixels beyond which a byte is 0 outside and 255 inside.
_OUTSIDE, _INSIDE = 6, 2
# MapLibre puts the line's origin 17 px above the anchor and takes `top` from there; with 26, what the usual Latin
# fonts have as ascender, the middle of a capital and of an ideograph falls on the anchor.
_ASCENDER = 26
#: Glyphs worked on at once: their fields stay in a processor's cache.
_BATCH = 64
# FreeType's library object is one per process and not to be used by two threads at once.
_FREETYPE = threading.Lock()

Grey = NDArray[np.uint8]
Fields = NDArray[np.float32]


class Glyph(NamedTuple):
    """A glyph; width and height are without the border, `top` is the ink's upper edge from the line's origin upwards."""

    code: int
    bitmap: bytes  # (height + 6) rows of (width + 6) bytes; empty for a space
    width: int
    height: int
    left: int
    top: int
    advance: int


class _Drawn(NamedTuple):
    """A glyph in grey (height, width), 255 being ink, with where it stands."""

    code: int
    grey: Grey
    left: int
    top: int
    advance: int


def glyphs(path: Path, codes: Iterable[int]) -> list[Glyph]:
    """The glyphs of those characters that the font has, in the order asked for."""
    with _FREETYPE:
        drawn = list(_drawn(path, codes))
    return [glyph for at in range(0, len(drawn), _BATCH) for glyph in _finished(drawn[at : at + _BATCH])]


def distances(coverage: Fields) -> Fields:
    """Signed distance to the edge in pixels, inside positive, from coverage (n, height, width) from 0 to 1.

    Of an outside pixel it is the least |p - q| + 1/2 - coverage(q) over the pixels q with ink near it, and inside the same
    with ink and ground exchanged; pixels beyond the array are ground. Exact for edges along the grid.
    """
    outside = _nearest(coverage, _OUTSIDE)
    inside = _nearest(1 - coverage, _INSIDE, ground=1)
    return np.where(coverage > 0.5, inside, -outside)


def _nearest(ink: Fields, reach: int, ground: float = 0) -> Fields:
    """The least |p - q| + 1/2 - ink(q) over the q with ink within reach; `ground` is the ink beyond the array."""
    height, width = ink.shape[1:]
    around = ((0, 0), (reach, reach), (reach, reach))
    seeds = np.pad(
        np.where(ink > 0, 0.5 - ink, np.inf), around, constant_values=0.5 - ground if ground else np.inf
    )
    seeds = seeds.astype(np.float32)
    best = np.full(ink.shape, reach, dtype=np.float32)
    room = np.empty_like(best)
    for dy in range(-reach, reach + 1):
        for dx in range(-reach, reach + 1):
            away = np.float32(np.hypot(dx, dy))
            if away <= reach:
                y, x = reach + dy, reach + dx
                np.minimum(best, np.add(seeds[:, y : y + height, x : x + width], away, out=room), out=best)
    return best


def _drawn(path: Path, codes: Iterable[int]) -> Iterator[_Drawn]:
    face = freetype.Face(str(path))
    face.set_pixel_sizes(0, SIZE)
    for code in codes:
        if index := face.get_char_index(code):
            face.load_glyph(index, freetype.FT_LOAD_NO_HINTING)
            slot = face.glyph
            advance = round(slot.linearHoriAdvance / 65536)
            slot.render(freetype.FT_RENDER_MODE_NORMAL)
            yield _Drawn(code, _pixels(slot.bitmap), slot.bitmap_left, slot.bitmap_top - _ASCENDER, advance)


def _pixels(bitmap: freetype.Bitmap) -> Grey:
    # `bitmap.buffer` would make a Python list of every byte first.
    raw = ctypes.string_at(bitmap._FT_Bitmap.buffer, bitmap.rows * bitmap.pitch) if bitmap.rows else b""
    return np.frombuffer(raw, dtype=np.uint8).reshape(bitmap.rows, bitmap.pitch)[:, : bitmap.width]


def _finished(batch: list[_Drawn]) -> Iterator[Glyph]:
    height, width = (max(one.grey.shape[axis] for one in batch) + 2 * BORDER for axis in (0, 1))
    coverage = np.zeros((len(batch), height, width), dtype=np.float32)
    for canvas, one in zip(coverage, batch):
        rows, columns = one.grey.shape
        canvas[BORDER : BORDER + rows, BORDER : BORDER + columns] = one.grey / np.float32(255)
    fields = np.clip(np.rint(_EDGE + _SLOPE * distances(coverage)), 0, 255).astype(np.uint8)
    for field, one in zip(fields, batch):
        rows, columns = one.grey.shape
        if rows and columns:
            bitmap = field[: rows + 2 * BORDER, : columns + 2 * BORDER].tobytes()
            yield Glyph(one.code, bitmap, columns, rows, one.left, one.top, one.advance)
        else:
            yield Glyph(one.code, b"", 0, 0, 0, 0, one.advance)
