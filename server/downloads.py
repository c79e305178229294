"""Whole layers as files: written when the release was made, sent as they are, from any byte to any other (RFC 9110, 14).

A file's tag is strong and is of its content alone: two releases that have the same file have the same tag. Nothing is coded
on the way, because a range counts the bytes of the file.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from flask import Response

from config.models import Text
from releases import crs
from releases.manifest import PublishedLayer
from server import freshness, ranges
from server.answer import lifetime, unchanged, vary, whole
from server.ask import Ask
from server.items.forms import ENDINGS, MEDIA
from server.links import link
from server.problems import Fault

#: Forms of whole layers, and what people call them.
FORMS: Final = {"flatgeobuf": "FlatGeobuf", "geoparquet": "GeoParquet", "gpkg": "GeoPackage"}
#: Parameters that leave a file as it is.
_NEUTRAL: Final = ("f", "lang")


def asked(ask: Ask, layer: PublishedLayer) -> bool:
    """Whether a request for features is one for the file of the whole layer."""
    return ask.form in layer.downloads and not ask.faults and all(name in _NEUTRAL for name in ask.args)


def refused(ask: Ask) -> list[Fault]:
    """A fault for each parameter that would select from what is to be had as a whole alone."""
    if ask.form != "gpkg":
        return []
    message = Text(
        zh="GeoPackage 只提供整个图层，不能筛选",
        en="a GeoPackage holds the whole layer: nothing selects from it",
    )
    expected = Text(zh="只有 f=gpkg，或改用其他格式", en="f=gpkg alone, or another form")
    return [Fault(name, message, expected) for name in ask.args if name not in _NEUTRAL]


def file(ask: Ask, layer: PublishedLayer) -> Response:
    """The file of the whole layer, or the parts of it that are asked for; Unsatisfiable when it has none of them."""
    path = ask.release.store.file(layer.id, ask.form)
    saved = f"{layer.id}-{ask.release.id}.{ENDINGS[ask.form]}"
    return sealed(ask, layer.downloads[ask.form], path, saved)


def sealed(ask: Ask, name: str, path: Path, saved: str) -> Response:
    """A file of the release as it lies at `path`, or parts of it; `name` is its name there, `saved` for who keeps it."""
    seal = ask.manifest.files[name]
    tag = f'"{seal.sha256[:32]}"'
    theirs = ask.incoming.header("IF_NONE_MATCH") or ""
    if theirs.strip() == "*" or freshness.named(theirs, [tag]):
        return unchanged(ask, tag)
    wanted = ask.incoming.header("RANGE") if ask.incoming.method == "GET" else None
    spans = ranges.spans(wanted, ask.incoming.header("IF_RANGE"), tag, seal.size)
    response = whole(ask, b"", ask.media)
    headers = response.headers
    headers.update({"ETag": tag, "Vary": vary(ask), "Cache-Control": lifetime(ask), "Accept-Ranges": "bytes"})
    headers["Content-Crs"] = f"<{crs.uri(_crs(ask))}>"
    headers["Content-Disposition"] = f'attachment; filename="{saved}"'
    if spans is None:
        span = ranges.Span(0, seal.size - 1)
        response.response, headers["Content-Length"] = ranges.read(path, span), str(span.size)
    elif len(spans) == 1:
        response.status_code = 206
        headers["Content-Range"] = spans[0].of(seal.size)
        response.response, headers["Content-Length"] = ranges.read(path, spans[0]), str(spans[0].size)
    else:
        response.status_code = 206
        parts = ranges.Parts(spans, seal.size, ask.media, f"part-{seal.sha256[:24]}")
        headers["Content-Type"] = parts.content_type
        response.response, headers["Content-Length"] = parts.read(path), str(parts.length)
    return response


def links(ask: Ask, layer: PublishedLayer) -> list[dict[str, Any]]:
    """A link to each file of a layer, with its length: without one pygeoapi would ask for it, file by file."""
    return [
        link(
            "enclosure",
            ask.links.items(layer.id, f=form),
            MEDIA[form],
            ask.say(f"整个图层（{FORMS[form]}）", f"The whole layer ({FORMS[form]})"),
            length=ask.manifest.files[name].size,
        )
        for form, name in layer.downloads.items()
    ]


def _crs(ask: Ask) -> str:
    """The CRS of a file: that of every answer unless said, but a GeoPackage is the release's own database."""
    return ask.manifest.service.crs if ask.form == "gpkg" else "OGC:CRS84"
