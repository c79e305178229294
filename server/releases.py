"""The releases: all that were published, and the manifest of each."""

from __future__ import annotations

from typing import Any

from flask import Response

from releases import manifest as sealed
from releases.history import Entry, History
from releases.store import ReleaseDamaged, ReleaseGone
from server import report
from server.alternates import alternates
from server.answer import answer, whole
from server.ask import Ask, Route, current
from server.links import HTML, JSON, Links, link
from server.nature import NATURES
from server.params import read, truth
from server.problems import BadRequest, Fault
from server.proof import signature_links, signed

#: The parameter that lists drafts too: they were never published, and only who reviews them looks for them.
DRAFTS = "drafts"


def releases() -> Response:
    """All releases, the one that was current last first: when, by whom, from which files, and what became of it."""
    ask = current()
    faults: list[Fault] = []
    drafts = read(ask.args, DRAFTS, truth, faults)
    if faults:
        raise BadRequest(*faults)
    past = ask.catalogue.history()
    query = {DRAFTS: "true"} if drafts else {}
    document = {
        "title": ask.say("全部版次", "All releases"),
        "current": ask.release.id,
        "acts": len(past.releases),
        "digest": f"sha256:{past.digest}",
        "links": [
            *alternates(ask, lambda **form: ask.links.releases(**query, **form), ask.say("版次", "Releases")),
            link("up", ask.links.landing(), JSON, ask.say("首页", "The landing page")),
        ],
        "releases": [_told(ask, past, entry) for entry in _listed(past, drafts=bool(drafts))],
    }
    return answer(ask, document, "releases.html")


def manifest() -> Response:
    """What a release says about itself: its manifest, byte for byte as it was sealed."""
    ask = current()
    links = [
        *alternates(ask, ask.links.manifest, ask.say("版次清单", "Manifest")),
        *report.links(ask),
        *signature_links(ask),
    ]
    if ask.media == HTML:
        document = {"links": links, "signature": signed(ask)}
        return answer(ask, document, "manifest.html", {"manifest": ask.manifest, "natures": NATURES})
    return whole(ask, (ask.release.path / sealed.NAME).read_bytes(), JSON, links)


def _listed(past: History, *, drafts: bool) -> list[Entry]:
    """Each release once: those that led, the last that did first, and before them the drafts when they are asked for."""
    led = dict.fromkeys(entry.id for entry in past.leading[::-1])
    built = [one for one in past.kept[::-1] if one in past.drafts] if drafts else []
    return [entry for one in (*built, *led) if (entry := past.entry(one)) is not None]


def _told(ask: Ask, past: History, entry: Entry) -> dict[str, Any]:
    gone = past.pruned.get(entry.id)
    draft = entry.id in past.drafts
    current = entry.id == ask.release.id
    acts = [one for one in past.releases if one.id == entry.id]
    made = _made(ask, entry)
    return {
        "id": entry.id,
        "published": entry.published,
        "status": "current" if current else "draft" if draft else "pruned" if gone else "kept",
        "current": current,
        **({"draft": True} if draft else {}),
        "act": entry.act,
        "by": entry.by,
        "note": entry.note,
        "tags": sorted(tag for tag, one in past.tags.items() if one == entry.id),
        **made,
        "manifestDigest": f"sha256:{entry.manifest}",
        "acts": [
            {"act": one.act, "at": one.published, "by": one.by, "note": one.note, "tag": one.tag}
            for one in acts
        ],
        "links": _gone_links(ask, past, entry.id)
        if gone
        else [*_entry_links(ask, entry.id), *_since_links(ask, past, entry.id, made.get("parent"))],
    }


def _made(ask: Ask, entry: Entry) -> dict[str, Any]:
    """What a release was made of and from, as its manifest says; of one that is damaged nothing."""
    try:
        said = ask.catalogue.summary(entry)
    except (ReleaseDamaged, ReleaseGone):
        return {}
    return {
        "parent": said.parent["id"] if said.parent else None,
        "root": said.root,
        "counts": dict(said.layers),
        "features": sum(said.layers.values()),
        "sources": [
            {name: source[name] for name in ("layer", "authority", "path", "sha256", "count")}
            for source in said.sources
        ],
        "findings": dict(said.report),
        "waivers": [dict(one) for one in said.waivers],
        "bytes": said.bytes,
    }


def _entry_links(ask: Ask, release_id: str) -> list[dict[str, Any]]:
    there = Links(ask.links.base, "", release_id).pinned
    return [
        link("item", there.landing(), JSON, ask.say("该版次", "The release")),
        link("describedby", there.manifest(f="json"), JSON, ask.say("清单", "Its manifest")),
        link("related", there.report(f="html"), HTML, ask.say("质检报告", "The gate's report on it")),
    ]


def _since_links(ask: Ask, past: History, release_id: str, parent: str | None) -> list[dict[str, Any]]:
    """The release before, as long as it is there, and what has changed since (RFC 5829 3.3)."""
    if parent is None or parent in past.pruned:
        return []
    earlier, there = (Links(ask.links.base, "", one).pinned for one in (parent, release_id))
    return [
        link("predecessor-version", earlier.landing(), JSON, ask.say("此前的版次", "The release before")),
        link("related", there.changes(parent, f="html"), HTML, ask.say("自此前的变化", "What changed since")),
    ]


def _gone_links(ask: Ask, past: History, release_id: str) -> list[dict[str, Any]]:
    successor = Links(ask.links.base, "", past.successor(release_id) or ask.release.id).pinned
    return [
        link("successor-version", successor.landing(), JSON, ask.say("接替的版次", "What took its place")),
    ]


ROUTES = (
    Route("/releases", releases, parameters=(DRAFTS,), pinned=False),
    Route("/manifest", manifest),
)
