"""Walks over pages: on, back and to the beginning, by cursors and by offset."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

ITEMS = "/collections/xzq_county/items"
Json = Callable[..., Any]
Linked = Callable[..., list[dict[str, Any]]]


def ids(page: dict[str, Any]) -> list[Any]:
    return [feature["id"] for feature in page["features"]]


@pytest.fixture(scope="module")
def everything(json: Json) -> list[Any]:
    """The ids of all counties."""
    return ids(json(f"{ITEMS}?limit=1000"))


def test_a_walk_back_meets_the_same_pages(json: Json, linked: Linked, everything: list[Any]) -> None:
    pages = [json(f"{ITEMS}?limit=50")]
    while following := linked(pages[-1], "next"):
        pages.append(json(following[0]["href"]))
    assert [name for page in pages for name in ids(page)] == everything
    for before, page in pairwise(pages):
        back = json(linked(page, "prev")[0]["href"])
        assert ids(back) == ids(before)
        assert ids(json(linked(page, "first")[0]["href"])) == ids(pages[0])
    assert not linked(pages[0], "prev") and not linked(pages[0], "first")


def test_an_offset_is_a_place_in_the_same_order(json: Json, linked: Linked, everything: list[Any]) -> None:
    page = json(f"{ITEMS}?limit=10&offset=7")
    assert ids(page) == everything[7:17]
    assert ids(json(linked(page, "next")[0]["href"])) == everything[17:27]
    assert ids(json(linked(page, "prev")[0]["href"])) == everything[:7]
    beyond = json(f"{ITEMS}?offset=1000000")
    assert ids(beyond) == [] and beyond["numberMatched"] == len(everything)


@pytest.mark.parametrize("offset", ["-1", "1000001", "9" * 400, "1.5", "", "NaN", "0x1"])
def test_an_offset_that_is_no_place_is_refused(get: Callable[..., Any], offset: str) -> None:
    told = get(f"{ITEMS}?offset={offset}", 400).json
    assert [fault["parameter"] for fault in told["errors"]] == ["offset"]


def test_an_offset_and_a_cursor_are_refused_together(json: Json, linked: Linked, get: Any) -> None:
    following = linked(json(f"{ITEMS}?limit=10"), "next")[0]["href"]
    told = get(f"{following}&offset=5", 400).json
    assert "next" in told["errors"][0]["detail"]


def test_every_link_of_a_page_leads_to_its_media_type(json: Json, get: Callable[..., Any]) -> None:
    page = json(f"{ITEMS}?limit=3&offset=3&bbox=100,28,108,32")
    for link in (one for one in page["links"] if one["rel"] != "profile"):
        answer = get(link["href"], Accept="application/json" if link["rel"] == "collection" else "*/*")
        assert answer.content_type.partition(";")[0] == link["type"].partition(";")[0], link


def test_a_page_of_html_is_bounded_and_goes_on(get: Callable[..., Any], published: Any) -> None:
    page = get("/collections/townships/items?f=html&limit=100000&lang=en").get_data(as_text=True)
    assert page.count('<th scope="row">') == 1000
    assert 'rel="next"' in page
