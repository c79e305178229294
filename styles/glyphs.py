"""Ranges of 256 glyphs in the protobuf form that MapLibre reads (glyphs.proto of the Mapbox style world).

    glyphs { stacks = 1: fontstack { name = 1, range = 2, glyphs = 3: glyph { id = 1, bitmap = 2, width = 3,
             height = 4, left = 5 (sint32), top = 6 (sint32), advance = 7 } } }

Written by hand because the message has three levels and seven numbers, and the protobuf library would want a compiled
schema beside it; the tests read the bytes back with that library.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from styles.distancefield import Glyph, glyphs

RANGE = 256
#: The last range of the Basic Multilingual Plane; MapLibre asks for nothing above it.
LAST = 0xFF00
#: Raised when the same font gives other bytes, since stored ranges are named after the font's digest.
FORMAT = 2


@dataclass(frozen=True)
class Font:
    """A font file under the name that styles use."""

    name: str
    path: Path

    @cached_property
    def digest(self) -> str:
        """16 hexadecimal digits that name the font's content and how glyphs are made from it."""
        content = hashlib.sha256(self.path.read_bytes())
        content.update(f"glyphs {FORMAT}".encode())
        return content.hexdigest()[:16]

    def range(self, start: int) -> bytes:
        """The glyph range start..start+255 as protobuf; ValueError when no range starts there."""
        if not valid(start):
            raise ValueError(f"a glyph range starts at a multiple of {RANGE} from 0 to {LAST}: {start}")
        body = b"".join(
            _field(3, _message(glyph)) for glyph in glyphs(self.path, range(start, start + RANGE))
        )
        name = _field(1, self.name.encode()) + _field(2, f"{start}-{start + RANGE - 1}".encode())
        return _field(1, name + body)


def valid(start: int) -> bool:
    """Whether a glyph range starts at this code point."""
    return 0 <= start <= LAST and start % RANGE == 0


def ranges_for(texts: Iterable[str]) -> set[int]:
    """The starts of the ranges that letter these texts."""
    return {
        start for text in texts for start in {ord(letter) // RANGE * RANGE for letter in text} if valid(start)
    }


def _message(glyph: Glyph) -> bytes:
    parts = [_number(1, glyph.code)]
    if glyph.bitmap:
        parts.append(_field(2, glyph.bitmap))
    parts += [_number(3, glyph.width), _number(4, glyph.height)]
    parts += [_number(5, _zigzag(glyph.left)), _number(6, _zigzag(glyph.top)), _number(7, glyph.advance)]
    return b"".join(parts)


def _number(tag: int, value: int) -> bytes:
    return _varint(tag << 3) + _varint(value)


def _field(tag: int, value: bytes) -> bytes:
    return _varint(tag << 3 | 2) + _varint(len(value)) + value


def _zigzag(value: int) -> int:
    return value << 1 if value >= 0 else (-value << 1) - 1


def _varint(value: int) -> bytes:
    # Not `tiles.varint`: that file's kernels bring numba along, a second of start for every process that makes glyphs.
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)
