"""A page of changes for people: each with its values before and after, and a map of both releases to swipe between."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any, Final, NamedTuple

import orjson

from config.models import Field, Layer
from releases.changes.change import Change, Kind
from releases.changes.comparison import LayerChanges, published
from releases.records import parted
from releases.release import Release
from server.ask import Ask
from server.changes.asked import Asked
from server.naming import named
from server.templates import again, shown

_LIMITS: Final = (10, 100, 1000)


class Difference(NamedTuple):
    """A field and what stood in it, as readers want it; None where there was no such field."""

    title: str
    name: str
    before: str | None
    after: str | None


class Row(NamedTuple):
    """One change: `place` among those of the page, whether it is anywhere on the map, and where its record is."""

    place: int
    kind: Kind
    id: str | int
    name: str
    differences: list[Difference]
    geometry: bool
    mapped: bool
    record: str


def sheet(ask: Ask, found: LayerChanges, what: Asked, page: Iterator[list[Change]]) -> dict[str, Any]:
    """What the template of a page needs beside its document."""
    changes = list(chain.from_iterable(page))
    layers = [
        one.layer if one else None
        for one in (published(found.before, found.id), published(found.after, found.id))
    ]
    layer = layers[1] or layers[0]
    assert layer is not None, "one of the releases has it"
    rows = [_row(ask, found, layers, place, one) for place, one in enumerate(changes)]
    address = ask.links.pinned.layer_changes(
        found.id,
        found.before.id,
        cursor=what.cursors.cursor(what.start),
        limit=what.limit,
        before="true",
        f="json",
    )
    return {
        "layer": layer,
        "is_there": layers[1] is not None,
        "before": found.before,
        "after": found.after,
        "start": what.start,
        "rows": rows,
        "limits": [
            (limit, again(ask, cursor=None, limit=str(limit)), limit == what.limit) for limit in _LIMITS
        ],
        "other_way": ask.links.of(found.before.id).layer_changes(found.id, found.after.id, f="html"),
        "map": {
            "changes": address,
            "before": _style(ask, found.before),
            "after": _style(ask, found.after),
        }
        if any(row.mapped for row in rows)
        else None,
    }


def _row(ask: Ask, found: LayerChanges, layers: list[Layer | None], place: int, one: Change) -> Row:
    texts = [text for text in (one.before, one.after) if text is not None]
    heads, shapes = parted(texts)
    properties = [orjson.loads(head)["properties"] for head in heads]
    layer = layers[1] if one.after is not None else layers[0]
    assert layer is not None, "a feature is of a layer"
    release = found.after if one.after is not None else found.before
    known = {layer.id_field.name: one.id}
    return Row(
        place,
        one.kind,
        one.id,
        named(layer, ask.lang, {**properties[-1], **known}),
        [_difference(ask, layers, name, properties) for name in one.fields],
        one.geometry,
        any(shape != b"null" for shape in shapes),
        ask.links.of(release.id).item(found.id, str(one.id)),
    )


def _difference(
    ask: Ask, layers: list[Layer | None], name: str, properties: list[Mapping[str, Any]]
) -> Difference:
    fields = [layer.field(name) if layer else None for layer in layers]
    titled = fields[1] or fields[0]
    assert titled is not None, "a field that differs is in one of the releases"
    told = [
        _shown(ask, field, values[name]) if field and name in values else None
        for field, values in zip(fields, properties, strict=True)
    ]
    return Difference(ask.text(titled.title), name, told[0], told[1])


def _shown(ask: Ask, field: Field, value: Any) -> str:
    """A value of either release; its code list may be gone with the other one."""
    if field.codelist and field.codelist not in ask.manifest.service.codelists:
        field = field.model_copy(update={"codelist": None})
    return shown(ask, field, value)


def _style(ask: Ask, release: Release) -> str:
    return ask.links.of(release.id).style("blueprint", f="mapbox", lang=ask.lang)
