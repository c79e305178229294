"""The lakes in four releases of known times, a rollback, a draft and a removed release; and a server on them.

2026-01-01  first     lakes and parishes
2026-02-01  second    removed on 2026-06-01
2026-03-01  third     parishes alone
2026-04-01  fourth    lakes and parishes
2026-05-01  rollback to the first
2026-06-01  draft
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import Client, TestResponse

from config.gate import Gate, RuleSetting
from config.models import Service, Text
from config.rules import RULES
from releases import history, keeping, pruning
from releases.manifest import Waiver
from releases.publication import Order, publish


@dataclass(frozen=True)
class Years:
    """The service and the ids of its releases."""

    service: Service
    first: str
    second: str
    third: str
    fourth: str
    draft: str


@pytest.fixture(scope="session")
def years(lakes: Callable[[Path], Any], tmp_path_factory: pytest.TempPathFactory) -> Years:
    """What the docstring says."""
    region = lakes(tmp_path_factory.mktemp("years") / "lakes")
    layers = region.folder / "layers.yml"
    whole = layers.read_text("utf-8")
    accepted = tuple(Waiver(rule=name, reason="a test", by="Li Hua") for name in RULES)
    why = Text(zh="一个测试", en="a test")
    gate = Gate(rules={"layer-vanished": RuleSetting(severity="note", reason=why)})
    ids = []
    with pytest.MonkeyPatch.context() as patch:
        for month in (1, 2, 3, 4, 6):
            patch.setattr(history, "now", lambda month=month: f"2026-0{month}-01T12:00:00Z")
            if month == 6:
                patch.setattr(history, "now", lambda: "2026-05-01T12:00:00Z")
                keeping.rollback(region.service.published, ids[0], by="Wang")
                patch.setattr(history, "now", lambda: "2026-06-01T12:00:00Z")
            layers.write_text(whole.partition("  - id: lakes\n")[0] if month == 3 else whole, "utf-8")
            region.edit(month)
            order = Order("Li Hua", f"month {month}", accepted, draft=month == 6)
            outcome = publish(region.service.model_copy(update={"gate": gate}), order=order)
            assert outcome.status == "published", [str(finding) for finding in outcome.findings]
            ids.append(str(outcome.release_id))
        pruning.prune(region.service.published, pruning.Policy(only=(ids[1],)), by="Wang", note="room")
        keeping.tag(region.service.published, "年初版", ids[0])
    return Years(region.service, *ids)


@pytest.fixture(scope="session")
def server(years: Years) -> Any:
    """The whole server as a WSGI callable."""
    from server.application import create_application

    return create_application(years.service)


@pytest.fixture(scope="session")
def ask(server: Any) -> Callable[..., TestResponse]:
    """Ask for an address or path with headers, as `accept_datetime="..."`; redirects are not followed."""
    client = Client(server)

    def ask(address: str, method: str = "GET", **headers: str) -> TestResponse:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return client.open(address.removeprefix("http://localhost"), method=method, headers=given)

    return ask


@dataclass(frozen=True)
class Link:
    """One link of a header or of a document in link-format."""

    href: str
    rel: frozenset[str]
    attributes: dict[str, str]


_LINK = re.compile(r'<([^>]*)>((?:\s*;\s*[a-z-]+="[^"]*")*)\s*(?:,|$)')


@pytest.fixture(scope="session")
def linked() -> Callable[[str], list[Link]]:
    """Read links as RFC 8288 writes them; all of the text must be links."""

    def linked(text: str) -> list[Link]:
        found = []
        rest = text.strip()
        while rest:
            link = _LINK.match(rest)
            assert link is not None, rest[:200]
            attributes = dict(re.findall(r';\s*([a-z-]+)="([^"]*)"', link[2]))
            found.append(Link(link[1], frozenset(attributes.pop("rel").split()), attributes))
            rest = rest[link.end() :].lstrip()
        return found

    return linked
