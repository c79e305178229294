"""One feature."""

from __future__ import annotations

from typing import Final

import orjson
from flask import Response

from releases.formats import geojson, jsonfg
from releases.formats.subject import Subject
from server.answer import answer, whole
from server.ask import current, unknown
from server.items import profile, reference, selection
from server.items.forms import MEDIA
from server.items.links import item_links
from server.links import GEOJSON, HTML, link
from server.problems import BadRequest

_SHOWN: Final = ("geojson", "html", "jsonfg")
FORMS: Final = {name: MEDIA[name] for name in ("geojson", "json", "html", "jsonfg")}
#: A feature is asked for by its id; the rest is how it is shown.
PARAMETERS: Final = ("f", "lang", "profile", "crs", *selection.PARAMETERS)


def item(layer_id: str, feature_id: str) -> Response:
    """The feature of an id."""
    ask = current()
    layer = ask.manifest.layer(layer_id)
    faults = [*ask.faults, *unknown(ask.args, PARAMETERS)]
    shown = profile.parse(ask.args, ask.form, faults)
    offered = ask.manifest.service.coordinate_reference_systems
    rendition = selection.rendition(ask.args, layer, offered, faults)
    if faults:
        raise BadRequest(*faults)
    found = ask.release.store.item(layer_id, feature_id)
    links = item_links(ask, layer, feature_id, _SHOWN)
    if ask.media == HTML:
        rendition = selection.for_people(rendition)
        [text] = geojson.features([found.json], rendition)
        document = orjson.loads(text) | {"links": links}
        return reference.told(answer(ask, document, "item.html", {"layer": layer}), rendition)
    links.append(link("profile", profile.uri(shown)))
    write = geojson.feature if shown == "rfc7946" else jsonfg.feature
    subject = Subject(
        layer,
        ask.release.id,
        ask.lang,
        rendition,
        links=tuple(links),
        schema=ask.links.schema(layer_id),
        profile=shown,
    )
    return reference.told(whole(ask, write(found.json, subject), GEOJSON, links), rendition)
