"""How a body travels: as it is, or coded by gzip or zstd, as the client likes best (RFC 9110 12.5.3).

zstd stands beside gzip because it gives fewer bytes for less time. 107 tiles of the demo, 4.3 MB, encoded in
198 ms: gzip at level 6 leaves 54.3 % in 110 ms, zstd at level 6 51.5 % in 41 ms, brotli at level 5 49.0 % in
91 ms. Decoding, which a tile kept in one form needs to be sent in another, takes zstd a quarter of the others'
time; and browsers offer brotli to https alone. Small bodies keep zstd's window far below the 8 MiB that every
client has to bear (RFC 9659).
"""

from __future__ import annotations

import gzip
import zlib
from collections import deque
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final, Literal

import zstandard

Coding = Literal["identity", "gzip", "zstd"]

#: Below this many bytes coding saves nothing that a packet would notice.
WORTH_CODING: Final = 1000
#: Levels while a client waits, and for files: gzip's 6 takes twice as long as its 1 for a fifteenth fewer bytes of
#: tiles (five times, for a seventh, of GeoJSON), zstd's 6 three times as long as its 3 for a thirtieth.
_LEVELS: Final = {"gzip": (1, 6), "zstd": (3, 6)}
#: What else the bytes of a coded form depend on: who updates a library has new tags.
LIBRARIES: Final = f"zlib {zlib.ZLIB_RUNTIME_VERSION}, zstd {'.'.join(map(str, zstandard.ZSTD_VERSION))}"

#: Ours, the best first: of what a client likes equally well, the first is sent.
_OFFERED: Final[tuple[Coding, ...]] = ("zstd", "gzip", "identity")
#: The weight of identity where a client does not speak of it: it will do, but anything named is better.
_UNSAID: Final = 0.0005

#: Compressors that nobody uses just now, by level: each holds tables that cost 60 us to make, and serves one
#: thread at a time.
_idle: Final[dict[int, deque[zstandard.ZstdCompressor]]] = {
    level: deque(maxlen=8) for level in _LEVELS["zstd"]
}


@lru_cache(maxsize=256)
def accepted(header: str | None) -> tuple[Coding, ...]:
    """The codings that a client takes, the one it likes best first; identity is always among them.

    Whoever forbids identity and takes nothing that we have gets it all the same: the answer that RFC 9110
    12.5.3 prefers to none.
    """
    weights = _weights(header)
    rest = weights.get("*")
    liked: list[tuple[float, Coding]] = []
    for coding in _OFFERED:
        unsaid = _UNSAID if coding == "identity" and rest is None else rest or 0.0
        weight = weights.get(coding, unsaid)
        if weight > 0:
            liked.append((weight, coding))
    best = [coding for _, coding in sorted(liked, key=lambda one: -one[0])]
    return tuple(best) if "identity" in best else (*best, "identity")


def _weights(header: str | None) -> dict[str, float]:
    """Coding -> q, as far as it can be read: what cannot is not taken."""
    weights: dict[str, float] = {}
    for part in (header or "").split(","):
        name, _, parameters = part.strip().lower().partition(";")
        value = parameters.strip().removeprefix("q=")
        try:
            weight = float(value) if value else 1.0
        except ValueError:
            weight = 0.0
        if name := name.strip().removeprefix("x-"):  # "x-gzip" is gzip (RFC 9110 8.4.1.3)
            weights[name] = weight if 0 <= weight <= 1 else 0.0
    return weights


def coded(body: bytes, coding: Coding, kept: bool = False) -> bytes:
    """A body in one coding, more tightly when it is kept; the same bytes for the same body."""
    if coding == "identity":
        return body
    level = _LEVELS[coding][kept]
    return gzip.compress(body, level, mtime=0) if coding == "gzip" else _zstd(body, level)


def stream(pieces: Iterable[bytes], coding: Coding) -> Iterator[bytes]:
    """Pieces of a body in one coding, as they come: no piece waits for the next.

    At the lowest levels, which long texts take well. 10 MB of GeoJSON: gzip 1 leaves 23 % in 49 ms, 6 leaves 19 % in
    181 ms; zstd 1 leaves 19 % in 16 ms, 3 leaves 20 % in 29 ms. So nothing is gained by coding such text ahead.
    """
    if coding == "identity":
        yield from pieces
        return
    coder = (
        zlib.compressobj(1, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
        if coding == "gzip"
        else zstandard.ZstdCompressor(level=1).compressobj()
    )
    for piece in pieces:
        if found := coder.compress(piece):
            yield found
    yield coder.flush()


def decoded(body: bytes, coding: Coding) -> bytes:
    """The body again."""
    if coding == "identity":
        return body
    return gzip.decompress(body) if coding == "gzip" else zstandard.decompress(body)


def _zstd(body: bytes, level: int) -> bytes:
    idle = _idle[level]
    try:
        compressor = idle.pop()
    except IndexError:
        compressor = zstandard.ZstdCompressor(level=level)
    found = compressor.compress(body)
    idle.append(compressor)
    return found
