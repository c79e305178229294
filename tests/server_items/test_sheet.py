"""The page of features for people: what it shows of a query, and that each of its links and forms asks what it says."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import pytest

Get = Callable[..., Any]
ITEMS = "/collections/xzq_county/items"


class Sheet(HTMLParser):
    """What of the page matters here."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.words = ""
        #: Text of a link -> its attributes.
        self.links: dict[str, dict[str, str]] = {}
        #: Field that a column is of -> attributes of its head and of the link in it.
        self.heads: dict[str, dict[str, str]] = {}
        self.forms: list[dict[str, str]] = []
        self.ids: list[str] = []
        self.map: dict[str, str] = {}
        self.scripts: list[str] = []
        self._head: dict[str, str] = {}
        self._link: dict[str, str] | None = None
        self._area = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        if given.get("id") == "smallmap":
            self.map = given
        match tag:
            case "th" if "title" in given:
                self._head = self.heads.setdefault(given["title"], given)
            case "th":
                self._head = {}
                self._link = {"row": ""}
            case "a":
                self._link = {**given, "text": "", "row": "id" if self._link == {"row": ""} else ""}
                if self._head:
                    self._head["href"] = given["href"]
            case "form":
                self.forms.append({"method": given.get("method", "")})
            case "input" | "textarea":
                self.forms[-1][given["name"]] = given.get("value", "")
                self._area = given["name"] if tag == "textarea" else ""
            case "script":
                self.scripts.append(given.get("src", ""))

    def handle_endtag(self, tag: str) -> None:
        self._area = ""
        if tag == "a" and self._link is not None:
            # The first: all links of the document are listed once more at the end of the page.
            self.links.setdefault(self._link.get("aria-label") or self._link["text"], self._link)
            if self._link["row"]:
                self.ids.append(self._link["text"])
            self._link = None
        if tag == "th":
            self._head = {}

    def handle_data(self, data: str) -> None:
        self.words += data
        if self._area:
            self.forms[-1][self._area] += data
        if self._link is not None and "text" in self._link:
            self._link["text"] += data


@pytest.fixture
def sheet(get: Get) -> Callable[..., Sheet]:
    """A page as people get it, from a path and parameters or from an address."""

    def sheet(address: str, **query: Any) -> Sheet:
        if query or "?" not in address:
            address += "?" + urlencode({"f": "html", "lang": "en", **query})
        return Sheet(get(address).get_data(as_text=True))

    return sheet


def asked(address: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(address).query))


def ids(get: Get, **query: Any) -> list[str]:
    return [one["id"] for one in get(f"{ITEMS}?{urlencode(query)}").json["features"]]


def test_a_page_says_which_features_of_how_many_it_shows(sheet: Callable[..., Sheet]) -> None:
    assert "1–100 of 221 features" in sheet(ITEMS).words
    assert "201–221 of 221 features" in sheet(ITEMS, offset=200).words
    assert "Nothing on this page, 221 features in all." in sheet(ITEMS, offset=500).words
    assert "No feature matches." in sheet(ITEMS, XZQMC="nowhere").words


def test_pages_lead_on_back_and_to_the_first(sheet: Callable[..., Sheet], get: Get) -> None:
    page, walked = sheet(ITEMS, limit=50), []
    assert "Previous page" not in page.links and "First page" not in page.links
    while True:
        walked += page.ids
        if "Next page" not in page.links:
            break
        page = sheet(page.links["Next page"]["href"])
    assert walked == ids(get, limit=1000)
    assert sheet(page.links["Previous page"]["href"]).ids == walked[150:200]
    assert sheet(page.links["First page"]["href"]).ids == walked[:50]


@pytest.mark.parametrize("field", ["MJ", "XZQMC"])
def test_a_head_sorts_and_sorts_the_other_way_when_it_is_sorted_by(
    sheet: Callable[..., Sheet], get: Get, field: str
) -> None:
    page = sheet(ITEMS, limit=20, SJDM="510100", offset=0)
    for sign, order in (("+", "ascending"), ("-", "descending"), ("+", "ascending")):
        assert page.heads[field].get("aria-sort") != order
        address = page.heads[field]["href"]
        assert asked(address)["sortby"] == sign + field and "offset" not in asked(address)
        page = sheet(address)
        assert page.heads[field]["aria-sort"] == order
        assert sum("aria-sort" in head for head in page.heads.values()) == 1
        assert f" {order}" in page.words
        assert page.ids == ids(get, SJDM="510100", sortby=sign + field, limit=20)
    assert "sortby" not in asked(page.links["Do not sort"]["href"])


def test_what_has_no_order_has_no_link(sheet: Callable[..., Sheet]) -> None:
    heads = sheet("/collections/major_projects/items").heads
    assert "href" not in heads["XZQDMS"] and "href" in heads["XMMC"]


