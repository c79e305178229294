"""The gate's report over HTTP: the sealed files, by negotiation and by their names."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import jsonschema
import pytest

from releases.release import Release
from releases.report import names

Get = Callable[..., Any]
Json = Callable[..., Any]


def sealed(release: Release, name: str) -> bytes:
    return (release.path / names.FOLDER / name).read_bytes()


@pytest.mark.parametrize("pinned", [False, True])
@pytest.mark.parametrize(
    ("query", "accept", "name"),
    [
        ("?f=json", "*/*", names.JSON),
        ("", "application/json", names.JSON),
        ("?f=html&lang=zh", "*/*", names.PAGES["zh"]),
        ("?lang=en", "text/html", names.PAGES["en"]),
        ("?f=gpkg", "*/*", names.GEOPACKAGE),
        ("", "application/geopackage+sqlite3", names.GEOPACKAGE),
    ],
)
def test_the_report_is_sent_as_it_was_sealed(
    get: Get, release: Release, query: str, accept: str, name: str, pinned: bool
) -> None:
    tree = f"/releases/{release.id}" if pinned else ""
    answer = get(f"{tree}/report{query}", Accept=accept)
    assert answer.data == sealed(release, name)
    digest = hashlib.sha256(answer.data).hexdigest()
    assert release.manifest.files[f"{names.FOLDER}/{name}"].sha256 == digest
    assert ("immutable" in answer.headers["Cache-Control"]) is pinned


@pytest.mark.parametrize("tree", ["", "/releases/{id}"])
def test_each_file_of_the_report_has_its_own_address_beside_the_report(
    get: Get, release: Release, tree: str
) -> None:
    for name in (names.JSON, *names.PAGES.values(), names.GEOPACKAGE):
        assert get(f"{tree.format(id=release.id)}/{name}").data == sealed(release, name)


def test_a_page_says_its_own_language_whatever_the_reader_speaks(get: Get) -> None:
    assert get("/report.zh.html", Accept_Language="en").headers["Content-Language"] == "zh-CN"
    assert get("/report.en.html", Accept_Language="zh").headers["Content-Language"] == "en"


def test_the_report_fits_the_schema_that_is_served_with_it(json: Json) -> None:
    schema = json("/report.schema.json")
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(json("/report?f=json"))


def test_the_manifest_holds_the_reports_digest_and_counts(json: Json, get: Get, release: Release) -> None:
    said = json(f"/releases/{release.id}/manifest")["report"]
    report = get("/report?f=json")
    assert said["digest"] == hashlib.sha256(report.data).hexdigest()
    assert {name: said[name] for name in ("refuse", "warn", "note")} == report.json["counts"]


def test_a_geopackage_is_sent_in_parts_too(get: Get, release: Release) -> None:
    whole = sealed(release, names.GEOPACKAGE)
    part = get("/report?f=gpkg", 206, Range="bytes=0-15")
    assert part.data == whole[:16] == b"SQLite format 3\0"
    assert part.headers["Content-Range"] == f"bytes 0-15/{len(whole)}"


def test_documents_lead_to_the_report(json: Json, get: Get, release: Release) -> None:
    for path in ("/", f"/releases/{release.id}", f"/releases/{release.id}/manifest"):
        if path.endswith("manifest"):
            found = get(f"{path}?f=html").get_data(as_text=True)
        else:
            links = [link for link in json(path)["links"] if "/report" in link["href"]]
            assert {link["type"] for link in links} == {
                "application/json",
                "text/html",
                "application/geopackage+sqlite3",
            }
            found = get(f"{path}?f=html").get_data(as_text=True)
        assert "/report?f=html" in found
    for one in json("/releases")["releases"]:
        assert any(link["href"].endswith(f"/releases/{one['id']}/report?f=html") for link in one["links"])


def test_what_the_report_does_not_offer_is_told(get: Get) -> None:
    for path in ("/report?f=pdf", "/report?lang=de", "/report?page=2", "/report.json?f=html"):
        get(path, 400)
    get("/report", 406, Accept="image/png")
    get("/report.de.html", 404)
    get(f"/releases/{'0' * 16}/report", 404)
