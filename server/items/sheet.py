"""A page of features for people: heads that sort, conditions that can be changed, other forms, and a small map."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from config.models import Field
from releases.manifest import PublishedLayer
from releases.order import sortable
from releases.query import Query
from releases.rendition import Rendition
from server.ask import Ask
from server.items.forms import FORMS
from server.nature import NATURES
from server.templates import again

#: What says where a page begins: with another order or condition it begins anew.
_PLACE: Final = ("next", "offset")
#: How features are shown and not which: the map shows them whole, in the degrees that it draws in.
_SHOWN: Final = (
    "crs",
    "properties",
    "exclude-properties",
    "skipGeometry",
    "zoom-level",
    "profile",
    "bom",
    "next",
)
#: A condition -> what makes no sense without it.
_CONDITIONS: Final = {"q": (), "filter": ("filter-lang", "filter-crs"), "bbox": ("bbox-crs",), "datetime": ()}
_LIMITS: Final = (10, 100, 1000)


class Head(NamedTuple):
    """A column: its field, the page sorted by it, and how this one is.

    `sort` is None where a field has no order, `order` ("ascending", "descending") where the page is not sorted by it
    first.
    """

    field: Field
    sort: str | None
    order: str | None


class Condition(NamedTuple):
    """What features must meet: the parameter, the field if it is one, its text, and the page without it."""

    name: str
    field: Field | None
    text: str
    without: str


def sheet(ask: Ask, layer: PublishedLayer, query: Query, rendition: Rendition) -> dict[str, Any]:
    """What the template of a page needs beside its document."""
    return {
        "layer": layer,
        "natures": NATURES,
        "example": _example(layer),
        "start": query.start,
        "heads": _heads(ask, layer, query, rendition),
        "geometry": rendition.geometry,
        "order": [(layer.layer.field(key.field), key.descending) for key in query.order],
        "unsorted": again(ask, **_anew("sortby")),
        "conditions": _conditions(ask, layer),
        "carried": [(name, value) for name, value in ask.args.items() if name not in _PLACE],
        "limits": [
            (limit, again(ask, **_anew(), limit=str(limit)), limit == query.limit) for limit in _LIMITS
        ],
        "here": _forms(ask, files=False),
        "files": _forms(ask, files=True),
        "map": _map(ask, query),
    }


def _example(layer: PublishedLayer) -> str:
    """A filter that makes sense for the layer: by the name of a feature where it has one."""
    fields = layer.layer.fields
    named = layer.layer.title_field or next((field for field in fields if field.type == "string"), fields[0])
    return f"{named.name} LIKE '%江%'" if named.type == "string" else f"{named.name} > 0"


def _heads(ask: Ask, layer: PublishedLayer, query: Query, rendition: Rendition) -> list[Head]:
    # The name comes first behind the id: on a phone nothing else is in view.
    rank = {"id": 0, "title": 1}
    first = query.order[0] if query.order else None
    heads = []
    for field in sorted(layer.layer.fields, key=lambda field: rank.get(field.role or "", 2)):
        # The id leads to the feature, and is there always.
        if field.role != "id" and rendition.fields is not None and field.name not in rendition.fields:
            continue
        sort = order = None
        if first is not None and first.field == field.name:
            order = "descending" if first.descending else "ascending"
        if field.name in sortable(layer.layer):
            sign = "-" if order == "ascending" else "+"
            sort = again(ask, **_anew(), sortby=sign + field.name)
        heads.append(Head(field, sort, order))
    return heads


def _conditions(ask: Ask, layer: PublishedLayer) -> list[Condition]:
    found = []
    for name, text in ask.args.items():
        field = None if name in _CONDITIONS else layer.layer.field(name)
        if field is not None or name in _CONDITIONS:
            without = again(ask, **_anew(name, *_CONDITIONS.get(name, ())))
            found.append(Condition(name, field, text, without))
    return found


def _forms(ask: Ask, files: bool) -> list[tuple[str, str, str]]:
    """Title, address and media type of the forms that show this page, or of the files that hold all that match."""
    dropped = _anew("limit") if files else {}
    return [
        (form.title.of(ask.lang), again(ask, **dropped, f=name), form.media)
        for name, form in FORMS.items()
        if name != "html" and (form.ending is not None) == files
    ]


def _map(ask: Ask, query: Query) -> dict[str, str] | None:
    """Addresses of the map's features and style; None where the features' could be too long for one."""
    if ask.incoming.method == "POST":
        return None
    place = {"f": "geojson", "offset": str(query.start), "limit": str(query.limit)}
    return {
        "features": again(ask, **dict.fromkeys(_SHOWN), **place),
        "style": ask.links.pinned.style("blueprint", f="mapbox", lang=ask.lang),
    }


def _anew(*names: str) -> dict[str, None]:
    """Changes that take parameters away and begin at the first page."""
    return dict.fromkeys((*_PLACE, *names))
