"""The road of a tile: plain WSGI in front of everything else, read downwards, no step back up.

    address -> release -> tag (304 here, no data touched) -> cache -> window -> encode -> code -> send

A release is looked up once per request, so an answer is never made of two. No framework, no GEOS and no Python per feature
is on this road; whatever is not the address of a tile goes on to the application behind.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from config.models import Service, Text
from releases.manifest import Manifest, PublishedLayer
from releases.release import Catalogue, Release
from server import freshness, languages, problems
from server.links import MVT
from server.problems import BadRequest, Fault, Missing
from server.tile_cache import Tile, TileCache
from tiles import grid, mvt
from tiles.grid import OutsideError, TileMatrixLimits, TileMatrixSet

StartResponse = Callable[..., Any]
Application = Callable[[Mapping[str, Any], StartResponse], Iterable[bytes]]

_ADDRESS = re.compile(
    r"(?:/releases/(?P<release>[^/]+))?(?:/collections/(?P<layer>[^/]+))?"
    r"/tiles/(?P<set>[^/]+)/(?P<zoom>[^/]+)/(?P<row>[^/]+)/(?P<col>[^/]+)"
)
_INDEX = re.compile(r"0|[1-9][0-9]{0,9}")


class Address(NamedTuple):
    """A tile of a release: of one layer, or of all (None)."""

    layer: str | None
    tms: TileMatrixSet
    zoom: int
    row: int
    col: int


class TileRoad:
    """The WSGI callable described above."""

    def __init__(self, service: Service, catalogue: Catalogue, behind: Application) -> None:
        self._service = service
        self._catalogue = catalogue
        self._behind = behind
        self._cache = TileCache(service.limits.tile_cache_mb * 2**20)

    def __call__(self, environ: Mapping[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Answer a tile, or hand the request on."""
        path = environ.get("PATH_INFO", "")
        found = _ADDRESS.fullmatch(path)
        if found is None or environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            return self._behind(environ, start_response)
        try:
            return self._answer(found, environ, start_response)
        except Exception as error:
            lang = languages.negotiated(environ.get("HTTP_ACCEPT_LANGUAGE"), self._service.language)
            problem = problems.answer(error, lang, path.encode("latin-1").decode("utf-8", "replace"))
            headers = [*problem.headers.items(), ("Content-Length", str(len(problem.body))), *_CORS]
            start_response(_status(problem.status), headers)
            return [] if environ["REQUEST_METHOD"] == "HEAD" else [problem.body]

    def _answer(self, found: re.Match[str], environ: Mapping[str, Any], start_response: StartResponse) -> list[bytes]:
        pinned = found["release"]
        release = self._catalogue.get(pinned) if pinned else self._catalogue.current()
        _check_query(environ.get("QUERY_STRING", ""))
        address = _address(found, release)
        opaque = freshness.tag(release.id, environ["PATH_INFO"].removeprefix(f"/releases/{release.id}"))
        headers = [
            ("Cache-Control", freshness.IMMUTABLE if pinned else freshness.REVALIDATE),
            ("Vary", "Accept-Encoding"),
            ("Blueprint-Release", release.id),
            *_CORS,
        ]
        known = freshness.matched(environ.get("HTTP_IF_NONE_MATCH"), opaque)
        if known:
            start_response("304 Not Modified", [("ETag", known), *headers])
            return []
        tile = self._cache.get((release.id, *address), lambda: _make(release, address, self._service))
        if not tile.plain:
            start_response("204 No Content", [("ETag", f'"{opaque}"'), *headers])
            return []
        body = tile.plain
        headers.append(("Content-Type", MVT))
        if tile.coded and freshness.accepts_gzip(environ.get("HTTP_ACCEPT_ENCODING")):
            body, opaque = tile.coded, opaque + "-gzip"
            headers.append(("Content-Encoding", "gzip"))
        headers += [("ETag", f'"{opaque}"'), ("Content-Length", str(len(body)))]
        start_response("200 OK", headers)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]


_CORS = [
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Expose-Headers", "ETag, Blueprint-Release"),
    ("X-Content-Type-Options", "nosniff"),
]


def limits(manifest: Manifest, layer: PublishedLayer, tms: TileMatrixSet) -> tuple[TileMatrixLimits, ...]:
    """Which tiles of a set a layer has: those that its extent touches at its zooms."""
    if layer.extent is None:
        return ()
    return tms.limits(layer.extent, layer.layer.zoom.min, layer.layer.zoom.max)


def _address(found: re.Match[str], release: Release) -> Address:
    """The address of a tile; NotFound or OutsideError for one that nobody has."""
    layer = found["layer"]
    layers = (release.manifest.layer(layer),) if layer else release.manifest.layers
    if found["set"] not in release.manifest.service.tile_matrix_sets:
        raise Missing("tile matrix set", found["set"])
    numbers = [found[name] for name in ("zoom", "row", "col")]
    if not all(_INDEX.fullmatch(number) for number in numbers):
        raise OutsideError("/".join(numbers))
    address = Address(layer, grid.get(found["set"]), *(int(number) for number in numbers))
    if not any(_within(release.manifest, one, address) for one in layers):
        raise OutsideError("/".join(numbers))
    return address


def _within(manifest: Manifest, layer: PublishedLayer, address: Address) -> bool:
    zoom = layer.layer.zoom
    if layer.extent is None or not zoom.min <= address.zoom <= zoom.max:
        return False
    [here] = address.tms.limits(layer.extent, address.zoom, address.zoom) or [None]
    return here is not None and here.contains(address.row, address.col)


def _make(release: Release, address: Address, service: Service) -> Tile:
    manifest = release.manifest
    extent, buffer = manifest.service.tiles.extent, manifest.service.tiles.buffer
    transform = address.tms.transform(address.zoom, address.row, address.col, extent)
    box = address.tms.lonlat_box(address.zoom, address.row, address.col, margin=buffer / extent)
    layers = (manifest.layer(address.layer),) if address.layer else manifest.layers
    encoded = []
    for layer in layers:
        level = layer.level(address.zoom)
        if level is None:
            continue
        window = release.store.window(layer.id, level.index, box)
        encoded.append(mvt.encode_layer(layer.id, window.columns, window.rows, transform, extent, buffer))
    plain = mvt.join(encoded)
    return Tile(plain, freshness.compressed(plain) if len(plain) >= freshness.WORTH_CODING else b"")


def _check_query(query: str) -> None:
    """A tile has one parameter, f=mvt."""
    if not query or query == "f=mvt":
        return
    faults = []
    seen: set[str] = set()
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name in seen:
            message, expected = Text(zh="重复出现", en="is given more than once"), Text(zh="至多一次", en="once at most")
        elif name != "f":
            message, expected = Text(zh="不认识的参数", en="is not a parameter here"), Text(zh="f", en="f")
        elif value != "mvt":
            message = Text(zh=f"没有格式 {value[:40]!r}", en=f"no format {value[:40]!r}")
            expected = Text(zh="mvt", en="mvt")
        else:
            seen.add(name)
            continue
        seen.add(name)
        faults.append(Fault(name, message, expected))
    if faults:
        raise BadRequest(*faults)


def _status(code: int) -> str:
    return f"{code} {HTTPStatus(code).phrase}"