def test_conditions_are_shown_and_each_can_be_taken_away(sheet: Callable[..., Sheet]) -> None:
    page = sheet(
        ITEMS,
        bbox="103,30,105,31",
        datetime="2020-01-01/..",
        SJDM="510100",
        filter='{"op":">","args":[{"property":"MJ"},1]}',
        **{"filter-lang": "cql2-json"},
        q="江",
    )
    for name, gone in (
        ("bbox", {"bbox"}),
        ("datetime", {"datetime"}),
        ("SJDM", {"SJDM"}),
        ("filter", {"filter", "filter-lang"}),
        ("q", {"q"}),
    ):
        address = page.links[f"Remove {name}"]["href"]
        assert {"bbox", "datetime", "SJDM", "filter", "filter-lang", "q"} - set(asked(address)) == gone
        assert sheet(address)
    assert "Code of the parent: 510100" in page.words and "within: 103,30,105,31" in page.words


def test_the_forms_ask_for_the_same_with_another_word_or_filter(
    sheet: Callable[..., Sheet], get: Get
) -> None:
    page = sheet(ITEMS, limit=50, SJDM="510100", q="江", filter="MJ > 1", sortby="-MJ", offset=1)
    search, filter = page.forms
    assert search.pop("method") == filter.pop("method") == "get"
    assert search == filter
    assert search["q"] == "江" and filter["filter"] == "MJ > 1" and "offset" not in search
    assert sheet(ITEMS, **search | {"q": "锦江"}).ids == ids(get, SJDM="510100", q="锦江", filter="MJ > 1")
    # A form sends what its fields hold, so an empty one must not be sent.
    text = get(ITEMS + "?f=html").get_data(as_text=True)
    assert len(re.findall(r'<(?:input|textarea) id="(?:q|filter)"[^>]* required', text)) == 2


def test_other_forms_are_of_this_very_query(sheet: Callable[..., Sheet], get: Get) -> None:
    page = sheet(ITEMS, limit=3, offset=3, SJDM="510100", sortby="-MJ")
    shown = get(page.links["GeoJSON"]["href"]).json
    assert [one["id"] for one in shown["features"]] == page.ids
    every = ids(get, SJDM="510100", sortby="-MJ", limit=1000)
    assert len(every) == 20 and "All 20, as a file" in page.words
    rows = get(page.links["CSV"]["href"]).get_data(as_text=True).splitlines()
    assert len(rows) == 21
    for title in ("JSON-FG", "GeoJSON text sequence", "FlatGeobuf", "GeoParquet"):
        assert get(page.links[title]["href"]).content_type.startswith(
            page.links[title]["type"].partition(";")[0]
        )


def test_the_map_asks_for_the_features_of_the_page_in_degrees(sheet: Callable[..., Sheet], get: Get) -> None:
    page = sheet(ITEMS, limit=7, SJDM="510100", sortby="-MJ")
    page = sheet(page.links["Next page"]["href"])
    assert "hidden" in page.map and page.map["aria-label"]
    features = get(page.map["data-features"]).json["features"]
    assert [one["id"] for one in features] == page.ids and features[0]["geometry"]
    assert get(page.map["data-style"]).json["version"] == 8
    assert any(script.endswith("/smallmap.js") for script in page.scripts)


def test_a_page_without_features_or_by_post_has_no_map(sheet: Callable[..., Sheet], client: Any) -> None:
    assert not sheet(ITEMS, XZQMC="nowhere").map
    answer = client.post(ITEMS, data={"limit": "3", "f": "html"})
    assert answer.status_code == 200 and not Sheet(answer.get_data(as_text=True)).map


def test_a_thousand_rows_are_the_most_on_a_page(sheet: Callable[..., Sheet]) -> None:
    page = sheet("/collections/ghfq/items", limit=5000)
    assert len(page.ids) == 1000 and "1–1,000 of " in page.words
    assert parse_qs(urlsplit(page.map["data-features"]).query)["limit"] == ["1000"]


def test_a_layer_without_names_has_no_search_box(sheet: Callable[..., Sheet], release: Any) -> None:
    for layer in release.manifest.layers:
        forms = sheet(f"/collections/{layer.id}/items", limit=1).forms
        assert (len(forms) == 2) == (layer.search is not None), layer.id


def test_numbers_are_shown_with_the_digits_that_they_have(sheet: Callable[..., Sheet]) -> None:
    words = sheet(ITEMS, XZQDM="513332").words
    assert "22,387,179,692.86" in words and "22,387,179,692.860" not in words


def test_a_geometry_that_was_not_asked_for_has_no_column_and_still_a_map(sheet: Callable[..., Sheet]) -> None:
    page = sheet(ITEMS, properties="XZQMC", limit=3)
    assert "Geometry" not in page.words and len(page.ids) == 3 and page.map
    assert "Geometry" in sheet(ITEMS, limit=3).words
