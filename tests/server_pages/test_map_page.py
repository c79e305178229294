"""The map page in a real browser: it draws, it tells what lies where, by pointer, finger and keyboard, from here alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.request import urlopen

import pytest

WIDE, PHONE = {"width": 1200, "height": 800}, {"width": 390, "height": 844}
DRAWN = "body[data-state=idle]"


@pytest.fixture
def opened(watched: Callable[..., Any], asked: list[str]) -> Iterator[Callable[..., Any]]:
    """Open the map and wait until it has drawn."""

    def open_map(path: str = "/map", lang: str = "zh-CN", phone: bool = False) -> Any:
        page = watched(path, viewport=PHONE if phone else WIDE, locale=lang, is_mobile=phone, has_touch=phone)
        page.wait_for_selector(DRAWN, timeout=60_000)
        return page

    yield open_map
    assert any("/fonts/" in url for url in asked), "Chinese is drawn with the service's own glyphs"


def test_a_click_shows_the_feature_and_leads_to_its_record(opened: Callable[..., Any], live: str) -> None:
    page = opened("/map?lang=zh#map=10/29.56/106.55&layers=xzq_county")
    page.mouse.click(800, 420)
    panel = page.locator("#feature")
    panel.wait_for(state="visible")
    assert "县级行政区" in panel.inner_text() and "行政区代码" in panel.inner_text()
    # Codes by their labels.
    assert "县级 (county)" in panel.inner_text()
    code = re.search(r"feature=xzq_county/(\d{6})", page.url)
    assert code is not None
    record = panel.get_by_role("link", name="权威记录").get_attribute("href")
    assert f"/items/{code[1]}?" in record and "/releases/" in record
    with urlopen(record) as answer:
        assert answer.status == 200 and code[1] in answer.read().decode()
    page.keyboard.press("Escape")
    panel.wait_for(state="hidden")
    assert "feature=" not in page.url
    # A switched layer is in the address; the other language keeps the place and the layers.
    page.get_by_label("省级行政区", exact=True).check()
    assert "xzq_province" in page.url
    page.get_by_role("link", name="English").click()
    page.wait_for_selector(DRAWN, timeout=60_000)
    assert page.evaluate("document.documentElement.lang") == "en"
    assert page.get_by_label("Provinces", exact=True).is_checked()
    assert not page.get_by_label("Major rivers", exact=True).is_checked()


def test_the_keyboard_alone_is_enough(opened: Callable[..., Any]) -> None:
    page = opened("/map?lang=en#map=10/29.56/106.55&layers=xzq_county,xzq_province")
    page.locator(".maplibregl-canvas").focus()
    page.keyboard.press("Enter")
    panel = page.locator("#feature")
    panel.wait_for(state="visible")
    assert page.evaluate("document.activeElement.closest('#feature') !== null")
    also = panel.get_by_role("button").filter(has_text=": ").first
    other = also.inner_text().partition(": ")[2]
    also.focus()
    page.keyboard.press("Enter")
    assert panel.locator("h2").inner_text() == other
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.className").startswith("maplibregl-canvas")


def test_a_phone_has_the_layers_in_a_drawer_and_an_address_opens_its_feature(
    opened: Callable[..., Any], live: str
) -> None:
    page = opened("/map?lang=zh#map=8/30.6/104.1&feature=xzq_county/510105", phone=True)
    panel = page.locator("#feature")
    panel.wait_for(state="visible")
    assert panel.locator("h2").inner_text() == "青羊区"
    page.keyboard.press("Escape")
    drawer = page.locator("#drawer")
    assert not drawer.is_visible()
    opener = page.get_by_role("button", name="图层与图例")
    opener.click()
    assert drawer.is_visible() and opener.get_attribute("aria-expanded") == "true"
    with urlopen(f"{live}/releases") as answer:
        assert drawer.locator(".release code").inner_text() in answer.read().decode()
    assert {"真实", "派生", "示意", "合成"} <= set(drawer.locator(".badge").all_inner_texts())
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.keyboard.press("Escape")
    assert not drawer.is_visible()
