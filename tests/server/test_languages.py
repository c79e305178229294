"""The language of an answer."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.languages import negotiated, of_request


@pytest.mark.parametrize(
    "header, lang",
    [
        (None, "zh"),
        ("", "zh"),
        ("*", "zh"),
        ("en", "en"),
        ("en-GB, zh;q=0.9", "en"),
        ("zh-Hans-CN", "zh"),
        ("fr, de", "zh"),
        ("fr, en;q=0.3", "en"),
        ("zh;q=0.2, en;q=0.7", "en"),
        ("en;q=0, *", "zh"),
        ("EN-us", "en"),
        ("english", "zh"),
    ],
)
def test_the_header_is_weighed(header: str | None, lang: str) -> None:
    assert negotiated(header, "zh") == lang


def test_the_service_decides_what_a_star_means() -> None:
    assert negotiated("*", "en") == negotiated("fr", "en") == "en"


@given(st.text(max_size=50))
def test_any_header_gives_one_of_the_two(header: str) -> None:
    assert negotiated(header, "zh") in ("zh", "en")


def test_the_parameter_wins_over_the_header() -> None:
    assert of_request({"QUERY_STRING": "a=1&lang=en", "HTTP_ACCEPT_LANGUAGE": "zh"}, "zh") == "en"
    assert of_request({"QUERY_STRING": "lang=fr", "HTTP_ACCEPT_LANGUAGE": "en"}, "zh") == "en"
    assert of_request({}, "zh") == "zh"


@pytest.mark.parametrize(
    "target", ["/", "/collections", "/collections/xzq_county", "/conformance", "/releases", "/tiles"]
)
def test_documents_come_in_both_languages(ask: object, target: str) -> None:
    chinese, english = ask(target), ask(target, accept_language="en-GB")  # type: ignore[operator]
    assert chinese.headers["Content-Language"] == "zh-CN" and english.headers["Content-Language"] == "en"
    assert ask(f"{target}?lang=en", accept_language="zh").headers["Content-Language"] == "en"  # type: ignore[operator]
