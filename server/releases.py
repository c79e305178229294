"""The releases: all that were published, and the manifest of each."""

from __future__ import annotations

from typing import Any

from flask import Response

from releases import manifest as sealed
from server import report
from server.alternates import alternates
from server.answer import answer, whole
from server.ask import Ask, Route, current
from server.links import HTML, JSON, Links, link
from server.nature import NATURES


def releases() -> Response:
    """All acts of publishing, the latest first."""
    ask = current()
    document = {
        "title": ask.say("全部版次", "All releases"),
        "current": ask.release.id,
        "links": [
            *alternates(ask, ask.links.releases, ask.say("版次", "Releases")),
            link("up", ask.links.landing(), JSON, ask.say("首页", "The landing page")),
        ],
        "releases": [
            {
                "id": entry.id,
                "published": entry.published,
                "note": entry.note,
                "current": entry.id == ask.release.id,
                "manifestDigest": f"sha256:{entry.manifest}",
                "links": _entry_links(ask, entry.id),
            }
            for entry in ask.catalogue.list()
        ],
    }
    return answer(ask, document, "releases.html")


def manifest() -> Response:
    """What a release says about itself: its manifest, byte for byte as it was sealed."""
    ask = current()
    links = [
        *alternates(ask, ask.links.manifest, ask.say("版次清单", "Manifest")),
        *report.links(ask),
    ]
    if ask.media == HTML:
        return answer(ask, {"links": links}, "manifest.html", {"manifest": ask.manifest, "natures": NATURES})
    return whole(ask, (ask.release.path / sealed.NAME).read_bytes(), JSON, links)


def _entry_links(ask: Ask, release_id: str) -> list[dict[str, Any]]:
    there = Links(ask.links.base, "", release_id).pinned
    return [
        link("item", there.landing(), JSON, ask.say("该版次", "The release")),
        link("describedby", there.manifest(f="json"), JSON, ask.say("清单", "Its manifest")),
        link("related", there.report(f="html"), HTML, ask.say("质检报告", "Its report")),
    ]


ROUTES = (
    Route("/releases", releases, pinned=False),
    Route("/manifest", manifest),
    *report.ROUTES,
)
