"""The list of releases and the manifest of each."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from releases.release import Release

Json = Callable[..., Any]
Get = Callable[..., Any]


def test_the_list_leads_to_each_release(json: Json, get: Get, release: Release) -> None:
    document = json("/releases")
    assert document["current"] == release.id == document["releases"][0]["id"]
    for one in document["releases"]:
        for link in one["links"]:
            get(link["href"])


def test_a_manifest_is_sent_as_it_was_sealed(get: Get, json: Json, release: Release) -> None:
    sealed = json("/releases")["releases"][0]["manifestDigest"]
    text = get(f"/releases/{release.id}/manifest", Accept="application/json").data
    assert f"sha256:{hashlib.sha256(text).hexdigest()}" == sealed


def test_a_layers_digest_can_be_checked_by_anybody(get: Get, json: Json, release: Release) -> None:
    manifest = json(f"/releases/{release.id}/manifest")
    layer = next(one for one in manifest["layers"] if one["layer"]["id"] == "rivers")
    body = get(f"/releases/{release.id}/collections/rivers/items?limit=10000").data
    features = body[body.index(b'"features":[') + len(b'"features":[') : -2].split(b",\n")
    assert hashlib.sha256(b"".join(one + b"\n" for one in features)).hexdigest() == layer["digest"]


def test_an_unknown_release_is_not_found(get: Get) -> None:
    for path in ("", "/collections", "/manifest", "/map"):
        get(f"/releases/{'0' * 16}{path}", 404)
