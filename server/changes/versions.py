"""The versions of a feature: each release in which it changed, oldest first; in link-format a TimeMap of it (RFC 7089 5).

The list belongs to no release, since it grows with each. A stretch of the history is looked through for one answer;
the next begins where `next` leads to, in a TimeMap where another `timemap` does (RFC 7089 5.1.3).
"""

from __future__ import annotations

from typing import Any, Final

from flask import Response

from releases.changes.versions import Version, Versions, versions
from server import linkformat
from server.alternates import alternates
from server.answer import answer, whole
from server.ask import Ask, Route, current, unknown
from server.items.cursor import Cursors
from server.linkformat import Memento
from server.links import HTML, JSON, link
from server.params import read
from server.problems import BadRequest, Fault

FORMS: Final = {"json": JSON, "html": HTML, "link": linkformat.MEDIA}
#: These stand in the answer to the question what a feature was: a release has it, as it had become by then.
_THERE: Final = ("added", "changed")


def feature_versions(layer_id: str, feature_id: str) -> Response:
    """The releases in which a feature changed; NotFound for one that no release has."""
    ask = current()
    faults: list[Fault] = [*ask.faults, *unknown(ask.args, ("f", "lang", "cursor"))]
    cursors = Cursors("versions", layer_id, feature_id)
    start = read(ask.args, "cursor", cursors.start, faults) or 0
    if faults:
        raise BadRequest(*faults)
    said = ask.catalogue.history()
    found = versions(ask.catalogue.published, said, layer_id, feature_id, start)
    onward = None if found.onward is None else cursors.cursor(found.onward)
    if ask.form == "link":
        return whole(
            ask, _timemap(ask, layer_id, feature_id, found, onward), f"{linkformat.MEDIA}; charset=utf-8"
        )
    title = ask.say("要素的历次变化", "Versions of a feature")
    original = ask.links.item(layer_id, feature_id)
    links = [
        *alternates(ask, lambda **query: _itself(ask, layer_id, feature_id, **query), title, FORMS),
        link("original", original, title=ask.say("要素", "The feature")),
        link("timegate", original),
        link("collection", ask.links.collection(layer_id), JSON, ask.say("图层", "The collection")),
    ]
    if onward is not None:
        there = ask.links.versions(layer_id, feature_id, cursor=onward, f=ask.form)
        links.append(link("next", there, ask.media, ask.say("其后的版次", "Later releases")))
    document = {
        "title": title,
        "collection": layer_id,
        "id": feature_id,
        "links": links,
        "versions": [_version(ask, layer_id, feature_id, one) for one in found.found],
    }
    context = {"layer": next((one for one in ask.manifest.layers if one.id == layer_id), None)}
    return answer(ask, document, "versions.html", context)


def _version(ask: Ask, layer_id: str, feature_id: str, one: Version) -> dict[str, Any]:
    entry = one.entry
    told: dict[str, Any] = {"release": entry.id, "published": entry.published, "act": entry.act}
    if one.pruned is not None or one.step is None:
        return told | {"pruned": one.pruned.published if one.pruned else None, "links": []}
    there = ask.links.of(entry.id)
    links = []
    if one.step.kind in _THERE:
        links.append(
            link("memento", there.item(layer_id, feature_id), title=ask.say("当时的要素", "As it was then"))
        )
    if one.since is not None:
        title = ask.say("该版次中图层的变化", "The layer's changes in this release")
        links.append(link("related", there.layer_changes(layer_id, one.since), JSON, title))
    return told | {
        "change": one.step.kind,
        "fields": one.step.fields,
        "geometry": one.step.geometry,
        "since": one.since,
        "links": links,
    }


def _timemap(ask: Ask, layer_id: str, feature_id: str, found: Versions, onward: str | None) -> bytes:
    """Each release once, with the time when it was current first, which is what its own answers say."""
    original = ask.links.item(layer_id, feature_id)
    mementos = [
        Memento(ask.links.of(one.entry.id).item(layer_id, feature_id), one.entry.published)
        for one in found.found
        if one.first and one.step is not None and one.step.kind in _THERE
    ]
    itself = _itself(ask, layer_id, feature_id, f="link")
    text = linkformat.timemap(original, original, itself, mementos)
    if onward is None:
        return text
    there = ask.links.versions(layer_id, feature_id, cursor=onward, f="link")
    more = linkformat.value(there, "timemap", type=linkformat.MEDIA)
    return text[:-1] + b",\n" + linkformat.document([more])


def _itself(ask: Ask, layer_id: str, feature_id: str, **query: Any) -> str:
    given = {name: ask.args[name] for name in ("cursor",) if name in ask.args}
    return ask.links.versions(layer_id, feature_id, **given, **query)


ROUTES = (
    Route(
        "/collections/<layer_id>/items/<path:feature_id>/versions",
        feature_versions,
        FORMS,
        parameters=None,
        pinned=False,
    ),
)
