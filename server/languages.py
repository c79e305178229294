"""Chinese or English: which of the two a reader gets (RFC 9110 12.5.4)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qs

from config.models import Lang

LANGS: Final[tuple[Lang, ...]] = ("zh", "en")


def negotiated(accept_language: str | None, default: Lang) -> Lang:
    """The language of an Accept-Language header: the best of ours by its weights, else the service's own."""
    best: tuple[float, Lang] | None = None
    for part in (accept_language or "").split(","):
        name, _, weight = part.strip().partition(";")
        lang = _known(name.strip().lower(), default)
        quality = _quality(weight)
        if lang is not None and quality > 0 and (best is None or quality > best[0]):
            best = (quality, lang)
    return best[1] if best else default


def of_request(environ: Mapping[str, Any], default: Lang) -> Lang:
    """The language of a WSGI request: its `lang`, else its header; a wrong `lang` counts as none."""
    asked = parse_qs(environ.get("QUERY_STRING", "")).get("lang", [])
    for lang in LANGS:
        if asked == [lang]:
            return lang
    return negotiated(environ.get("HTTP_ACCEPT_LANGUAGE"), default)


def _known(name: str, default: Lang) -> Lang | None:
    if name == "*":
        return default
    primary = name.split("-")[0]
    return next((lang for lang in LANGS if lang == primary), None)


def _quality(weight: str) -> float:
    name, _, value = weight.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return min(max(float(value), 0.0), 1.0)
    except ValueError:
        return 0.0
