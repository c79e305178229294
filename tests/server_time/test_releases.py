"""The list of releases: who published what, when and from which files, and what became of it."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from werkzeug.test import Client

from releases import history

Ask = Callable[..., Any]


def test_each_release_is_listed_once_the_one_that_led_last_first(ask: Ask, years: Any) -> None:
    document = ask("/releases", accept="application/json").json
    listed = [(one["id"], one["status"], one["current"]) for one in document["releases"]]
    assert listed == [
        (years.first, "current", True),
        (years.fourth, "kept", False),
        (years.third, "kept", False),
        (years.second, "pruned", False),
    ]
    assert document["current"] == years.first
    assert document["digest"] == f"sha256:{history.read(years.service.published).digest}"


def test_a_release_says_who_published_what_when_and_from_which_files(ask: Ask, years: Any) -> None:
    first, _, third, second = ask("/releases?f=json").json["releases"]
    assert (first["published"], first["by"], first["note"]) == ("2026-01-01T12:00:00Z", "Li Hua", "month 1")
    assert first["tags"] == ["年初版"]
    assert [(act["act"], act["by"]) for act in first["acts"]] == [
        ("publish", "Li Hua"),
        ("rollback", "Wang"),
        ("tag", None),
    ]
    assert third["counts"] == {"parishes": 5} and third["features"] == 5
    assert third["parent"] == years.second
    assert second["counts"] == {"parishes": 5, "lakes": 5}, "its manifest was kept"
    parts = {(source["layer"], source["authority"], source["count"]) for source in first["sources"]}
    assert {layer for layer, _, _ in parts} == {"parishes", "lakes"}
    assert sum(count for _, _, count in parts) == first["features"] == 10
    data = years.service.data
    files = {source["path"] for source in first["sources"]}
    assert all((data / path).exists() for path in files)
    draft = ask("/releases?drafts=true").json["releases"][0]
    for source in draft["sources"]:
        assert hashlib.sha256((data / source["path"]).read_bytes()).hexdigest() == source["sha256"]


def test_links_lead_to_each_release_its_manifest_and_its_report(ask: Ask, years: Any) -> None:
    for one in ask("/releases?drafts=true").json["releases"]:
        rels = [link["rel"] for link in one["links"]]
        if one["status"] == "pruned":
            assert rels == ["successor-version"]
        else:
            assert rels[:3] == ["item", "describedby", "related"]
        for link in one["links"]:
            assert ask(link["href"]).status_code == 200


def test_drafts_are_listed_only_when_they_are_asked_for(ask: Ask, years: Any) -> None:
    assert years.draft not in ask("/releases").text
    draft = ask("/releases?drafts=true").json["releases"][0]
    assert (draft["id"], draft["status"], draft["draft"], draft["current"]) == (
        years.draft,
        "draft",
        True,
        False,
    )
    assert ask("/releases?drafts=false").json["releases"] == ask("/releases").json["releases"]
    assert ask("/releases?drafts=perhaps").status_code == 400


def test_the_page_says_the_same_to_people(ask: Ask, years: Any) -> None:
    for lang, words in (
        ("zh", ("已移除", "当前", "接替的版次")),
        ("en", ("removed", "current", "What took its place")),
    ):
        page = ask(f"/releases?lang={lang}", accept="text/html").text
        for text in (years.first, years.second, years.third, years.fourth, "年初版", "Li Hua", *words):
            assert text in page
        assert years.draft not in page


def test_an_act_reaches_the_list_at_once(ask: Ask, years: Any) -> None:
    tag = ask("/releases").headers["ETag"]
    assert ask("/releases", if_none_match=tag).status_code == 304
    assert ask("/releases?drafts=true").headers["ETag"] != tag


def test_a_release_with_a_corrupt_manifest_takes_nothing_else_with_it(years: Any, tmp_path: Path) -> None:
    from server.application import create_application

    published = tmp_path / "published"
    shutil.copytree(years.service.published, published)
    manifest = published / "releases" / years.third / "manifest.json"
    manifest.chmod(0o644)
    manifest.write_text("{")
    client = Client(create_application(years.service.model_copy(update={"published": published})))
    listed = {one["id"]: one for one in client.get("/releases").json["releases"]}
    assert "counts" not in listed[years.third] and listed[years.fourth]["counts"]
    told = client.get(f"/releases/{years.third}/collections")
    assert told.status_code == 500 and told.json["code"] == "damaged"
    assert client.get("/collections/parishes/items").status_code == 200
    march = {"Accept-Datetime": "Sun, 15 Mar 2026 00:00:00 GMT"}
    led = client.get("/collections/parishes", headers=march)
    assert led.headers["Location"].endswith(f"/releases/{years.first}/collections/parishes"), "led past it"
