"""What became of one layer, change by change in the order of ids (`releases.changes`)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from flask import Response

from config.models import Text
from releases.changes.change import Change
from releases.changes.comparison import LayerChanges, compare, published
from releases.formats import changes as forms
from releases.formats.subject import Subject
from releases.manifest import PublishedLayer
from server.answer import answer, streamed
from server.ask import Ask, current
from server.changes import sheet
from server.changes.asked import Asked, asked
from server.changes.overview import neighbours
from server.links import FLATGEOBUF, HTML, JSON, SEQUENCE, link

FORMS: Final = {"json": JSON, "html": HTML, "geojsonseq": SEQUENCE, "flatgeobuf": FLATGEOBUF}
_TITLES: Final = {
    "json": Text(zh="JSON", en="JSON"),
    "html": Text(zh="网页", en="As a page"),
    "geojsonseq": Text(zh="GeoJSON 文本序列", en="GeoJSON text sequence"),
    "flatgeobuf": Text(zh="FlatGeobuf", en="FlatGeobuf"),
}
_ENDINGS: Final = {"geojsonseq": "geojsons", "flatgeobuf": "fgb"}


def changes(layer_id: str) -> Response:
    """A page of the changes of a layer since another release; NotFound for a layer that neither release has."""
    ask = current()
    what = asked(ask, layer_id)
    found = compare(what.since, ask.release, layer_id)
    returned = max(0, min(what.limit, len(found) - what.start))
    links = _links(ask, found, what)
    head = {
        "release": ask.release.id,
        "since": what.since.id,
        "collection": layer_id,
        "counts": found.counts._asdict(),
        "schema": found.schema._asdict(),
        "numberMatched": len(found),
        "numberReturned": returned,
        "links": links,
    }
    page = found.page(what.start, what.limit)
    if ask.media == HTML:
        document = head | {"title": ask.say("变化", "Changes")}
        return answer(ask, document, "layer_changes.html", sheet.sheet(ask, found, what, page))
    response = streamed(ask, _written(ask, found, head, what, page), ask.media, links)
    if ask.form in _ENDINGS:
        response.headers["OGC-NumberMatched"] = str(len(found))
        response.headers["OGC-NumberReturned"] = str(returned)
        name = f"{layer_id}-{what.since.id}-{ask.release.id}.{_ENDINGS[ask.form]}"
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _written(
    ask: Ask, found: LayerChanges, head: dict[str, Any], what: Asked, page: Iterator[list[Change]]
) -> Iterator[bytes]:
    """The page in the form that is asked for, piece by piece."""
    if ask.form == "json":
        return forms.document(head, page, what.before)
    if ask.form == "geojsonseq":
        return forms.sequence(page)
    release = found.after if published(found.after, found.id) else found.before
    return forms.table(
        page,
        Subject(
            _there(found),
            ask.release.id,
            ask.lang,
            whole=release.store.file(found.id, "geoparquet"),
            scratch=ask.service.cache,
        ),
    )


def _there(found: LayerChanges) -> PublishedLayer:
    """The layer as it is now, or as it was where it is gone."""
    layer = published(found.after, found.id) or published(found.before, found.id)
    assert layer is not None, "one of the releases has it"
    return layer


def _links(ask: Ask, found: LayerChanges, what: Asked) -> list[dict[str, Any]]:
    pinned, since = ask.links.pinned, found.before.id
    given = {name: ask.args[name] for name in ("limit", "cursor", "before") if name in ask.args}
    links = [
        link(
            "self" if name == ask.form else "alternate",
            ask.links.layer_changes(found.id, since, **given, f=name),
            media,
            ask.text(_TITLES[name]),
        )
        for name, media in FORMS.items()
    ]
    links.sort(key=lambda one: str(one["rel"]) != "self")
    kept = {"before": "true"} if what.before else {}
    end = what.start + what.limit
    # Pinned: a walk ends on the release it began on, whatever is published meanwhile.
    for rel, there, title in (
        ("next", end if end < len(found) else None, ask.say("下一页", "Next page")),
        ("prev", max(0, what.start - what.limit) if what.start else None, ask.say("上一页", "Previous page")),
    ):
        if there is not None:
            place = {"cursor": what.cursors.cursor(there), "limit": what.limit, **kept, "f": ask.form}
            links.append(link(rel, pinned.layer_changes(found.id, since, **place), ask.media, title))
    links += neighbours(ask, since)
    links.append(
        link("up", ask.links.changes(since), JSON, ask.say("全部图层的变化", "Changes of all layers"))
    )
    now = published(found.after, found.id)
    if now is not None:
        links.append(link("collection", ask.links.collection(found.id), JSON, ask.text(now.layer.title)))
    return links
