"""Tiles in the forms in which they are sent, from where they are nearest: memory, disk, or the data.

    memory ─ disk ─┬─ in that coding ──────────────────────────────┐
                   ├─ in another: decode, code ────────────────────┼─ keep in memory and on disk ─ send
                   └─ not there: admission ─ encode, once ─ code ──┘

Each step is taken once, however many wait for its end; a coding is made when it is asked for first.
"""

from __future__ import annotations

import time
from functools import partial
from typing import Final, NamedTuple

from config.models import Service
from releases.memory import Flights
from releases.release import Catalogue, Release
from server import codings, freshness, tile_honesty, tile_plan
from server.admission import Admission
from server.codings import Coding
from server.links import MVT
from server.tile_cache import Form, TileCache
from server.tile_plan import Address, Part
from server.tile_shelf import Kept
from server.tile_shelves import Shelves

#: Seconds: what is made faster than this is not kept on disk. Finding a tile there takes 20 to 40 us, making one
#: of all layers 300 to 900 us in the median, of one small layer less than 100.
WORTH_KEEPING: Final = 0.0001


class Place(NamedTuple):
    """A tile that may be asked for, known before any data is touched.

    name : in memory, begins with the release's id
    on_shelf : whether it is kept on disk too
    opaque : its tag, without quotes and coding
    headers : of every answer from it
    ahead : further headers, of every answer in the tree that it was asked for in
    """

    name: tuple[object, ...]
    address: Address
    parts: tuple[Part, ...]
    opaque: str
    headers: list[tuple[str, str]]
    ahead: list[tuple[str, str]]
    on_shelf: bool = True


class _Plain(NamedTuple):
    body: bytes
    cuts: str
    seconds: float


class TileMaker:
    """Makes tiles for the threads of one process."""

    def __init__(self, service: Service, catalogue: Catalogue) -> None:
        limits = service.limits
        self._memory = TileCache(limits.tile_cache_mb * 2**20)
        self.shelves = Shelves(service.cache, limits.tile_disk_mb * 2**20, catalogue)
        # Half of the threads encode and half are left to all else; who only waits has a thread beside these.
        self._admission = Admission(max(service.server.threads // 2, 1), limits.tile_queue)
        self._flights: Flights[_Plain] = Flights()

    def form(self, release: Release, place: Place, coding: Coding) -> Form:
        """A tile in a coding; Busy when it would have to be made and too many are being made."""
        return self._memory.get((*place.name, coding), partial(self._form, release, place, coding))

    def _form(self, release: Release, place: Place, coding: Coding) -> Form:
        shelf = self.shelves.of(release)
        name = text(place.address)
        kept = shelf.get(name, coding) if place.on_shelf else None
        if kept is None or kept.coding not in (coding, "identity"):
            plain = (
                _Plain(codings.decoded(kept.body, kept.coding), kept.cuts, 1.0)
                if kept
                else self._flights.join(place.name, partial(self._encoded, release, place))
            )
            kept = finished(name, plain.body, plain.cuts, coding)
            if place.on_shelf and plain.seconds >= WORTH_KEEPING:
                # Plain tiles are kept tightly: decoding takes a hundredth of encoding.
                tight = coding if coding != "identity" else "zstd"
                self.shelves.later(shelf, finished(name, plain.body, plain.cuts, tight))
        return _form(place, kept)

    def _encoded(self, release: Release, place: Place) -> _Plain:
        with self._admission.admitted():
            started = time.perf_counter()
            made = tile_plan.encode(release, place.address, place.parts)
            return _Plain(made.body, tile_honesty.limited(made.cuts), time.perf_counter() - started)


def text(address: Address) -> str:
    """An address as one text, its name on a shelf."""
    return f"{address.layer or ''}/{address.tms}/{address.zoom}/{address.row}/{address.col}"


def finished(name: str, body: bytes, cuts: str, coding: Coding) -> Kept:
    """A tile in a coding, as it is where coding saves nothing.

    Coded quickly, since somebody waits: gzip's level 6 takes longer than encoding and saves a fifteenth. The seed
    makes no others: one tag is one sequence of bytes.
    """
    used = coding if len(body) >= codings.WORTH_CODING else "identity"
    return Kept(name, used, codings.coded(body, used), cuts)


def _form(place: Place, kept: Kept) -> Form:
    if not kept.body:
        return Form("204 No Content", [("ETag", f'"{place.opaque}"'), *place.headers], b"")
    headers = [
        ("ETag", freshness.tags(place.opaque, (kept.coding,))[0]),
        ("Content-Type", MVT),
        ("Content-Length", str(len(kept.body))),
        *place.headers,
    ]
    if kept.coding != "identity":
        headers.append(("Content-Encoding", kept.coding))
    if kept.cuts:
        headers.append((tile_honesty.LIMITED, kept.cuts))
    return Form("200 OK", headers, kept.body)
