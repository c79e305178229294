"""What went wrong, as a page for a reader's browser: the same words as the document, and a form to put it right."""

from __future__ import annotations

import json
from collections.abc import Callable
from html import unescape
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote, urlsplit

import pytest

Get = Callable[..., Any]
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
WRONG = "/collections/xzq_county/items?filter=MJJ%20%3E%203&bbox=1&none=%3Cscript%3E"


class Page(HTMLParser):
    """What of the page matters here: its language and words, its form, and where it leads."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.lang, self.words = "", ""
        self.action: str | None = None
        #: Name of a field -> its attributes, its text as "value".
        self.fields: dict[str, dict[str, str]] = {}
        self.labels: set[str] = set()
        self.ids: set[str] = set()
        self.leads: list[str] = []
        self._area = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        self.ids.add(given.get("id", ""))
        match tag:
            case "html":
                self.lang = given["lang"]
            case "form":
                self.action = given["action"]
            case "label":
                self.labels.add(given["for"])
            case "a" | "link":
                self.leads.append(given["href"])
            case "input" | "textarea":
                self.fields[given["name"]] = {"value": "", **given}
                self._area = given["name"] if tag == "textarea" else ""

    def handle_endtag(self, tag: str) -> None:
        self._area = ""

    def handle_data(self, data: str) -> None:
        self.words += data
        if self._area:
            self.fields[self._area]["value"] += data


@pytest.mark.parametrize("accept", ["*/*", "application/json", "application/json, text/html;q=0.9", ""])
def test_a_program_gets_the_document(get: Get, accept: str) -> None:
    answer = get(WRONG, status=400, Accept=accept)
    assert answer.content_type == "application/problem+json" and len(answer.json["errors"]) == 3


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_browser_gets_a_page_that_says_the_same(get: Get, lang: str) -> None:
    document = get(f"{WRONG}&lang={lang}", status=400).json
    answer = get(f"{WRONG}&lang={lang}", status=400, Accept=BROWSER)
    assert answer.content_type == "text/html; charset=utf-8" and "Accept" in answer.headers["Vary"]
    assert answer.headers["Cache-Control"] == "no-store"
    page = Page(answer.get_data(as_text=True))
    assert page.lang == {"zh": "zh-CN", "en": "en"}[lang]
    assert document["title"] in page.words
    for fault in document["errors"]:
        assert fault["detail"] in page.words and fault["expected"] in page.words


def test_each_parameter_is_a_field_that_holds_what_was_asked_and_is_described_by_its_faults(get: Get) -> None:
    page = Page(get(WRONG, status=400, Accept=BROWSER).get_data(as_text=True))
    assert page.action == "/collections/xzq_county/items"
    asked = {"filter": "MJJ > 3", "bbox": "1", "none": "<script>"}
    assert {name: field["value"] for name, field in page.fields.items()} == asked
    for field in page.fields.values():
        assert field["aria-invalid"] == "true" and field["aria-describedby"] in page.ids
        assert field["id"] in page.labels


def test_put_right_it_leads_to_the_features(get: Get) -> None:
    address = "/collections/xzq_county/items?limit=2&none=1"
    page = Page(get(address, status=400, Accept=BROWSER).get_data(as_text=True))
    [without] = [lead for lead in page.leads if "limit" in lead and "none" not in lead]
    assert get(without, Accept=BROWSER).status_code == 200


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/nowhere", 404),
        ("/collections/none", 404),
        ("/collections/xzq_county/items/none", 404),
        ("/tiles/none", 404),
    ],
)
def test_what_is_not_there_is_told_as_a_page_too(get: Get, path: str, status: int) -> None:
    document = get(path, status=status).json
    page = get(path, status=status, Accept=BROWSER).get_data(as_text=True)
    assert document["detail"] in unescape(page) and "<form" not in page


def test_no_request_writes_markup_or_leads_to_another_host(get: Get) -> None:
    evil = quote('"><script>alert(1)</script>', safe="")
    for path in (f"//evil.example/x?{evil}={evil}", f"/collections?{evil}={evil}", f"/{evil}?x={evil}"):
        answer = get(path, status=400 if path.startswith("/coll") else 404, Accept=BROWSER)
        text = answer.get_data(as_text=True)
        assert "<script" not in text
        page = Page(text)
        for address in (*page.leads, page.action or ""):
            assert not urlsplit(address).netloc, address


def test_a_wrong_host_is_no_part_of_the_page(get: Get) -> None:
    answer = get("/", status=400, Accept=BROWSER, Host="evil.example;x")
    text = answer.get_data(as_text=True)
    assert "evil.example" not in text and "Host" in text


def test_the_page_says_what_the_document_says_for_a_form_by_post(client: Any) -> None:
    answer = client.post(
        "/collections/xzq_county/items", data={"filter": "MJJ > 3"}, headers={"Accept": BROWSER}
    )
    assert answer.status_code == 400
    assert "MJJ" in answer.get_data(as_text=True) and "<form" not in answer.get_data(as_text=True)
    told = client.post("/collections/xzq_county/items", data={"filter": "MJJ > 3"})
    assert json.loads(told.get_data())["errors"][0]["parameter"] == "filter"
