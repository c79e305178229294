"""One glyph as a signed distance field, by FreeType, in the measures that MapLibre's glyph format uses.

FreeType spreads the field over 8 pixels and stores 128 + 16 d, d being pixels inside the outline. MapLibre wants a
radius of 8, a cut-off of 0.25 and a border of 3: 192 + 32 d, so v becomes 192 + 2 (v - 128) and 5 pixels are cropped.

The field is made from the rendered bitmap and not from the outline: strokes of this font overlap, and FreeType's outline
rasteriser takes the edges inside an overlap for real ones (holes in strokes). It is also four times faster, 1 ms a glyph.
"""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import freetype
import numpy as np

SIZE = 24
BORDER = 3
_SPREAD = 8
_CROP = _SPREAD - BORDER
# MapLibre puts the line's origin 17 px above the anchor and takes `top` from there; with 26, what the usual Latin fonts
# have as ascender, the middle of a capital and of an ideograph falls on the anchor.
_ASCENDER = 26
# FreeType's library object is one per process and not to be used by two threads at once.
_FREETYPE = threading.Lock()


class Glyph(NamedTuple):
    """A glyph; width and height are without the border, `top` is the ink's upper edge below the line's origin."""

    code: int
    bitmap: bytes  # (height + 6) rows of (width + 6) bytes; empty for a space
    width: int
    height: int
    left: int
    top: int
    advance: int


def glyphs(path: Path, codes: Iterable[int]) -> Iterator[Glyph]:
    """The glyphs of those characters that the font has, in the order asked for."""
    with _FREETYPE:
        face = freetype.Face(str(path))
        face.set_pixel_sizes(0, SIZE)
        for code in codes:
            if index := face.get_char_index(code):
                face.load_glyph(index, freetype.FT_LOAD_NO_HINTING)
                yield _glyph(code, face.glyph)


def _glyph(code: int, slot: freetype.GlyphSlot) -> Glyph:
    advance = round(slot.linearHoriAdvance / 65536)
    slot.render(freetype.FT_RENDER_MODE_NORMAL)
    if not slot.bitmap.width or not slot.bitmap.rows:
        return Glyph(code, b"", 0, 0, 0, 0, advance)
    slot.render(freetype.FT_RENDER_MODE_SDF)
    field = _pixels(slot.bitmap)[_CROP:-_CROP, _CROP:-_CROP].astype(np.int16)
    values = np.clip(192 + 2 * (field - 128), 0, 255).astype(np.uint8)
    rows, columns = values.shape
    left, top = slot.bitmap_left + _SPREAD, slot.bitmap_top - _SPREAD
    return Glyph(
        code, values.tobytes(), columns - 2 * BORDER, rows - 2 * BORDER, left, top - _ASCENDER, advance
    )


def _pixels(bitmap: freetype.Bitmap) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    # `bitmap.buffer` would make a Python list of every byte first: a fifth of the time of a glyph.
    raw = ctypes.string_at(bitmap._FT_Bitmap.buffer, bitmap.rows * bitmap.pitch)
    return np.frombuffer(raw, dtype=np.uint8).reshape(bitmap.rows, bitmap.pitch)[:, : bitmap.width]
