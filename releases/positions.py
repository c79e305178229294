"""Published texts in another CRS, without parsing them: only the two numbers of each position are exchanged, or read, brought
over and written.

Desktops ask for the CRS that features are stored in (QGIS and GDAL do so by themselves), which is the text with the axes
the other way round; to parse it and write it anew takes twenty times as long.
"""

from __future__ import annotations

from itertools import accumulate, pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from releases import crs
from tiles.kernel import leaf

_OPEN, _CLOSE, _COMMA, _POINT = ord("["), ord("]"), ord(","), ord(".")
_MINUS, _NOUGHT, _NINE = ord("-"), ord("0"), ord("9")
#: Digits of a number that is read as a whole number and divided: the quotient is the nearest double, as any reader has it.
_EXACT: Final = 15
#: Digits that 64 bits hold. GEOS writes one number in 500 with 17 of them instead of seven decimals; such a one is the
#: nearest to a step of the finest grid that a release has, or nothing that is known here.
_DIGITS: Final = 18
_GRID: Final = 1e7
_NEAR: Final = 1e-13
#: Beyond it a written number has more digits than a double keeps.
_LARGEST: Final = 2.0**53
#: Bytes of a number at most: sign, 16 digits, point, and the ".0" of a whole one.
_WIDEST: Final = 20

#: What stands before and behind a geometry. JSON escapes quotation marks inside of strings, so what looks like a member's
#: name is one.
BEFORE: Final = b',"geometry":'
BEHIND: Final = b',"properties":'

Bytes = NDArray[np.uint8]
Places = NDArray[np.int64]


def shown(texts: list[bytes], code: str) -> list[bytes] | None:
    """The texts with coordinates of a CRS, in the order of its authority, rounded; all else stays as it is.

    None where a number is none of those that GEOS writes for degrees, or has no like in the CRS.
    """
    if not texts or (code in crs.DEGREES and not crs.is_turned(code)):
        return texts
    whole = np.frombuffer(b"".join(texts), dtype=np.uint8)
    offsets = np.array([0, *accumulate(map(len, texts))], dtype=np.int64)
    places = np.array([geometry_of(text) for text in texts], dtype=np.int64) + offsets[:-1, None]
    if code in crs.DEGREES:
        written = whole.copy()
        _turn(whole, written, places)
        return _parted(written, offsets)
    return _moved(whole, offsets, places, code)


def geometry_of(text: bytes) -> tuple[int, int]:
    """Where the geometry of a published text begins and ends."""
    start = text.index(BEFORE) + len(BEFORE)
    return start, text.index(BEHIND, start)


def warm() -> None:
    """Compile or load the kernels before the first request."""
    text = (
        b'{"type":"Feature","id":1,"geometry":{"type":"Point","coordinates":[104.5,29.25]},"properties":{}}'
    )
    for code in ("EPSG:4490", "EPSG:3857"):
        shown([text], code)


def _moved(whole: Bytes, offsets: Places, places: Places, code: str) -> list[bytes] | None:
    lonlat = np.empty((count(whole, places), 2))
    if not read(whole, places, lonlat):
        return None
    xy = crs.authority_order(crs.project(lonlat, code), code)
    steps = np.rint(xy * 10 ** crs.digits(code))
    if not (np.abs(steps) < _LARGEST).all():  # what is not finite is not below it
        return None
    written = np.empty(len(whole) + 2 * _WIDEST * len(steps), dtype=np.uint8)
    ends = np.zeros(len(offsets), dtype=np.int64)
    _write(whole, offsets, places, steps.astype(np.int64), crs.digits(code), written, ends)
    return _parted(written[: ends[-1]], ends)


def _parted(whole: Bytes, offsets: Places) -> list[bytes]:
    found = whole.tobytes()
    return [found[start:end] for start, end in pairwise(offsets.tolist())]


@leaf
def _next(read: Bytes, at: int, end: int) -> int:
    """Where the next position opens; `end` when there is none."""
    while at < end:
        # A bracket opens a list, which may be empty, or a position: only in this does a number follow.
        if read[at] == _OPEN and (read[at + 1] == _MINUS or _NOUGHT <= read[at + 1] <= _NINE):
            return at
        at += 1
    return end


