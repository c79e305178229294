"""The road of a tile: plain WSGI in front of everything else, read downwards, no step back up.

    release -> address -> tag (304 here, no data touched) -> cache -> window -> encode -> code -> send

A release is looked up once per request, so an answer is never made of two. No framework, no GEOS and no
Python per feature is on this road. An error is raised, and told by `application.Server` like any other.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qsl

from werkzeug.datastructures import MultiDict

from releases.manifest import Manifest, PublishedLayer
from releases.release import Catalogue, Release
from server import freshness
from server.ask import no_form, repeated, unknown
from server.links import MVT
from server.problems import BadRequest, Missing
from server.tile_cache import Tile, TileCache
from tiles import mvt
from tiles.grid import OutsideError, TileMatrixLimits, TileMatrixSet

StartResponse = Callable[..., Any]

#: Any numbers, or what stands for them: a wrong one is a tile that is not there, and no other resource.
ADDRESS: Final = re.compile(
    r"(?:/releases/(?P<release>[^/]+))?(?:/collections/(?P<layer>[^/]+))?"
    r"/tiles/(?P<set>[^/]+)/(?P<zoom>[^/]+)/(?P<row>[^/]+)/(?P<col>[^/]+)"
)
_INDEX = re.compile(r"0|[1-9][0-9]{0,8}")
#: So many zooms of tilesets are remembered, those of a few releases.
_PLANS = 4096


class Address(NamedTuple):
    """A tile of a release: of one layer, or of all of them (None)."""

    layer: str | None
    tms: str
    zoom: int
    row: int
    col: int


class Part(NamedTuple):
    """What a layer gives to the tiles of one zoom: a level, within limits."""

    layer: str
    level: int
    limits: TileMatrixLimits


class TileRoad:
    """Answers requests whose path matches ADDRESS."""

    def __init__(self, catalogue: Catalogue, cache_bytes: int) -> None:
        self._catalogue = catalogue
        self._cache = TileCache(cache_bytes)
        self._plans: dict[tuple[str, str | None, str, int], tuple[Part, ...]] = {}

    def answer(
        self, found: re.Match[str], environ: Mapping[str, Any], start_response: StartResponse
    ) -> list[bytes]:
        """Send a tile. NotFound, OutsideError or BadRequest when there is none of that address."""
        pinned = found["release"]
        release = self._catalogue.get(pinned) if pinned else self._catalogue.current()
        if query := environ.get("QUERY_STRING"):
            _check(query)
        address = _address(found, release.manifest)
        parts = within(self._plan(release, address), address)

        opaque = freshness.tag(release.id, *map(str, address))
        takes_gzip = freshness.accepts_gzip(environ.get("HTTP_ACCEPT_ENCODING"))
        headers = [
            ("Cache-Control", freshness.IMMUTABLE if pinned else freshness.REVALIDATE),
            ("Vary", "Accept-Encoding"),
            ("Blueprint-Release", release.id),
        ]
        known = freshness.matched(environ.get("HTTP_IF_NONE_MATCH"), opaque, takes_gzip, exists=True)
        if known:
            start_response("304 Not Modified", [("ETag", known), *headers])
            return []

        tile = self._cache.get((release.id, *address), partial(_make, release, address, parts))
        if not tile.body:
            start_response("204 No Content", [("ETag", f'"{opaque}"'), *headers])
            return []
        body = tile.body
        if tile.coded and takes_gzip:
            opaque += "-gzip"
            headers.append(("Content-Encoding", "gzip"))
        elif tile.coded:
            body = freshness.plain(body)
        headers += [("ETag", f'"{opaque}"'), ("Content-Type", MVT), ("Content-Length", str(len(body)))]
        start_response("200 OK", headers)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]

    def _plan(self, release: Release, address: Address) -> tuple[Part, ...]:
        name = (release.id, address.layer, address.tms, address.zoom)
        found = self._plans.get(name)
        if found is None:
            if len(self._plans) >= _PLANS:
                # Made again in microseconds; an order of use would cost more than it saves.
                self._plans.clear()
            found = self._plans[name] = plan(release.manifest, address)
        return found


def limits(manifest: Manifest, layer: PublishedLayer, tms: TileMatrixSet) -> tuple[TileMatrixLimits, ...]:
    """Which tiles of a set a layer has: those that its extent touches at its zooms."""
    if layer.extent is None:
        return ()
    return tms.limits(layer.extent, layer.layer.zoom.min, layer.layer.zoom.max)


def _address(found: re.Match[str], manifest: Manifest) -> Address:
    """The address, its layer, set and numbers being such as there are."""
    if found["layer"]:
        manifest.layer(found["layer"])
    try:
        tms = manifest.sets.get(found["set"])
    except KeyError:
        raise Missing("tile matrix set", found["set"]) from None
    numbers = found["row"], found["col"]
    if not all(_INDEX.fullmatch(number) for number in numbers):
        raise OutsideError("/".join(numbers))
    return Address(found["layer"], found["set"], tms.zoom_of(found["zoom"]), *map(int, numbers))


def plan(manifest: Manifest, address: Address) -> tuple[Part, ...]:
    """What the tiles of the address's zoom are made of, in the order of layers."""
    tms = manifest.sets.get(address.tms)
    layers = (manifest.layer(address.layer),) if address.layer else manifest.layers
    return tuple(
        Part(layer.id, level.index, within)
        for layer in layers
        if (level := layer.level(tms.detail(address.zoom))) is not None
        for within in limits(manifest, layer, tms)
        if within.zoom == address.zoom
    )


def within(parts: tuple[Part, ...], address: Address) -> tuple[Part, ...]:
    """The parts whose limits hold the address, OutsideError when none does."""
    found = tuple(part for part in parts if part.limits.contains(address.row, address.col))
    if not found:
        raise OutsideError(f"{address.zoom}/{address.row}/{address.col}")
    return found


def encode(release: Release, address: Address, parts: tuple[Part, ...]) -> bytes:
    """The tile's bytes, none when nothing lies in it."""
    settings, tms = release.manifest.service.tiles, release.manifest.sets.get(address.tms)
    where = address.zoom, address.row, address.col
    transform = tms.transform(*where, settings.extent)
    box = tms.lonlat_box(*where, margin=settings.buffer / settings.extent)
    layers = []
    for part in parts:
        columns, rows = release.store.window(part.layer, part.level, box)
        layers.append(
            mvt.encode_layer(part.layer, columns, rows, transform, settings.extent, settings.buffer)
        )
    return mvt.join(layers)


def _make(release: Release, address: Address, parts: tuple[Part, ...]) -> Tile:
    plain = encode(release, address, parts)
    if len(plain) < freshness.WORTH_CODING:
        return Tile(plain, coded=False)
    return Tile(freshness.compressed(plain, freshness.KEPT_LEVEL), coded=True)


def _check(query: str) -> None:
    """A tile has one parameter, and that says what it is anyway; BadRequest for any other."""
    if query == "f=mvt":
        return
    args = MultiDict(parse_qsl(query, keep_blank_values=True))
    faults = repeated(args) + unknown(args, ("f",))
    if (asked := args.get("f", "mvt")) != "mvt":
        faults.append(no_form(asked, ("mvt",)))
    if faults:
        raise BadRequest(*faults)
