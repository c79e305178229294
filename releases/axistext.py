"""Published texts with the two numbers of each position exchanged: features in a CRS that is the release's own but for the
order of its axes, such as the one that it is stored in.

Desktops ask for just this (QGIS and GDAL take the storage CRS where there is one), and parsing a text to write it again
takes thirty times as long. No number is read: "[104.5,29.25]" becomes "[29.25,104.5]", which is as long.
"""

from __future__ import annotations

from itertools import accumulate, pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from releases.records import geometry_of
from tiles.kernel import leaf

_OPEN: Final = ord("[")
_CLOSE: Final = ord("]")
_COMMA: Final = ord(",")
_MINUS, _NOUGHT, _NINE = ord("-"), ord("0"), ord("9")


def turned(texts: list[bytes]) -> list[bytes]:
    """The texts with positions in latitude, longitude; all else, strings that look like positions too, stays."""
    whole = b"".join(texts)
    places = np.array([geometry_of(text) for text in texts], dtype=np.int64).reshape(-1, 2)
    offsets = [0, *accumulate(map(len, texts))]
    read = np.frombuffer(whole, dtype=np.uint8)
    written = read.copy()
    _turn(read, written, places + np.array(offsets[:-1], dtype=np.int64)[:, None])
    found = written.tobytes()
    return [found[start:end] for start, end in pairwise(offsets)]


def warm() -> None:
    """Compile or load the kernel before the first request."""
    turned(
        [b'{"type":"Feature","id":1,"geometry":{"type":"Point","coordinates":[104.5,29.25]},"properties":{}}']
    )


@leaf
def _turn(read: NDArray[np.uint8], written: NDArray[np.uint8], places: NDArray[np.int64]) -> None:
    """Exchange in `written`, a copy of `read`, the numbers of each position in places (n, 2): start, end."""
    for n in range(len(places)):
        at, end = places[n]
        while at < end:
            # A bracket opens a list, which may be empty, or a position: only in this does a number follow.
            follows = read[at + 1]
            if read[at] != _OPEN or not (follows == _MINUS or _NOUGHT <= follows <= _NINE):
                at += 1
                continue
            comma = at + 1
            while comma < end and read[comma] != _COMMA:
                comma += 1
            close = comma + 1
            while close < end and read[close] != _CLOSE:
                close += 1
            if close >= end:
                break
            size = close - comma - 1
            for i in range(size):
                written[at + 1 + i] = read[comma + 1 + i]
            written[at + 1 + size] = _COMMA
            for i in range(comma - at - 1):
                written[at + 2 + size + i] = read[at + 1 + i]
            at = close + 1
