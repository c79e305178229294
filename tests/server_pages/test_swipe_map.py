"""The page of changes in a real browser: two maps of one place, and a divider for mouse, finger and keyboard."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

DRAWN = "#swipe[data-state=idle]"


@pytest.fixture
def live(serve: Callable[..., Any], editions: Any, tmp_path: Path) -> str:
    """The address of a server with several releases."""
    server = serve(
        tmp_path,
        BLUEPRINT_CONFIG=str(editions.service.published.parent / "service.yml"),
        BLUEPRINT_PUBLISHED=str(editions.service.published),
        BLUEPRINT_WORKERS="1",
    )
    return str(server.address)


def test_before_and_after_are_swiped_between(watched: Callable[..., Any], editions: Any) -> None:
    path = f"/releases/{editions.ids[3]}/collections/lakes/changes?since={editions.ids[0]}&lang=en"
    page = watched(path, viewport={"width": 1200, "height": 1000})
    page.wait_for_selector(DRAWN, timeout=60_000)
    divider = page.get_by_role("slider")

    def at() -> int:
        return int(divider.get_attribute("aria-valuenow"))

    def seen() -> bytes:
        page.wait_for_timeout(400)
        return bytes(page.locator("#swipe").screenshot())

    # By keyboard.
    assert at() == 50
    divider.focus()
    page.keyboard.press("ArrowLeft")
    assert at() == 48 and divider.get_attribute("aria-valuetext") == "before 48 %, after 52 %"
    page.keyboard.press("PageUp")
    assert at() == 58
    page.keyboard.press("Home")
    after = seen()
    assert at() == 0
    page.keyboard.press("End")
    before = seen()
    assert at() == 100 and before != after
    # By mouse, and no farther than the frame.
    box = page.locator("#swipe").bounding_box()
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] - 4, middle)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 4, middle, steps=4)
    assert abs(at() - 25) <= 1
    page.mouse.move(box["x"] - 300, middle, steps=2)
    page.mouse.up()
    assert at() == 0 and seen() == after
    # Both maps move together: the button is of the upper map, and what is seen is the lower one.
    page.get_by_role("button", name="Zoom out").click()
    divider.focus()
    page.keyboard.press("End")
    assert seen() != before
    # A row and its feature know each other.
    row = page.locator("ol.changes > li").first
    row.get_by_role("button", name="On the map").click()
    assert "marked" in row.get_attribute("class")
    assert page.locator("ol.changes > li.marked").count() == 1
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_finger_moves_the_divider_and_the_page_needs_no_map(
    watched: Callable[..., Any], editions: Any
) -> None:
    path = f"/releases/{editions.ids[2]}/collections/lakes/changes?since={editions.ids[0]}&lang=zh"
    phone = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
    page = watched(path, **phone)
    page.wait_for_selector(DRAWN, timeout=60_000)
    divider = page.get_by_role("slider")
    divider.scroll_into_view_if_needed()
    box = page.locator("#swipe").bounding_box()
    touch = page.context.new_cdp_session(page)
    y = box["y"] + box["height"] / 2
    for kind, share in (("touchStart", 0.5), ("touchMove", 0.6), ("touchMove", 0.8), ("touchEnd", None)):
        points = [] if share is None else [{"x": box["x"] + box["width"] * share, "y": y}]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    page.wait_for_function("document.querySelector('[role=slider]').getAttribute('aria-valuenow') > 70")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    plain = watched(path, java_script_enabled=False, **phone)
    assert not plain.locator("#swipe").is_visible()
    assert "水深" in plain.locator("ol.changes").inner_text()
    # A layer that did not change has a page, and no map.
    same = watched(path.replace("/lakes/", "/parishes/"))
    assert same.locator("#swipe").count() == 0 and "完全相同" in same.locator("main").inner_text()
