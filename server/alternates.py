"""The links from a document to itself and to its other forms and language (OGC 19-072, /req/json, /req/html)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from server.ask import JSON_HTML, Ask
from server.links import link


def alternates(
    ask: Ask, address: Callable[..., str], title: str, forms: Mapping[str, str] = JSON_HTML
) -> list[dict[str, Any]]:
    """`self` for the form that was asked for, `alternate` for each other, and the pinned document.

    `address` makes the document's address from query parameters, `forms` are f -> media type.
    """
    titles = {name: f"{title} ({name.upper()})" for name in forms}
    hreflang = "en" if ask.lang == "en" else "zh-CN"
    found = [
        link(
            "self" if name == ask.form else "alternate",
            address(f=name),
            media,
            titles[name],
            hreflang=hreflang,
        )
        for name, media in forms.items()
    ]
    return sorted(found, key=lambda one: str(one["rel"]) != "self")
