"""How much changed in each layer between two releases."""

from __future__ import annotations

from typing import Any

from flask import Response

from releases.changes import comparison
from releases.changes.comparison import LayerChanges, published
from server.alternates import alternates
from server.answer import answer
from server.ask import Ask, current, unknown
from server.changes.since import since
from server.links import HTML, JSON, link
from server.problems import BadRequest, Fault


def overview() -> Response:
    """The counts of all layers."""
    ask = current()
    faults: list[Fault] = [*ask.faults, *unknown(ask.args, ("f", "lang", "since"))]
    asked = since(ask, faults)
    if faults:
        raise BadRequest(*faults)
    before, after = ask.catalogue.get(asked), ask.release
    found = [comparison.compare(before, after, name) for name in comparison.layers(before, after)]
    title = ask.say("变化", "Changes")
    document = {
        "title": title,
        "release": after.id,
        "published": after.published_at,
        "since": before.id,
        "sincePublished": before.published_at,
        "counts": dict(zip(("added", "changed", "removed"), map(sum, zip(*(one.counts for one in found))))),
        "links": [
            *alternates(ask, lambda **query: ask.links.changes(before.id, **query), title),
            *neighbours(ask, before.id),
            link("up", ask.links.landing(), JSON, ask.say("首页", "The landing page")),
        ],
        "collections": [_layer(ask, one) for one in found],
    }
    return answer(ask, document, "changes.html")


def neighbours(ask: Ask, before: str) -> list[dict[str, Any]]:
    """The two releases themselves (RFC 5829 3.3)."""
    there = ask.links.of(before)
    return [
        link("predecessor-version", there.landing(), JSON, ask.say("此前的版次", "The release before")),
        link("version-history", ask.links.releases(), JSON, ask.say("全部版次", "All releases")),
    ]


def _layer(ask: Ask, one: LayerChanges) -> dict[str, Any]:
    layer = published(one.after, one.id) or published(one.before, one.id)
    assert layer is not None, "one of the releases has it"
    titled = ask.text(layer.layer.title)
    pinned = ask.links.pinned
    return {
        "id": one.id,
        "title": titled,
        "counts": one.counts._asdict(),
        "schema": one.schema._asdict(),
        "links": [
            link("item", pinned.layer_changes(one.id, one.before.id, f="json"), JSON, titled),
            link("item", pinned.layer_changes(one.id, one.before.id, f="html"), HTML, titled),
        ],
    }
