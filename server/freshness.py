"""Whether a client's copy is still right.

A release never changes, so an answer is named before it is made: by the release, by what was asked and by the
program that makes it. The coded form has a tag of its own (RFC 9110 8.8.3.3).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Final

from releases.program import ROOT, digested
from server import codings

IMMUTABLE: Final = "public, max-age=31536000, immutable"
REVALIDATE: Final = "public, no-cache"

try:
    VERSION = version("blueprint")
except PackageNotFoundError:  # run from the source tree, nothing installed
    VERSION = "0"

_ROOMS: Final = ("config", "tiles", "styles", "releases", "server")
_SOURCES: Final = (".py", ".html", ".css", ".js", ".svg", ".json", ".yml")
#: What tiles are made by, and nothing of it that words or looks are made by.
_TILE_ROOMS: Final = ("tiles", "releases")
_TILE_FILES: Final = ("server/tile_*.py", "server/codings.py")
_TAG = re.compile(r'(?:W/)?("[^"]*")')


@cache
def program() -> str:
    """A digest of this program's own files: whoever updates it has new tags, and no stale answers (8 ms,
    once).
    """
    files = (path for room in _ROOMS for path in (ROOT / room).rglob("*") if path.suffix in _SOURCES)
    return digested(files, codings.LIBRARIES)


@cache
def encoder() -> str:
    """A digest of the files by which tiles are made: finished tiles on disk outlive a changed page, and no
    changed kernel.
    """
    rooms = (path for room in _TILE_ROOMS for path in (ROOT / room).rglob("*.py"))
    files = (*rooms, *(path for pattern in _TILE_FILES for path in ROOT.glob(pattern)))
    return digested(files, codings.LIBRARIES)


def tag(*parts: str) -> str:
    """An opaque tag, without quotes, for what the parts name together."""
    named = "\0".join((program(), *parts)).encode("utf-8", "surrogateescape")
    return hashlib.blake2b(named, digest_size=12).hexdigest()


def matched(
    if_none_match: str | None, opaque: str, taken: Iterable[codings.Coding], exists: bool = False
) -> str | None:
    """The tag of ours that an If-None-Match header names; None when it names none, and the answer must be
    made.

    Parameters
    ----------
    opaque : of the plain form, without quotes
    taken : the codings that the client takes; whichever of those forms it has is the one that is selected for it
    exists : whether there is an answer for certain; only then "*" matches (RFC 9110 13.1.2)
    """
    if not if_none_match:
        return None
    if if_none_match.strip() == "*":
        return f'"{opaque}"' if exists else None
    return named(if_none_match, tags(opaque, taken))


def tags(opaque: str, forms: Iterable[codings.Coding]) -> list[str]:
    """The tags, in quotes, of an answer's forms."""
    return [f'"{opaque}"' if form == "identity" else f'"{opaque}-{form}"' for form in forms]


def named(if_none_match: str, ours: Sequence[str]) -> str | None:
    """The first of our tags that an If-None-Match header names, compared weakly (RFC 9110 13.1.2)."""
    if if_none_match in ours:  # what nearly every client sends: the one tag that it was given
        return if_none_match
    theirs = _TAG.findall(if_none_match)
    return next((tag for tag in ours if tag in theirs), None)
