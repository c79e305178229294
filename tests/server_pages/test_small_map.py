"""The small map of a page of features, in a real browser: it shows the rows, and rows and map know each other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

DRAWN = "#smallmap[data-state=idle]"
ITEMS = "/collections/xzq_county/items"


@pytest.fixture
def opened(watched: Callable[..., Any]) -> Callable[..., Any]:
    """Open a page and wait for its map."""

    def open_page(path: str, drawn: bool = True, **options: Any) -> Any:
        page = watched(path, **{"viewport": {"width": 1200, "height": 900}, "locale": "en-GB"} | options)
        if drawn:
            page.wait_for_selector(DRAWN, timeout=60_000)
        return page

    return open_page


def test_what_is_pointed_at_on_the_map_is_marked_in_the_table_and_a_click_leads_to_its_row(
    opened: Callable[..., Any],
) -> None:
    page = opened(f"{ITEMS}?XZQDM=510105")
    box = page.locator("#smallmap").bounding_box()
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    assert page.locator("tr.marked").count() == 0
    page.mouse.move(*middle)
    page.wait_for_selector("tr.marked")
    page.mouse.click(*middle)
    assert page.evaluate("document.activeElement.textContent") == "510105"


def test_a_row_with_the_focus_is_marked_on_the_map(opened: Callable[..., Any]) -> None:
    page = opened(f"{ITEMS}?limit=5")
    before = page.locator("#smallmap canvas").screenshot()
    page.locator("tbody tr a").nth(3).focus()
    page.wait_for_selector("tr.marked")
    page.wait_for_timeout(300)
    assert page.locator("tr.marked th").inner_text() == page.evaluate("document.activeElement.textContent")
    assert page.locator("#smallmap canvas").screenshot() != before


def test_a_feature_s_own_page_has_a_map_too(opened: Callable[..., Any]) -> None:
    page = opened("/collections/xzq_county/items/510105?lang=zh", viewport={"width": 390, "height": 844})
    assert page.locator("#smallmap").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_features_without_a_geometry_have_no_map(opened: Callable[..., Any], live: str) -> None:
    page = opened("/collections/rail_stations/items?filter=geometry%20IS%20NULL", drawn=False)
    page.wait_for_load_state("networkidle")
    assert page.locator("tbody tr").count() > 0
    assert not page.locator("#smallmap").is_visible()


def test_without_scripts_the_page_is_complete(opened: Callable[..., Any]) -> None:
    page = opened(f"{ITEMS}?limit=5", drawn=False, java_script_enabled=False)
    assert page.locator("tbody tr").count() == 5 and not page.locator("#smallmap").is_visible()
    page.get_by_label("Search names").fill("锦江")
    page.get_by_role("button", name="Search").click()
    assert page.locator("tbody tr td").first.inner_text() == "锦江区"
    page.get_by_text("Filter (CQL2)").click()
    page.get_by_role("textbox", name="Condition").fill("MJ > 1e12")
    page.get_by_role("button", name="Apply").click()
    assert "No feature matches." in page.locator("main").inner_text()
    page.get_by_label("Remove q").click()
    page.get_by_label("Remove filter").click()
    page.get_by_role("link", name="Area").click()
    assert page.locator("th[aria-sort=ascending]").inner_text().startswith("Area")
