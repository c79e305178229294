"""The road of a tile: plain WSGI in front of everything else, read downwards, no step back up.

    release -> address, query -> tag (304 here, no data touched) -> kept or made (`tile_maker`) -> send

A release is looked up once per request, so an answer is never made of two. No framework, no GEOS and no
Python per feature is on this road. An error is raised, and told by `application.Server` like any other.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from config.models import Service
from releases.release import Catalogue, Release
from server import codings, freshness, linkformat, memento, tile_honesty, tile_plan, tile_query
from server.tile_maker import Place, TileMaker
from server.tile_plan import Part
from server.tile_query import PLAIN, TileQuery

StartResponse = Callable[..., Any]

_PINNED: Final = [("Cache-Control", freshness.IMMUTABLE), ("Vary", "Accept-Encoding")]
_DRAFT: Final = [("Cache-Control", freshness.REVALIDATE), ("Vary", "Accept-Encoding")]
_CURRENT: Final = [("Cache-Control", freshness.REVALIDATE), ("Vary", f"Accept-Encoding, {memento.ACCEPT}")]
#: So many zooms of tilesets are remembered, those of a few releases.
_PLANS: Final = 4096
#: So many tiles' places are remembered, at 1 kB each; a place is made again in 20 microseconds.
_PLACES: Final = 8192
#: Of tiles with a query so many, and so many queries; only short ones, since a long filter makes a large tree.
_ASKED: Final = 1024
_QUERIES: Final = 128
_SHORT: Final = 1024


class TileRoad:
    """Answers requests whose path matches `tile_plan.ADDRESS`."""

    def __init__(self, service: Service, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._maker = TileMaker(service, catalogue)
        self._plans: dict[tuple[str, str | None, str, int], tuple[Part, ...]] = {}
        self._places: dict[tuple[str, str, str], Place] = {}
        self._asked: dict[tuple[str, str, str], Place] = {}
        self._queries: dict[tuple[str, str | None, str], TileQuery] = {}

    def answer(
        self, found: re.Match[str], environ: Mapping[str, Any], start_response: StartResponse
    ) -> list[bytes]:
        """Send a tile. NotFound, OutsideError or BadRequest when there is none of that address, else Busy."""
        release = self._catalogue.named(found["release"])
        place = self._place(release, found, environ.get("QUERY_STRING", ""))

        taken = codings.accepted(environ.get("HTTP_ACCEPT_ENCODING"))
        known = freshness.matched(environ.get("HTTP_IF_NONE_MATCH"), place.opaque, taken, exists=True)
        if known:
            start_response("304 Not Modified", [*place.ahead, ("ETag", known), *place.headers])
            return []
        form = self._maker.form(release, place, taken[0])
        start_response(form.status, [*place.ahead, *form.headers])
        return [form.body] if form.body and environ["REQUEST_METHOD"] != "HEAD" else []

    def _place(self, release: Release, found: re.Match[str], query: str) -> Place:
        """The tile that a path and a query name; a path says by itself whether it is pinned."""
        asked = (release.id, found.string, query)
        place = self._places.get(asked) or self._asked.get(asked)
        if place is not None:
            return place
        address = tile_plan.read(found, release.manifest)
        asking = self._query(release, address.layer, query) if query else PLAIN
        parts = tile_plan.within(self._plan(release, address), address)
        ahead = _ahead(release, found, query)
        if asking is PLAIN:
            place = _place(release, address, parts, ahead)
            if release.draft:
                # Once it is promoted, more is to be said of it.
                return place
            _remember(self._places, _PLACES, asked, place)
        else:
            place = _place(
                release, address, tile_query.parts(parts, release.manifest, asking), ahead, asking.digest
            )
            if len(query) <= _SHORT and not release.draft:
                _remember(self._asked, _ASKED, asked, place)
        return place

    def _query(self, release: Release, layer: str | None, query: str) -> TileQuery:
        name = (release.id, layer, query)
        found = self._queries.get(name)
        if found is None:
            found = tile_query.parse(query, release.manifest, layer)
            if len(query) <= _SHORT:
                _remember(self._queries, _QUERIES, name, found)
        return found

    def _plan(self, release: Release, address: tile_plan.Address) -> tuple[Part, ...]:
        name = (release.id, address.layer, address.tms, address.zoom)
        found = self._plans.get(name)
        if found is None:
            found = tile_plan.plan(release.manifest, *name[1:])
            _remember(self._plans, _PLANS, name, found)
        return found


def _remember[Name, Thing](table: dict[Name, Thing], most: int, name: Name, thing: Thing) -> None:
    if len(table) >= most:
        # Made again in microseconds; an order of use would cost more than it saves.
        table.clear()
    table[name] = thing


def _ahead(release: Release, found: re.Match[str], query: str) -> list[tuple[str, str]]:
    """How long a tile may be kept, and what it is a memento of (RFC 7089 2.1.1.2, 2.2.1): said relative to its own
    address, so that it is the same however the service is reached.
    """
    if not found["release"]:
        return _CURRENT
    if release.draft:
        return _DRAFT
    original = found.string.removeprefix(f"/releases/{release.id}/")
    up = "../" * (found.string.count("/") - 1)
    below = memento.encoded(original, query)
    return [
        *_PINNED,
        ("Memento-Datetime", linkformat.date(release.published_at)),
        ("Link", linkformat.value(up + below, "original timegate")),
    ]


def _place(
    release: Release,
    address: tile_plan.Address,
    parts: tuple[Part, ...],
    ahead: list[tuple[str, str]],
    *asked: str,
) -> Place:
    return Place(
        (release.id, address, *asked),
        address,
        parts,
        freshness.tag(release.id, *map(str, address), *asked),
        [("Blueprint-Release", release.id), (tile_honesty.TILE, tile_honesty.honesty(parts))],
        ahead,
        # There are as many filters as people; the disk is for the tiles that everybody asks for.
        on_shelf=not asked,
    )
