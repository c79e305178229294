"""Where to go instead of an address in the tree of a release: of one that was removed, and of one that goes by a tag."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from releases.store import ReleasePruned, ReleaseTagged
from server import freshness, memento
from server.links import link


def links(error: Exception, base: str, path: str) -> list[dict[str, Any]]:
    """The same resource in the release that took the place of a removed one, and in the current one (RFC 5829 3.3, 3.4); of any
    other error none.
    """
    if not isinstance(error, ReleasePruned):
        return []
    below = quote(_below(error.name, path), safe=memento.SAFE)
    return [
        link("successor-version", f"{base}/releases/{error.successor}{below}"),
        link("latest-version", f"{base}{below or '/'}"),
    ]


def redirect(error: ReleaseTagged, base: str, path: str, query: str) -> dict[str, str]:
    """The headers that lead from a tag to the release that has it: for now, since a tag can be given to another one."""
    below = memento.encoded(_below(error.name, path), query)
    return {
        "Location": f"{base}/releases/{error.release_id}{below}",
        "Cache-Control": freshness.REVALIDATE,
    }


def _below(name: str, path: str) -> str:
    return path.removeprefix(f"/releases/{name}")
