"""Files that pages need: their style sheets, the map's modules, and MapLibre as npm brought it.

An asset's address holds a digest of all assets, `/assets/<digest>/map.js`, so that a browser keeps it for ever, and
modules that import each other by relative paths stay together. Without the digest it is the same file, checked again on
each use. Only what stands in the table is ever sent.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

from flask import Response, request

from config.models import Text
from server import codings, freshness
from server.problems import Missing, Unavailable

_HERE = Path(__file__).parent / "viewer"
_PACKAGES = Path(__file__).parent.parent / "node_modules"
_SCRIPT, _STYLE, _IMAGE = "text/javascript; charset=utf-8", "text/css; charset=utf-8", "image/svg+xml"
_MAPLIBRE = _PACKAGES / "maplibre-gl" / "dist"

#: Name -> file and media type.
FILES: Final[Mapping[str, tuple[Path, str]]] = {
    "page.css": (_HERE / "page.css", _STYLE),
    "map.css": (_HERE / "map.css", _STYLE),
    "icon.svg": (_HERE / "icon.svg", _IMAGE),
    "map.js": (_HERE / "map.js", _SCRIPT),
    "layers.js": (_HERE / "layers.js", _SCRIPT),
    "swatch.js": (_HERE / "swatch.js", _SCRIPT),
    "feature.js": (_HERE / "feature.js", _SCRIPT),
    "element.js": (_HERE / "element.js", _SCRIPT),
    "permalink.js": (_HERE / "permalink.js", _SCRIPT),
    "selection.js": (_HERE / "selection.js", _SCRIPT),
    "outlines.js": (_HERE / "outlines.js", _SCRIPT),
    "smallmap.js": (_HERE / "smallmap.js", _SCRIPT),
    "swipe.css": (_HERE / "swipe.css", _STYLE),
    "swipe.js": (_HERE / "swipe.js", _SCRIPT),
    "places.js": (_HERE / "places.js", _SCRIPT),
    "maplibre-gl.css": (_MAPLIBRE / "maplibre-gl.css", _STYLE),
    "maplibre-gl.mjs": (_MAPLIBRE / "maplibre-gl.mjs", _SCRIPT),
    # Loaded by maplibre-gl.mjs from beside itself.
    "maplibre-gl-worker.mjs": (_MAPLIBRE / "maplibre-gl-worker.mjs", _SCRIPT),
}


class _Asset(NamedTuple):
    body: bytes
    coded: bytes
    tag: str


def asset(name: str) -> Response:
    """Send an asset, by its name or by `<digest>/<name>`. Missing for any other name."""
    given, _, plain = name.rpartition("/")
    if plain not in FILES or (given and "/" in given):
        raise Missing("file", name)
    found, kept = _read(plain), given == digest()
    response = Response(content_type=FILES[plain][1])
    response.headers["Cache-Control"] = freshness.IMMUTABLE if kept else freshness.REVALIDATE
    response.headers["Vary"] = "Accept-Encoding"
    coded = "gzip" in codings.accepted(request.headers.get("Accept-Encoding"))
    response.headers["ETag"] = f'"{found.tag}-gzip"' if coded else f'"{found.tag}"'
    if known := freshness.matched(request.headers.get("If-None-Match"), found.tag, ("identity", "gzip")):
        response.status_code, response.headers["ETag"] = 304, known
        return response
    response.set_data(found.coded if coded else found.body)
    if coded:
        response.headers["Content-Encoding"] = "gzip"
    return response


@cache
def digest() -> str:
    """A digest of all assets that are there; made once, on the first page."""
    found = hashlib.blake2b(digest_size=8)
    for name, (path, _) in FILES.items():
        found.update(name.encode() + b"\0" + (path.read_bytes() if path.exists() else b""))
    return found.hexdigest()


@cache
def _read(name: str) -> _Asset:
    try:
        body = FILES[name][0].read_bytes()
    except FileNotFoundError:
        raise Unavailable(
            Text(
                zh=f"缺少前端文件 {name}，请运行 make environment",
                en=f"the front-end file {name} is not installed, run `make environment`",
            )
        ) from None
    return _Asset(
        body, codings.coded(body, "gzip", kept=True), freshness.tag(hashlib.sha256(body).hexdigest())
    )
