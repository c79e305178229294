"""Links written as text: in a Link header (RFC 8288 3), and as a document of them, `application/link-format` (RFC 6690 2),
which is how a TimeMap lists the states of a resource (RFC 7089 5).

Mementos stand in the order of their time; the first and the last of them are also called so (RFC 7089 2.2.4).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple

from werkzeug.http import http_date

MEDIA: Final = "application/link-format"


class Memento(NamedTuple):
    """A frozen state of a resource: where it is, and since when it was so, RFC 3339 in UTC."""

    href: str
    time: str


def value(href: str, rel: str, **attributes: str | None) -> str:
    """One link as RFC 8288 writes it. `href` is encoded already; attributes that are None are left out."""
    text = f'<{href}>; rel="{rel}"'
    for name, given in attributes.items():
        if given is not None:
            text += f"; {name}={_quoted(given)}"
    return text


@lru_cache(maxsize=4096)
def date(time: str) -> str:
    """A time of the history as HTTP writes it (RFC 7089 2.1.1: rfc1123-date)."""
    return http_date(datetime.fromisoformat(time).astimezone(UTC))


def mementos(found: Sequence[Memento]) -> list[str]:
    """Mementos, oldest first, as links; one that stands alone is the first and the last."""
    links = []
    for place, one in enumerate(found):
        names = [
            *(["first"] if place == 0 else []),
            *(["last"] if place == len(found) - 1 else []),
            "memento",
        ]
        links.append(value(one.href, " ".join(names), datetime=date(one.time)))
    return links


def timemap(original: str, timegate: str, itself: str, found: Sequence[Memento]) -> bytes:
    """The states of a resource, oldest first, as a TimeMap in link-format.

    Parameters
    ----------
    original, timegate, itself : the addresses of the resource, of what leads to its states, and of this document
    """
    span = {"from": date(found[0].time), "until": date(found[-1].time)} if found else {}
    links = [
        value(itself, "self", type=MEDIA, **span),
        *(
            [value(original, "original timegate")]
            if original == timegate
            else [value(original, "original"), value(timegate, "timegate")]
        ),
        *mementos(found),
    ]
    return document(links)


def timemap_json(original: str, timegate: str, itself: str, found: Sequence[Memento]) -> dict[str, Any]:
    """The same as JSON, with the names that the Memento Time Travel service gave its own."""
    states = [{"datetime": one.time, "uri": one.href} for one in found]
    ends = {"first": states[0], "last": states[-1]} if states else {}
    return {
        "original_uri": original,
        "timegate_uri": timegate,
        "timemap_uri": {"json_format": itself},
        "mementos": {**ends, "list": states},
    }


def document(links: Iterable[str]) -> bytes:
    """A document of links, a line each."""
    return ",\n".join(links).encode() + b"\n"


def _quoted(text: str) -> str:
    if '"' in text or "\\" in text:
        text = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'
