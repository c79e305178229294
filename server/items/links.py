"""The links of a page of features: itself, its other forms, and the pages before and behind it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from config.models import Text
from releases.manifest import PublishedLayer
from releases.query import Query
from server.ask import Ask
from server.entrance import LONGEST
from server.items.cursor import Binding
from server.items.forms import FORMS
from server.links import GEOJSON, JSON, link

#: What says where a page begins.
_PLACE: Final = ("f", "next", "offset")
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
    given = {name: value for name, value in ask.args.items() if name != "f"}
    here = ask.links.items(layer.id, **given)
    mine = "geojson" if ask.form == "json" else ask.form
    links = [
        link(
            "self" if name == mine else "alternate",
            f"{here}{'&' if given else '?'}f={name}",
            form.media,
            ask.text(form.title),
        )
        for name, form in FORMS.items()
    ]
    links.sort(key=lambda one: one["rel"] != "self")
    links += [_page(ask, layer, way.binding, *page) for page in way.pages()]
    links.append(link("collection", ask.links.collection(layer.id), JSON, ask.text(layer.layer.title)))
    pinned = ask.links.pinned.items(layer.id, **given)
    links.append(link("memento", pinned, GEOJSON, ask.say("此版次中的本页", "In this release for ever")))
    return links


def _page(
    ask: Ask, layer: PublishedLayer, binding: Binding, rel: str, start: int, limit: int
) -> dict[str, Any]:
    """Another page of the same answer, pinned: a walk ends on the release it began on, whatever is published
    meanwhile.
    """
    place = {"next": binding.cursor(start), "f": "geojson" if ask.form == "json" else ask.form}
    if "limit" in ask.args:
        place["limit"] = str(limit)
    asked = {name: value for name, value in ask.args.items() if name not in _PLACE}
    address = ask.links.pinned.items(layer.id, **asked | place)
    if len(address) - len(ask.links.base) <= LONGEST:
        return link(rel, address, ask.media, ask.text(_TITLES[rel]))
    # Too long for an address, as the request was: the same body again with these parameters instead of its own.
    return link(
        rel,
        ask.links.pinned.items(layer.id),
        ask.media,
        ask.text(_TITLES[rel]),
        method="POST",
        body=place,
        merge=True,
    )
