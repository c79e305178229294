"""What an answer says of its place in time (RFC 7089 2.1 and 2.2), as headers.

A resource of the current tree is an original resource and its own timegate (pattern 1.1 of 4.1.1: 302, and a distinct
address for each state); the same path in the tree of a release is a memento of it. A draft is neither: it was never the
state of anything.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote

from config.models import Text
from releases.history import Entry
from releases.timeline import Timeline
from server import linkformat
from server.ask import Ask
from server.links import Links
from server.problems import BadRequest, Fault

ACCEPT: Final = "Accept-Datetime"
#: rfc1123-date (RFC 7089 2.1.1): always in GMT, days and months in English, no other form.
_DATE = re.compile(
    r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (?P<day>[0-9]{2}) "
    r"(?P<month>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) (?P<year>[0-9]{4}) "
    r"(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2}):(?P<second>[0-9]{2}) GMT"
)
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_LAYER = re.compile(r"/collections/([^/]+)")
SAFE: Final = "/:@!$&'()*+,;=~-._"
_SAFE_QUERY: Final = "%&=/:@!$'()*+,;~-._?"
#: What nearly every path is.
_PLAIN = re.compile(r"[A-Za-z0-9/._-]*")


def moment(header: str) -> datetime:
    """The moment that an Accept-Datetime header names; BadRequest for any other text, as RFC 7089 4.5.3 demands."""
    found = _DATE.fullmatch(header.strip())
    try:
        if found is None:
            raise ValueError(header)
        month = _MONTHS.index(found["month"]) + 1
        year, day, hour, minute, second = (
            int(found[name]) for name in ("year", "day", "hour", "minute", "second")
        )
        # A leap second is a date too (RFC 9110 5.6.7), and no clock of ours knows it.
        return datetime(year, month, day, hour, minute, 59 if second == 60 else second, tzinfo=UTC)
    except ValueError:
        shown = repr(header[:60]) if header.isprintable() else ascii(header[:60])
        raise BadRequest(
            Fault(
                ACCEPT,
                Text(zh=f"{shown} 不是时刻", en=f"{shown} is no such date"),
                Text(
                    zh="RFC 1123 时刻，如 Thu, 31 May 2007 20:35:00 GMT",
                    en="a date as in RFC 1123, such as Thu, 31 May 2007 20:35:00 GMT",
                ),
            )
        ) from None


def layer_of(path: str) -> str | None:
    """The collection that a path of the current tree lies in, None for one that lies in none."""
    found = _LAYER.match(path)
    return found[1] if found else None


def encoded(path: str, query: str) -> str:
    """A path, decoded, and a query, as it came, as they stand in an address."""
    if not _PLAIN.fullmatch(path):
        path = quote(path, safe=SAFE)
    return f"{path}?{quote(query.encode('latin-1'), safe=_SAFE_QUERY)}" if query else path


def state(base: str, entry: Entry, below: str) -> linkformat.Memento:
    """The memento of a resource in a release; `below` is its path and query, encoded."""
    return linkformat.Memento(f"{base}/releases/{entry.id}{'' if below == '/' else below}", entry.published)


def gate(links: Links, below: str) -> list[str]:
    """The links from a resource, or a state of it, to what leads to its states."""
    return [
        linkformat.value(links.base + below, "original timegate"),
        linkformat.value(links.timemap("link", below), "timemap", type=linkformat.MEDIA),
    ]


def neighbours(base: str, timeline: Timeline, release_id: str, layer: str | None, below: str) -> list[str]:
    """The links to the first state of a resource, the last, and those beside the one of a release, in that order of time."""
    around = timeline.around(release_id, layer)
    if around is None:
        return []
    named: dict[str, list[str]] = {}
    there: dict[str, Entry] = {}
    for rel, entry in zip(around._fields, around):
        if entry is not None:
            named.setdefault(entry.id, []).append(rel)
            there[entry.id] = entry
    found = []
    for release_id, rels in sorted(named.items(), key=lambda one: there[one[0]].published):
        one = state(base, there[release_id], below)
        found.append(
            linkformat.value(one.href, " ".join((*rels, "memento")), datetime=linkformat.date(one.time))
        )
    return found


def links(ask: Ask) -> list[str]:
    """The links of an answer."""
    if ask.release.draft or not ask.route.pinned or ask.incoming.method == "POST":
        return []
    path = ask.path.removeprefix(ask.links.tree) or "/"
    below = encoded(path, ask.incoming.query)
    base, release = ask.links.base, ask.release
    found = gate(ask.links, below)
    if ask.in_release:
        return found + neighbours(base, ask.catalogue.timeline(), release.id, layer_of(path), below)
    itself = state(base, release.entry, below)
    return [*found, linkformat.value(itself.href, "memento", datetime=linkformat.date(itself.time))]
