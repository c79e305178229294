"""Whether a client's copy is still right, and how an answer is coded.

A release never changes, so an answer is named before it is made: by the release, what was asked and the version of this
program. The coded form has a tag of its own (RFC 9110 8.8.3.3).
"""

from __future__ import annotations

import gzip
import hashlib
from importlib.metadata import PackageNotFoundError, version

IMMUTABLE = "public, max-age=31536000, immutable"
REVALIDATE = "public, no-cache"
#: Below this many bytes coding saves nothing that a packet would notice.
WORTH_CODING = 1000
#: Level 9 takes ten times as long as level 1 for a seventh fewer bytes of GeoJSON.
LEVEL = 1

try:
    VERSION = version("blueprint")
except PackageNotFoundError:  # run from the source tree, nothing installed
    VERSION = "0"


def tag(*parts: str) -> str:
    """An opaque tag, without quotes, for what the parts name together."""
    digest = hashlib.blake2b("\0".join((VERSION, *parts)).encode("utf-8", "surrogateescape"), digest_size=12)
    return digest.hexdigest()


def matched(if_none_match: str | None, opaque: str) -> str | None:
    """The tag of ours that an If-None-Match header names, plain or coded; None when it names neither."""
    if not if_none_match:
        return None
    if if_none_match.strip() == "*":
        return f'"{opaque}"'
    named = {part.strip().removeprefix("W/") for part in if_none_match.split(",")}
    return next((form for form in (f'"{opaque}"', f'"{opaque}-gzip"') if form in named), None)


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


def compressed(body: bytes) -> bytes:
    """The gzip form; the same bytes for the same body, since it carries no time."""
    return gzip.compress(body, LEVEL, mtime=0)
