"""Pages: in both languages, leading only to what is there, and to no other host for anything they need."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest

from releases.release import Release

Get = Callable[..., Any]
BASE = "http://localhost"
#: Attributes that make a browser load something by itself.
LOADING = {"img": "src", "script": "src", "link": "href"}
PAGES = (
    "/",
    "/conformance",
    "/api",
    "/collections",
    "/collections/ghfq",
    "/collections/xzq_county/schema",
    "/collections/major_projects/queryables",
    "/collections/xzq_county/items?limit=5",
    "/collections/major_projects/items",
    "/collections/xzq_county/items/510105",
    "/collections/xzq_county/items/510105/proof",
    "/tileMatrixSets",
    "/tileMatrixSets/WebMercatorQuad",
    "/tiles",
    "/tiles/WebMercatorQuad",
    "/collections/rivers/tiles",
    "/collections/rail_stations/tiles/WebMercatorQuad",
    "/styles",
    "/styles/blueprint",
    "/styles/blueprint/metadata",
    "/styles/blueprint/legend",
    "/map",
    "/map?layer=rivers",
    "/releases",
    "/manifest",
)


class Page(HTMLParser):
    """What of a page matters here: language, headings, what it loads, where it leads, its visible text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.lang = ""
        self.loads: list[str] = []
        self.leads: list[str] = []
        self.ids: list[str] = []
        self.labelled: list[str] = []
        self.headings: list[int] = []
        self.words: list[str] = []
        self.within: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        if tag not in ("meta", "link", "img", "input", "br"):
            self.within.append(tag)
        if tag == "html":
            self.lang = given["lang"]
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag in LOADING and given.get("rel") != "alternate" and LOADING[tag] in given:
            self.loads.append(given[LOADING[tag]])
        if tag == "a":
            self.leads.append(given["href"])
        if "id" in given:
            self.ids.append(given["id"])
        self.labelled += [
            given[name]
            for name in ("aria-labelledby", "aria-describedby", "aria-controls", "for")
            if name in given
        ]

    def handle_endtag(self, tag: str) -> None:
        while self.within and self.within.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not {"script", "style", "code"} & set(self.within):
            self.words.append(data)


def pages(get: Get, path: str) -> Iterator[tuple[str, Page]]:
    for lang in ("zh", "en"):
        address = path + ("&" if "?" in path else "?") + f"f=html&lang={lang}"
        yield lang, Page(get(address).get_data(as_text=True))


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_whole_in_both_languages_and_loads_nothing_from_elsewhere(get: Get, path: str) -> None:
    for lang, page in pages(get, path):
        assert page.lang == {"zh": "zh-CN", "en": "en"}[lang]
        assert page.headings[0] == 1 and page.headings.count(1) == 1
        assert all(after - before <= 1 for before, after in zip(page.headings, page.headings[1:]))
        assert len(set(page.ids)) == len(page.ids)
        assert set(page.labelled) <= set(page.ids)
        for address in page.loads:
            assert urlsplit(urljoin(BASE, address)).netloc == "localhost"
            get(address)


def test_english_pages_have_no_chinese_but_in_names_and_the_language_switch(get: Get) -> None:
    for path in (
        "/",
        "/conformance",
        "/collections",
        "/collections/rivers",
        "/tiles",
        "/styles",
        "/releases",
        "/api",
    ):
        page = Page(get(f"{path}?f=html&lang=en").get_data(as_text=True))
        chinese = [word for word in page.words if re.search("[\u4e00-\u9fff]", word)]
        assert [word for word in chinese if "主要河流" not in word] == ["中文"], path


def test_every_link_of_every_page_leads_somewhere(get: Get) -> None:
    seen: set[str] = set()
    waiting = ["/?f=html&lang=zh", "/?f=html&lang=en"]
    while waiting:
        address = waiting.pop()
        answer = get(address, Accept="text/html,application/json;q=0.9,*/*;q=0.8")
        if not answer.content_type.startswith("text/html"):
            continue
        found = [urljoin(BASE, lead) for lead in Page(answer.get_data(as_text=True)).leads]
        ours = [lead for lead in found if urlsplit(lead).netloc == "localhost"]
        # Of features, and of the orders of a page of them, two are enough.
        many = [[lead for lead in ours if re.search(kind, lead)] for kind in ("/items/[^?]", "[?&]sortby=")]
        few = [lead for some in many for lead in some[:2]]
        for lead in [one for one in ours if not any(one in some for some in many)] + few:
            # One tree and one language beside each other are enough: the templates are the same.
            plain = urlsplit(lead)._replace(fragment="", netloc="", scheme="").geturl() or "/"
            if plain not in seen and len(plain) < 200:
                seen.add(plain)
                # A page of features leads to itself in other orders and lengths without end.
                if "/releases/" not in plain and not re.search(
                    "/items[?].*(sortby|limit|offset|next)=", plain
                ):
                    waiting.append(plain)
                else:
                    get(plain)
    assert len(seen) > 150


def test_a_chosen_language_stays_chosen(get: Get) -> None:
    page = Page(get("/?f=html&lang=en").get_data(as_text=True))
    inner = [lead for lead in page.leads if urlsplit(lead).path in ("/collections", "/map", "/releases")]
    assert inner and all("lang=en" in lead for lead in inner)


def test_the_landing_page_names_the_release_and_says_how_real_the_data_are(
    get: Get, release: Release
) -> None:
    for tree in ("", f"/releases/{release.id}"):
        text = get(f"{tree or '/'}?f=html&lang=zh").get_data(as_text=True)
        assert f"<code>{release.id}</code>" in text
        page = " ".join(Page(text).words)
        for nature in {layer.nature for layer in release.manifest.layers}:
            assert {"real": "真实", "derived": "派生", "schematic": "示意", "synthetic": "合成"}[
                nature
            ] in page
        for notice in {notice.zh for layer in release.manifest.layers for notice in layer.notices}:
            assert notice in page


def test_items_show_titles_of_fields_and_labels_of_codes(get: Get) -> None:
    page = " ".join(Page(get("/collections/ghfq/items?f=html&lang=zh&limit=50").get_data(as_text=True)).words)
    assert "规划分区代码" in page and "GHFQDM" not in page
    assert re.search(r"(农田保护区|乡村发展区|城镇集中建设区) \(\d{3}\)", page)


def test_names_are_escaped(get: Get) -> None:
    text = get("/collections/xzq_county/items?f=html&limit=1&XZQMC=%3Cscript%3E").get_data(as_text=True)
    assert "<script>" not in text.replace("<script type", "")


def test_the_map_description_leads_to_pinned_records_and_style(get: Get, release: Release) -> None:
    setting = get("/map?f=json").json
    tree = f"/releases/{release.id}/"
    layers = [layer for group in setting["groups"] for layer in group["layers"]]
    assert len(layers) == len(release.manifest.layers)
    assert tree in setting["style"] and tree in setting["legend"]
    assert all(tree in layer["items"] for layer in layers)
    get("/map?layer=no_such", 400)
    get("/map?layers=rivers", 400)