@leaf
def _find(read: Bytes, sign: int, at: int) -> int:
    """Where a sign stands, from here; there is one in every position."""
    while read[at] != sign:
        at += 1
    return at


@leaf
def count(read: Bytes, places: Places) -> int:
    """How many positions there are."""
    count = 0
    for n in range(len(places)):
        end = places[n, 1]
        at = _next(read, places[n, 0], end)
        while at < end:
            count += 1
            at = _next(read, at + 1, end)
    return count


@leaf
def _turn(read: Bytes, written: Bytes, places: Places) -> None:
    """Exchange in `written`, a copy of `read`, the numbers of each position: "[104.5,29.25]" is "[29.25,104.5]"."""
    for n in range(len(places)):
        end = places[n, 1]
        at = _next(read, places[n, 0], end)
        while at < end:
            comma = _find(read, _COMMA, at)
            close = _find(read, _CLOSE, comma)
            to = at + 1
            for i in range(comma + 1, close):
                written[to] = read[i]
                to += 1
            written[to] = _COMMA
            for i in range(at + 1, comma):
                to += 1
                written[to] = read[i]
            at = _next(read, close, end)


@leaf
def read(read: Bytes, places: Places, xy: NDArray[np.float64]) -> bool:
    """Read each position into xy; False when a number is none that GEOS writes for a release."""
    row = 0
    for n in range(len(places)):
        end = places[n, 1]
        at = _next(read, places[n, 0], end)
        while at < end:
            for axis in range(2):
                at += 1
                negative = read[at] == _MINUS
                if negative:
                    at += 1
                number, digits, scale = 0, 0, -1
                while read[at] != _COMMA and read[at] != _CLOSE:
                    if read[at] == _POINT:
                        scale = digits
                    elif _NOUGHT <= read[at] <= _NINE:
                        number = 10 * number + (read[at] - _NOUGHT)
                        digits += 1
                    else:
                        return False
                    at += 1
                if digits > _DIGITS:
                    return False
                value = number / 10.0 ** (digits - scale if scale >= 0 else 0)
                if digits > _EXACT:
                    step = np.rint(value * _GRID) / _GRID
                    if abs(step - value) > _NEAR:
                        return False
                    value = step
                xy[row, axis] = -value if negative else value
            row += 1
            at = _next(read, at, end)
    return True


@leaf
def _write(
    read: Bytes, offsets: Places, places: Places, steps: Places, decimals: int, written: Bytes, ends: Places
) -> None:
    """Copy the texts with other numbers in their positions: whole steps (n, 2) of 10 ** -decimals. `ends` gets where each
    text ends.
    """
    to, row = 0, 0
    for n in range(len(places)):
        at, end = offsets[n], places[n, 1]
        opens = _next(read, places[n, 0], end)
        while opens < end:
            while at <= opens:
                written[to] = read[at]
                to, at = to + 1, at + 1
            to = _number(steps[row, 0], decimals, written, to)
            written[to] = _COMMA
            to = _number(steps[row, 1], decimals, written, to + 1)
            at = _find(read, _CLOSE, at)
            row += 1
            opens = _next(read, at, end)
        while at < offsets[n + 1]:
            written[to] = read[at]
            to, at = to + 1, at + 1
        ends[n + 1] = to


@leaf
def _number(steps: int, decimals: int, written: Bytes, to: int) -> int:
    """Write a number of steps as a decimal, with one decimal at least and no nought behind others; where it ends."""
    if steps < 0:
        written[to] = _MINUS
        to, steps = to + 1, -steps
    while decimals > 1 and steps % 10 == 0:
        steps, decimals = steps // 10, decimals - 1
    size = 1
    rest = steps // 10
    while rest > 0 or size <= decimals:
        size, rest = size + 1, rest // 10
    # Backwards from the last digit; the point takes a byte of its own.
    end = to + size + 1
    for place in range(size):
        if place == decimals:
            end -= 1
            written[end] = _POINT
        end -= 1
        written[end] = _NOUGHT + steps % 10
        steps //= 10
    return to + size + 1
