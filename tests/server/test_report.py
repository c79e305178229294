"""The gate's report over HTTP: the sealed files, by negotiation and by their names."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import orjson
import pytest
from werkzeug.test import Client

from config.models import Service
from releases.manifest import Waiver
from releases.publication import Order, publish
from releases.release import Catalogue, Release
from releases.report import names
from server.application import create_application

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


@pytest.fixture
def accepted(lakes: Any, tmp_path: Path) -> Service:
    """The imaginary lakes with a warning that somebody took upon himself, published."""
    region = lakes(tmp_path / "lakes")
    path = region.folder / "data" / "norland" / "parishes.geojson"
    document = orjson.loads(path.read_bytes())
    ring = document["features"][2]["geometry"]["coordinates"][0]
    ring.insert(1, ring[1])
    path.write_bytes(orjson.dumps(document))
    waiver = Waiver(rule="duplicate-points", reason="as <surveyed>", by="Li Hua")
    outcome = publish(region.service, order=Order(by="Li Hua", accepted=(waiver,)))
    assert outcome.status == "published", [str(finding) for finding in outcome.findings]
    service: Service = region.service
    return service


def test_who_accepted_what_is_told_by_the_manifest_the_report_and_their_pages(accepted: Service) -> None:
    client = Client(create_application(accepted))
    waiver = {"rule": "duplicate-points", "reason": "as <surveyed>", "by": "Li Hua"}
    assert client.get("/manifest?f=json").json["waivers"] == [waiver]
    assert client.get("/report?f=json").json["waivers"] == [waiver]
    for path in ("/manifest?f=html&lang=en", "/report?f=html&lang=en"):
        page = client.get(path).get_data(as_text=True)
        assert "Li Hua" in page and "as &lt;surveyed&gt;" in page


@pytest.mark.parametrize("form", ["json", "html", "gpkg"])
def test_a_report_with_an_altered_byte_is_never_sent(accepted: Service, form: str) -> None:
    folder = Catalogue(accepted.published).current().path / names.FOLDER
    for path in folder.iterdir():
        body = path.read_bytes()
        path.chmod(0o644)
        path.write_bytes(body[:-1] + bytes([body[-1] ^ 1]))
    answer = Client(create_application(accepted)).get(
        f"/report?f={form}", headers={"Accept": "application/json"}
    )
    assert answer.status_code == 500
    assert answer.content_type == "application/problem+json"
