"""How each server is asked. A dialect says nothing (None) to what its server does not offer."""

from __future__ import annotations

import http.client
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode, urlsplit

from bench.dataset import LAYER, Dataset
from bench.items.asks import Ask

#: Fields that a search for words looks into, where a server has none: those that ours looks into.
SEARCHED = ("XZQMC", "GHFQMC")
#: Our forms of a page.
FORMS = ("geojson", "jsonfg", "geojsonseq", "csv", "html", "flatgeobuf", "geoparquet")
#: The largest `offset` that ours takes; behind it a page is reached by `next` alone.
OFFSET_MAX = 1_000_000
_NEXT = re.compile(r'<([^>]*)>; rel="next"')


class Unanswered(RuntimeError):
    """A server did not answer with 200; the text says what it answered."""


@dataclass(frozen=True)
class Peer:
    """A server on PostGIS: pages by `offset`, names in small letters, words by LIKE.

    Parameters
    ----------
    page, item : paths
    forms : our names of forms -> what asks for them
    spoken : words of CQL2 -> the server's own
    """

    page: str
    item: str
    forms: Mapping[str, dict[str, str]]
    fields: tuple[str, ...]
    spoken: Mapping[str, str] = field(default_factory=dict)

    def path(self, ask: Ask) -> str | None:
        """The path and query that asks for it."""
        if ask.item is not None:
            return self.item.format(id=ask.item)
        if ask.form not in self.forms:
            return None
        asked = _asked(ask) | self.forms[ask.form]
        if ask.place:
            asked["offset"] = str(ask.place)
        filters = [self._translated(ask.filter)] if ask.filter else []
        if ask.words:
            likes = (f"{name.lower()} LIKE '%{word}%'" for word in ask.words for name in SEARCHED)
            filters.append(f"({' OR '.join(likes)})")
        if filters:
            asked["filter"] = " AND ".join(filters)
        if ask.sort:
            asked["sortby"] = ask.sort.lower()
        return f"{self.page}?{urlencode(asked)}"

    def _translated(self, text: str) -> str:
        for name in self.fields:
            text = re.sub(rf"\b{name}\b", name.lower(), text)
        for word, own in {"geometry": "geom", **self.spoken}.items():
            text = re.sub(rf"\b{word}\b", own, text)
        return text


class Ours:
    """Our server: pages by cursor, as the links of an answer give them."""

    def __init__(self, address: str, longest: int) -> None:
        self._address = address
        self._longest = longest
        self._cursors: dict[Ask, str] = {}

    def path(self, ask: Ask) -> str | None:
        """The path and query that asks for it."""
        if ask.item is not None:
            return f"/collections/{LAYER}/items/{ask.item}"
        asked = _asked(ask) | {"f": ask.form}
        if ask.filter:
            asked["filter"] = ask.filter
        if ask.sort:
            asked["sortby"] = ask.sort
        if ask.words:
            asked["q"] = ",".join(ask.words)
        first = f"/collections/{LAYER}/items?{urlencode(asked)}"
        return self._deep(first, ask) if ask.place else first

    def _deep(self, first: str, ask: Ask) -> str:
        """The page at a place: walked to from as near as an offset leads, with pages as long as there may be."""
        if ask not in self._cursors:
            at = min(OFFSET_MAX, ask.place - 1)
            path = _with(first, offset=str(at))
            while at < ask.place:
                step = min(self._longest, ask.place - at)
                path = following(self._address, _with(path, limit=str(step)))
                at += step
            self._cursors[ask] = path
        return _with(self._cursors[ask], limit=str(ask.limit))


def following(address: str, path: str) -> str:
    """The path of the page behind a page, from the links of its head; its features are not read."""
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=120)
    connection.request("GET", path)
    answer = connection.getresponse()
    try:
        if answer.status != 200:
            raise Unanswered(f"{answer.status}: {answer.read(300).decode(errors='replace')}")
        found = _NEXT.search(answer.getheader("Link") or "")
        if found is None:
            raise Unanswered(f"no page behind {path}")
        return whole(found[1])
    finally:
        connection.close()


def whole(link: str) -> str:
    """A link's path and query."""
    parts = urlsplit(link)
    return parts.path + (f"?{parts.query}" if parts.query else "")


def tipg(data: Dataset) -> Peer:
    """tipg's dialect."""
    forms = {form: {"f": form} for form in ("geojson", "geojsonseq", "csv", "html")}
    place = f"/collections/public.{LAYER}/items"
    return Peer(place, f"{place}/{{id}}?f=geojson", forms, names(data))


def pygeoapi(data: Dataset) -> Peer:
    """pygeoapi's dialect."""
    forms = {"geojson": {"f": "json"}, "csv": {"f": "csv"}, "html": {"f": "html"}}
    place = f"/collections/{LAYER}/items"
    return Peer(place, f"{place}/{{id}}?f=json", forms, names(data))


def pg_featureserv(data: Dataset) -> Peer:
    """pg_featureserv's dialect. Its pages for people hold no features: a script fetches them."""
    place = f"/collections/public.{LAYER}/items"
    spoken = {"S_INTERSECTS": "INTERSECTS"}
    return Peer(f"{place}.json", f"{place}/{{id}}.json", {"geojson": {}}, names(data), spoken)


def names(data: Dataset) -> tuple[str, ...]:
    """The layer's names of fields."""
    return tuple(one.name for one in data.layer.layer.fields)


def _asked(ask: Ask) -> dict[str, str]:
    asked = {"limit": str(ask.limit)}
    if ask.box:
        asked["bbox"] = ",".join(f"{edge:.7f}" for edge in ask.box)
    return asked


def _with(path: str, **values: str) -> str:
    parts = urlsplit(path)
    asked = dict(parse_qsl(parts.query, keep_blank_values=True)) | values
    return f"{parts.path}?{urlencode(asked)}"
