"""The links of a page of features: itself, its other forms, and the pages before and behind it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qsl, quote, urlencode

from config.models import Text
from releases.manifest import PublishedLayer
from releases.query import Query
from server.ask import Ask
from server.entrance import LONGEST
from server.items.cursor import Binding
from server.items.forms import FORMS, own_name
from server.links import GEOJSON, JSON, PROOF, QUERYABLES, SCHEMA, link

_TITLES: Final = {
    "next": Text(zh="下一页", en="Next page"),
    "prev": Text(zh="上一页", en="Previous page"),
    "first": Text(zh="第一页", en="First page"),
}


class Way(NamedTuple):
    """Where a page stands in its answer."""

    query: Query
    binding: Binding
    matched: int

    def pages(self) -> Iterator[tuple[str, int, int]]:
        """Relation, start and limit of the pages that lead on from here."""
        start, limit = self.query.start, self.query.limit
        if start + limit < self.matched:
            yield "next", start + limit, limit
        if start:
            yield "prev", max(0, start - limit), min(limit, start)
            yield "first", 0, limit


def page_links(ask: Ask, layer: PublishedLayer, way: Way) -> list[dict[str, Any]]:
    """The links in the order that clients look for them: self first, then on, then elsewhere."""
    here = Target(ask.links.items(layer.id), _query(ask, ("f",)))
    pinned = ask.links.pinned.items(layer.id)
    links = form_links(ask, here, FORMS)
    # Pinned: a walk ends on the release it began on, whatever is published meanwhile.
    walk = Target(pinned, _query(ask, ("f", "next", "offset", "limit")))
    for rel, start, limit in way.pages():
        place = f"next={quote(way.binding.cursor(start))}&limit={limit}&f={own_name(ask.form)}"
        links.append(walk.link(rel, ask.media, ask.text(_TITLES[rel]), place))
    links.append(link("collection", ask.links.collection(layer.id), JSON, ask.text(layer.layer.title)))
    # In the header too: from what is filtered a client finds by what (19-079r2 /req/queryables/queryables-link).
    fields = ask.say("可查询字段", "What to filter by")
    links.append(link(QUERYABLES, ask.links.queryables(layer.id), SCHEMA, fields))
    title = ask.say("此版次中的本页", "In this release for ever")
    links.append(Target(pinned, here.query).link("memento", GEOJSON, title))
    return links


def item_links(
    ask: Ask, layer: PublishedLayer, feature_id: str, names: Iterable[str]
) -> list[dict[str, Any]]:
    """The links of one feature, which comes in the forms of those names."""
    here = Target(ask.links.item(layer.id, feature_id), _query(ask, ("f",)))
    pinned = Target(ask.links.pinned.item(layer.id, feature_id), here.query)
    title = ask.say("此版次中的本要素", "In this release for ever")
    return [
        *form_links(ask, here, names),
        link("collection", ask.links.collection(layer.id), JSON, ask.text(layer.layer.title)),
        pinned.link("memento", GEOJSON, title),
        link(PROOF, ask.links.proof(layer.id, feature_id, f="json"), JSON, ask.say("包含证明", "Its proof")),
        # RFC 5829 3.1.
        link(
            "version-history",
            ask.links.versions(layer.id, feature_id, f="json"),
            JSON,
            ask.say("历次变化", "Its versions"),
        ),
    ]


def form_links(ask: Ask, here: Target, names: Iterable[str]) -> list[dict[str, Any]]:
    """The links to the forms of those names: `self` for the one that was asked for, which comes first."""
    mine = own_name(ask.form)
    links = [
        here.link(
            "self" if name == mine else "alternate",
            FORMS[name].media,
            ask.text(FORMS[name].title),
            f"f={name}",
        )
        for name in names
    ]
    return sorted(links, key=lambda one: one["rel"] != "self")


def _query(ask: Ask, without: tuple[str, ...]) -> str:
    return urlencode([(name, value) for name, value in ask.args.items() if name not in without], safe=",")


class Target(NamedTuple):
    """An address and the part of its query that several links share."""

    address: str
    query: str

    def link(self, rel: str, media: str, title: str, more: str = "") -> dict[str, Any]:
        """A link with more parameters, encoded already: there are many links, and of most it is a name alone.

        Where the address would be too long, as that of a form can be: the same form again, with these parameters
        instead of its own, in words that STAC API made known (method, body, merge).
        """
        query = f"{self.query}&{more}" if self.query and more else self.query or more
        if len(self.address) + len(query) < LONGEST:
            return link(rel, f"{self.address}?{query}" if query else self.address, media, title)
        return link(rel, self.address, media, title, method="POST", body=dict(parse_qsl(more)), merge=True)
