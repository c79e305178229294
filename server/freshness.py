"""Whether a client's copy is still right, and how an answer is coded.

A release never changes, so an answer is named before it is made: by the release, by what was asked and by the
program that makes it. The coded form has a tag of its own (RFC 9110 8.8.3.3).
"""

from __future__ import annotations

import gzip
import hashlib
import re
from functools import cache, lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

IMMUTABLE: Final = "public, max-age=31536000, immutable"
REVALIDATE: Final = "public, no-cache"
#: Below this many bytes coding saves nothing that a packet would notice.
WORTH_CODING: Final = 1000
#: Of what is coded for one answer: level 6 takes five times as long as level 1 for a seventh fewer bytes of
#: GeoJSON.
LEVEL: Final = 1
#: Of what is coded once and sent many times.
KEPT_LEVEL: Final = 6

try:
    VERSION = version("blueprint")
except PackageNotFoundError:  # run from the source tree, nothing installed
    VERSION = "0"

_ROOMS: Final = ("config", "tiles", "styles", "releases", "server")
_SOURCES: Final = (".py", ".html", ".css", ".js", ".svg", ".json", ".yml")
_TAG = re.compile(r'(?:W/)?("[^"]*")')


@cache
def program() -> str:
    """A digest of this program's own files: whoever updates it has new tags, and no stale answers (8 ms,
    once).
    """
    found = hashlib.blake2b(digest_size=8)
    root = Path(__file__).parent.parent
    files = (path for room in _ROOMS for path in (root / room).rglob("*") if path.suffix in _SOURCES)
    for path in sorted(files):
        found.update(str(path.relative_to(root)).encode() + b"\0" + path.read_bytes())
    return found.hexdigest()


def tag(*parts: str) -> str:
    """An opaque tag, without quotes, for what the parts name together."""
    named = "\0".join((program(), *parts)).encode("utf-8", "surrogateescape")
    return hashlib.blake2b(named, digest_size=12).hexdigest()


def matched(if_none_match: str | None, opaque: str, gzip: bool = True, exists: bool = False) -> str | None:
    """The tag of ours that an If-None-Match header names; None when it names none, and the answer must be
    made.

    Parameters
    ----------
    opaque : of the plain form, without quotes
    gzip : whether the client takes the coded form too; if so, whichever it has is the one that is selected
        for it
    exists : whether there is an answer for certain; only then "*" matches (RFC 9110 13.1.2)
    """
    if not if_none_match:
        return None
    plain, coded = f'"{opaque}"', f'"{opaque}-gzip"'
    if if_none_match.strip() == "*":
        return plain if exists else None
    named = _TAG.findall(if_none_match)
    if plain in named:
        return plain
    return coded if gzip and coded in named else None


@lru_cache(maxsize=256)
def accepts_gzip(accept_encoding: str | None) -> bool:
    """Whether a client takes gzip (RFC 9110 12.5.3)."""
    weights: dict[str, float] = {}
    for part in (accept_encoding or "").split(","):
        name, _, parameters = part.strip().lower().partition(";")
        value = parameters.strip().removeprefix("q=")
        try:
            weights[name.strip()] = float(value) if value else 1.0
        except ValueError:
            weights[name.strip()] = 0.0
    return weights.get("gzip", weights.get("*", 0.0)) > 0


def compressed(body: bytes, level: int = LEVEL) -> bytes:
    """The gzip form; the same bytes for the same body, since it carries no time."""
    return gzip.compress(body, level, mtime=0)


def plain(coded: bytes) -> bytes:
    """The body again."""
    return gzip.decompress(coded)
