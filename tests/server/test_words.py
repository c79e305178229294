"""`q` and `sortby` as clients write them: what is read, what is refused, and how that is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from config.models import Layer
from releases.query import SortKey
from releases.release import Release
from server.items import ordering, words
from server.problems import Fault, Wrong

ITEMS = "/collections/xzq_county/items"
Get = Callable[..., Any]


@pytest.fixture(scope="module", name="layer")
def the_layer(release: Release) -> Layer:
    return release.manifest.layer("xzq_county").layer


def told(get: Get, query: str) -> dict[str, Any]:
    """The one fault of a request."""
    [fault] = get(f"{ITEMS}?{query}&lang=en", 400).json["errors"]
    return dict(fault)


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("MJ", [("MJ", False)]),
        ("+MJ", [("MJ", False)]),
        (" MJ", [("MJ", False)]),
        ("-MJ", [("MJ", True)]),
        ("-JB, MJ,+XZQMC", [("JB", True), ("MJ", False), ("XZQMC", False)]),
    ],
)
def test_an_order_is_read_key_by_key(layer: Layer, text: str, keys: list[tuple[str, bool]]) -> None:
    assert ordering.order(text, layer) == tuple(SortKey(*key) for key in keys)


@pytest.mark.parametrize(
    ("text", "message", "expected"),
    [
        ("", "there is no sorting by ''", "sortables with commas"),
        ("-", "there is no sorting by ''", "sortables with commas"),
        ("MJ,", "there is no sorting by ''", "sortables with commas"),
        ("--MJ", "there is no sorting by '-MJ'", "MJ"),
        ("XZQNC", "there is no sorting by 'XZQNC'", "such as XZQMC"),
        ("mj", "there is no sorting by 'mj'", "such as MJ"),
        ("MJ,geometry,nowhere", "'geometry', 'nowhere'", "sortables with commas"),
        ("MJ,-MJ", "names MJ more than once", "each field once"),
        ("MJ;DROP TABLE x", "no sorting by 'MJ;DROP TABLE x'", "sortables"),
        ('MJ" --', "no sorting by", "sortables"),
    ],
)
def test_a_wrong_order_is_told_with_what_would_do(get: Get, text: str, message: str, expected: str) -> None:
    fault = told(get, f"sortby={quote(text)}")
    assert fault["parameter"] == "sortby"
    assert message in fault["detail"] and expected in fault["expected"]
    assert set(fault["i18n"]) == {"zh", "en"}


@given(st.text(max_size=60))
def test_an_order_is_read_or_refused(layer: Layer, text: str) -> None:
    try:
        keys = ordering.order(text, layer)
    except Wrong as wrong:
        assert wrong.message.zh and wrong.expected.en
    else:
        assert {key.field for key in keys} <= {field.name for field in layer.fields}


@given(st.text(max_size=60))
def test_words_are_read_or_refused(text: str) -> None:
    try:
        found = words.words(text)
    except Wrong as wrong:
        assert wrong.message.zh and wrong.expected.en
    else:
        assert 1 <= len(found.terms) <= text.count(",") + 1 and all(found.terms)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "term 1, '', has nothing to search for"),
        (" ", "term 1, ' ', has nothing"),
        ("渝中,", "term 2, '', has nothing"),
        ("渝中,!!,江北", "term 2, '!!', has nothing"),
        ("\x1f", "term 1, '\\x1f', has nothing"),
        ("😀", "has nothing to search for"),
        (",".join("渝" * 33), "has 33 terms"),
        ("渝中," + "中" * 201, "term 2 has 201 characters"),
    ],
)
def test_words_that_will_not_do_are_told_by_their_place(get: Get, text: str, message: str) -> None:
    fault = told(get, f"q={quote(text)}")
    assert fault["parameter"] == "q" and message in fault["detail"] and fault["expected"]


@pytest.mark.parametrize(
    "text",
    [
        '"', "a\" OR \"b", "NEAR(a b, 2)", "a AND b NOT c", "texts: a", "-a", "a*", "^a", "{a b}:c", "a + b", "(a", "a)",
        "渝\x00中", "'; DROP TABLE texts; --", "\u202e渝", "%25", "中" * 200, ",".join("渝" * 32), "a" * 200,
        " ".join("ab" * 49), "\u0301a", "[a]", "渝\n中", "*", "100%",
    ],
)  # fmt: skip
def test_hostile_words_are_answered_or_refused(client: Any, text: str) -> None:
    answer = client.get(f"{ITEMS}?limit=1&q={quote(text)}")
    assert answer.status_code in (200, 400)
    if answer.status_code == 400:
        # A NUL is refused before anybody reads parameters.
        assert [fault["parameter"] for fault in answer.json["errors"]] == ["query" if "\0" in text else "q"]


def test_words_that_are_not_utf8_or_stand_twice_are_refused(client: Any) -> None:
    for query in ("q=%E6%B8", "q=a&q=b", "sortby=MJ&sortby=JB", "sortby=%FF"):
        answer = client.get(f"{ITEMS}?{query}")
        assert answer.status_code == 400 and answer.json["errors"]


def test_all_faults_of_a_request_are_told_at_once(get: Get) -> None:
    faults = get(f"{ITEMS}?q=!&sortby=nowhere&limit=0", 400).json["errors"]
    assert sorted(fault["parameter"] for fault in faults) == ["limit", "q", "sortby"]


def test_a_collection_without_names_says_so(release: Release) -> None:
    faults: list[Fault] = []
    bare = release.manifest.layer("xzq_county").model_copy(update={"search": None})
    words.parse(MultiDict({"q": "渝"}), bare, faults)
    assert [fault.parameter for fault in faults] == ["q"] and "no names" in faults[0].message.en


def test_a_page_goes_on_with_its_own_words_and_order_alone(get: Get, json: Callable[..., Any]) -> None:
    page = json(f"{ITEMS}?limit=5&q={quote('区')}&sortby=-MJ")
    [following] = [link["href"] for link in page["links"] if link["rel"] == "next"]
    assert json(following)["numberMatched"] == page["numberMatched"]
    for other in (following.replace("-MJ", "MJ"), following.replace(quote("区"), quote("县"))):
        assert other != following
        [fault] = get(other, 400).json["errors"]
        assert fault["parameter"] == "next"


def test_tiles_have_no_order_and_no_words(client: Any) -> None:
    path = "/collections/xzq_county/tiles/WebMercatorQuad/6/26/51"
    for query in ("q=a", "sortby=MJ"):
        answer = client.get(f"{path}?{query}")
        assert answer.status_code == 400 and answer.json["errors"][0]["parameter"] == query.partition("=")[0]
