"""Copies that are still right are not sent again, coded forms have tags of their own, and what is pinned never changes."""

from __future__ import annotations

import gzip
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server import codings, freshness

COUNTIES = "/collections/xzq_county"
TARGETS = [
    "/",
    "/?f=html",
    "/conformance",
    "/api",
    "/collections",
    "/collections?lang=en",
    COUNTIES,
    f"{COUNTIES}/items",
    f"{COUNTIES}/items?limit=3&f=html",
    f"{COUNTIES}/items/500103",
    "/tileMatrixSets/WebMercatorQuad",
    f"{COUNTIES}/tiles/WebMercatorQuad/8/104/202",
    "/tiles/WebMercatorQuad/8/104/202",
    "/releases",
]


@pytest.mark.parametrize("coding", ["identity", "gzip"])
@pytest.mark.parametrize("target", TARGETS)
def test_a_copy_that_is_right_is_not_sent_again(ask: Any, target: str, coding: str) -> None:
    first = ask(target, accept_encoding=coding)
    assert first.status == 200
    again = ask(target, accept_encoding=coding, if_none_match=first.headers["ETag"])
    assert again.status == 304 and again.body == b""
    for name in ("ETag", "Cache-Control", "Vary"):
        assert again.headers[name] == first.headers[name]
    assert "Content-Type" not in again.headers and "Content-Encoding" not in again.headers
    assert (
        ask(target, if_none_match=f'"x", W/{first.headers["ETag"]}, "y"', accept_encoding=coding).status
        == 304
    )
    assert ask(target, if_none_match='"x"', accept_encoding=coding).status == 200
    assert ask(target, if_none_match="*", accept_encoding=coding).status == 304


@pytest.mark.parametrize("target", TARGETS)
def test_the_coded_form_has_a_tag_of_its_own(ask: Any, target: str) -> None:
    plain, coded = ask(target), ask(target, accept_encoding="gzip, br")
    assert "Content-Encoding" not in plain.headers
    assert int(plain.headers["Content-Length"]) == len(plain.body)
    assert int(coded.headers["Content-Length"]) == len(coded.body)
    assert "Accept-Encoding" in plain.headers["Vary"] and "Accept-Encoding" in coded.headers["Vary"]
    if len(plain.body) < codings.WORTH_CODING:
        assert "Content-Encoding" not in coded.headers and coded.headers["ETag"] == plain.headers["ETag"]
        return
    assert coded.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(coded.body) == plain.body
    assert coded.headers["ETag"] != plain.headers["ETag"]
    best = ask(target, accept_encoding="gzip, deflate, br, zstd")
    if "Content-Encoding" in best.headers and best.headers["Content-Encoding"] == "zstd":
        assert codings.decoded(best.body, "zstd") == plain.body
        assert len({best.headers["ETag"], coded.headers["ETag"], plain.headers["ETag"]}) == 3
    # Whoever takes no gzip has nothing from a copy that is coded.
    assert ask(target, if_none_match=coded.headers["ETag"]).status == 200
    assert (
        ask(target, if_none_match=plain.headers["ETag"], accept_encoding="gzip").headers["ETag"]
        == plain.headers["ETag"]
    )


@pytest.mark.parametrize("target", TARGETS)
def test_head_says_what_get_would(ask: Any, target: str) -> None:
    for coding in ("identity", "gzip"):
        got, head = ask(target, accept_encoding=coding), ask(target, "HEAD", accept_encoding=coding)
        assert head.status == 200 and head.body == b""
        assert dict(head.headers) == dict(got.headers)


@pytest.mark.parametrize("target", [target for target in TARGETS if target != "/releases"])
def test_what_is_pinned_may_be_kept_for_ever_and_what_is_current_is_asked_for_again(
    ask: Any, release: Any, target: str
) -> None:
    current, pinned = ask(target), ask(f"/releases/{release.id}{target}")
    assert current.headers["Cache-Control"] == "public, no-cache"
    assert pinned.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert current.headers["Blueprint-Release"] == pinned.headers["Blueprint-Release"] == release.id


@pytest.mark.parametrize(
    "target", ["/collections/nothing", "/nothing", f"{COUNTIES}/items/nothing", f"{COUNTIES}/items?limit=0"]
)
def test_what_is_not_there_has_no_copy_that_could_be_right(ask: Any, target: str) -> None:
    answer = ask(target, if_none_match="*")
    assert answer.status in (400, 404)
    assert answer.headers["Cache-Control"] == "no-store" and "ETag" not in answer.headers


@pytest.mark.parametrize(
    "target", [*TARGETS, "/nothing", "/healthz", "/readyz", "/assets/page.css", f"{COUNTIES}/items?limit=0"]
)
def test_pages_of_other_sites_may_read_everything(ask: Any, target: str) -> None:
    for method in ("GET", "HEAD", "POST"):
        headers = ask(target, method, origin="https://example.org").headers
        assert headers.get_all("Access-Control-Allow-Origin") == ["*"]
        assert headers.get_all("X-Content-Type-Options") == ["nosniff"]
    asked = ask(target, "OPTIONS", origin="https://example.org", access_control_request_method="GET",
                access_control_request_headers="if-none-match")  # fmt: skip
    assert asked.status == 204
    assert asked.headers["Access-Control-Allow-Headers"] == "if-none-match"
    assert "GET" in asked.headers["Access-Control-Allow-Methods"]


def test_equal_requests_get_equal_bytes_and_different_ones_different_tags(ask: Any) -> None:
    tags = {}
    for target in TARGETS:
        first, again = ask(target), ask(target)
        assert first.body == again.body and dict(first.headers) == dict(again.headers)
        tags[first.headers["ETag"]] = target
    assert len(tags) == len(TARGETS)
    english, chinese = (ask("/collections", accept_language=lang) for lang in ("en", "zh"))
    assert english.headers["ETag"] != chinese.headers["ETag"] and english.body != chinese.body
    assert english.headers["Content-Language"] == "en" and chinese.headers["Content-Language"] == "zh-CN"
    elsewhere = ask("/collections", host="maps.example.org:8080")
    assert b"http://maps.example.org:8080/collections" in elsewhere.body
    assert elsewhere.headers["ETag"] not in tags


@given(st.text(max_size=60))
def test_no_header_matches_a_tag_that_it_does_not_hold(header: str) -> None:
    tag = freshness.tag("a", "b")
    found = freshness.matched(header, tag, ("identity", "gzip"))
    assert (found is not None) == (f'"{tag}"' in header or f'"{tag}-gzip"' in header)


def test_parts_of_a_tag_do_not_run_together() -> None:
    assert freshness.tag("ab", "c") != freshness.tag("a", "bc")
