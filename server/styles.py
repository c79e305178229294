"""The shared style and what it draws with: legend, glyphs and sprites (draft OGC 20-009 in its paths, MapLibre in its form).

A style leads on to tiles, glyphs and sprites by pinned addresses, so that a map shows one release whole.
"""

from __future__ import annotations

from typing import Any, Final

import orjson
from flask import Response

from releases.seals import read as sealed
from server.alternates import alternates
from server.answer import answer, whole
from server.ask import Ask, Route, current
from server.links import HTML, JSON, STYLE, link
from server.nature import NATURES
from server.problems import Missing
from styles import fonts
from styles import legend as drawn
from styles import style as shared
from styles.glyphstore import GlyphStore

NAME: Final = "blueprint"
GLYPHS: Final = "application/x-protobuf"
FORMS = {"mapbox": STYLE, "json": STYLE, "html": HTML}
PNG: Final = "image/png"


def styles() -> Response:
    """The styles; one for all layers."""
    ask = current()
    document = {
        "title": ask.say("共享样式", "Shared styles"),
        "links": alternates(ask, ask.links.styles, ask.say("样式列表", "The styles")),
        "default": NAME,
        "styles": [{"id": NAME, "title": _title(ask), "links": _links(ask)}],
    }
    return answer(ask, document, "styles.html")


def style(style_id: str) -> Response:
    """The style as MapLibre reads it, with names in the reader's language."""
    ask = current()
    _known(style_id)
    if ask.media == HTML:
        here = alternates(ask, lambda **query: ask.links.style(NAME, **query), _title(ask), FORMS)
        document = {"title": _title(ask), "links": [*here, *_links(ask)]}
        return answer(ask, document, "style.html")
    return whole(ask, orjson.dumps(rendered(ask)), STYLE)


def metadata(style_id: str) -> Response:
    """What the style is, which layers it draws, and where its parts are."""
    ask = current()
    _known(style_id)
    here = alternates(ask, lambda **query: ask.links.style_metadata(NAME, **query), _title(ask))
    document = {
        "id": NAME,
        "title": _title(ask),
        "description": ask.text(ask.manifest.service.description),
        "version": ask.release.id,
        "contentDigest": f"sha256:{ask.manifest.style.digest}",
        "fonts": dict(ask.manifest.style.fonts),
        "layers": [
            {"id": layer.id, "title": ask.text(layer.layer.title), "nature": layer.nature}
            for layer in ask.manifest.layers
        ],
        "links": [*here, *_links(ask)],
    }
    return answer(ask, document, "style_metadata.html")


def legend(style_id: str) -> Response:
    """The legend: for each layer what is drawn how, and how real it is."""
    ask = current()
    _known(style_id)
    here = alternates(ask, lambda **query: ask.links.legend(NAME, **query), ask.say("图例", "Legend"))
    document = {"title": ask.say("图例", "Legend"), "links": here, "layers": _legend(ask)}
    return answer(ask, document, "legend.html", {"natures": NATURES})


def glyphs(fontstack: str, start: int, end: int) -> Response:
    """A range of 256 glyphs; one that publishing did not make is made now and kept."""
    ask = current()
    if start % 256 or end != start + 255 or end > 65535:
        raise Missing("file", f"{start}-{end}.pbf")
    try:
        body = GlyphStore(ask.service.cache).read(fontstack, start)
    except fonts.UnknownFont:
        raise Missing("file", fontstack) from None
    return whole(ask, body, GLYPHS)


def sprite(name: str) -> Response:
    """A file of the sprite, as it is in the release: the index or the picture, for ordinary and for dense screens."""
    ask = current()
    wanted = f"{name}.{ask.form}"
    for path in ask.manifest.style.sprites:
        if path.rpartition("/")[2].replace("sprite", NAME, 1) == wanted:
            return whole(ask, sealed(ask.release.path, ask.manifest.files, path), ask.media)
    raise Missing("file", wanted)


def rendered(ask: Ask) -> dict[str, Any]:
    """The style of the release with its addresses filled in."""
    pinned = ask.links.pinned
    return shared.render(
        _source(ask),
        lang=ask.lang,
        tilejson_url=pinned.tileset(
            None, ask.manifest.service.tile_matrix_sets[0], f="tilejson", lang=ask.lang
        ),
        glyphs_url=pinned.glyphs(),
        sprite_url=pinned.sprite(),
        layers=ask.manifest.layers,
    )


def _source(ask: Ask) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(
        sealed(ask.release.path, ask.manifest.files, ask.manifest.style.file)
    )
    return found


def _legend(ask: Ask) -> list[dict[str, Any]]:
    source, codelists = _source(ask), ask.manifest.service.codelists
    return [
        {
            "id": layer.id,
            "title": ask.text(layer.layer.title),
            "nature": layer.nature,
            "entries": drawn.legend(source, layer, codelists, ask.lang, layer.values),
        }
        for layer in ask.manifest.layers
    ]


def _known(style_id: str) -> None:
    if style_id != NAME:
        raise Missing("style", style_id)


def _title(ask: Ask) -> str:
    return ask.say("一张蓝图", "The blueprint")


def _links(ask: Ask) -> list[dict[str, Any]]:
    links = ask.links
    return [
        link("stylesheet", links.style(NAME, f="mapbox"), STYLE, "MapLibre"),
        link("describedby", links.style_metadata(NAME), JSON, ask.say("样式说明", "About the style")),
        link("legend", links.legend(NAME), JSON, ask.say("图例", "The legend")),
        link("preview", links.map(), HTML, ask.say("地图", "The map")),
    ]


ROUTES = (
    Route("/styles", styles),
    Route("/styles/<style_id>", style, FORMS),
    Route("/styles/<style_id>/metadata", metadata),
    Route("/styles/<style_id>/legend", legend),
    Route("/fonts/<fontstack>/<int:start>-<int:end>.pbf", glyphs, {"pbf": GLYPHS}),
    Route("/sprites/<name>.json", sprite, {"json": JSON}),
    Route("/sprites/<name>.png", sprite, {"png": PNG}),
)
