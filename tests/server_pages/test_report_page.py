"""The report in a real browser: as it is served, and from a disk, on a desk, on a telephone and on paper."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import shapely

from config.models import Text
from releases.findings import Finding
from releases.gate import RULES, Rules
from releases.publication import examine
from releases.release import Release
from releases.report import files, names
from releases.report.examined import Examined

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1200, "height": 900}
SEVERITIES = ("refuse", "warn", "note")


@pytest.fixture(scope="module")
def folder(lakes: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of a candidate of which something of every rule was found, in a folder."""
    place = tmp_path_factory.mktemp("report")
    examined = examine(lakes(place / "lakes").service)
    found = [
        Finding(
            rule,
            Text(zh=f"第 {number} 条", en=f"number {number}"),
            "norland",
            "parishes",
            feature="N01",
            row=1,
            place=(1.2 + number / 40, -1.4),
            geometry=shapely.Point(1.2 + number / 40, -1.4).buffer(0.02) if number % 2 else None,
            others=("N02",),
            measured=1.5,
        )
        for number, rule in enumerate(RULES)
    ]
    judged = Rules.of(examined.service.gate).judged(found)
    files.write(place / "written", Examined(examined.service, examined.candidate, judged, ()))
    return place / "written"


@pytest.fixture
def offline(browser: Any) -> Iterator[Callable[..., Any]]:
    """Open a file in a context that may not ask the network; whatever went wrong fails the test at its end."""
    contexts, faults = [], []

    def open_page(path: Path, **options: Any) -> Any:
        context = browser.new_context(offline=True, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda line: faults.append(line.text))
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("request", lambda one: faults.append(one.url) if one.url.startswith("http") else None)
        page.goto(path.as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not faults


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_a_report_is_read_from_a_disk_at_any_width(
    offline: Callable[..., Any], folder: Path, lang: str, size: dict[str, int]
) -> None:
    page = offline(folder / names.PAGES[lang], viewport=size)  # type: ignore[index]
    assert page.evaluate("document.documentElement.scrollWidth") == size["width"]
    for text in ("h1", ".verdict strong", ".figures", ".tasks"):
        assert page.locator(text).first.is_visible()
    # The verdict and the figures are on the first screen of a telephone too.
    assert page.locator(".figures").bounding_box()["y"] < size["height"]
    assert page.locator(".mark").count() > 0
    assert page.locator(".closeup").count() == len(RULES)


def test_severities_are_told_apart_by_shape_and_by_lightness(
    offline: Callable[..., Any], folder: Path
) -> None:
    page = offline(folder / names.PAGES["en"])
    luminance = []
    for severity in SEVERITIES:
        colour = page.locator(f".legend .{severity}").evaluate(
            "sign => getComputedStyle(sign).getPropertyValue('--colour')"
        )
        red, green, blue = (int(colour.strip()[i : i + 2], 16) / 255 for i in (1, 3, 5))
        luminance.append(0.2126 * red**2.2 + 0.7152 * green**2.2 + 0.0722 * blue**2.2)
    ordered = sorted(luminance)
    # WCAG's contrast ratio between one and the next.
    assert all((b + 0.05) / (a + 0.05) > 1.6 for a, b in pairwise(ordered))
    shapes = [page.locator(f"#sign-{severity}").inner_html() for severity in SEVERITIES]
    assert len(set(shapes)) == 3


def test_a_link_of_the_table_leads_to_the_findings(offline: Callable[..., Any], folder: Path) -> None:
    page = offline(folder / names.PAGES["en"], viewport=DESK)
    page.get_by_role("link", name="features of a layer overlap").last.click()
    assert "#overlap.norland.parishes" in page.url
    heading = page.locator("h4[id='overlap.norland.parishes']")
    assert 0 <= heading.bounding_box()["y"] < DESK["height"]
    page.get_by_role("link", name="中文").click()
    assert page.locator("h1").inner_text() == "质检报告"


def test_a_report_is_printed_with_every_finding(offline: Callable[..., Any], folder: Path) -> None:
    page = offline(folder / names.PAGES["zh"])
    page.emulate_media(media="print")
    assert page.locator(".finding .told").last.is_visible()
    assert page.locator(".over nav").is_hidden()
    assert page.pdf(format="A4").startswith(b"%PDF")


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("pinned", [False, True])
def test_the_served_report_is_one_page_that_asks_for_nothing_more(
    watched: Callable[..., Any], asked: list[str], release: Release, lang: str, pinned: bool
) -> None:
    page = watched(f"/releases/{release.id}/report?f=html&lang={lang}" if pinned else "/report", locale=lang)
    assert page.locator(".verdict.passed").is_visible()
    assert len([url for url in asked if url.startswith("http")]) == 1
    page.get_by_role("link", name={"zh": "English", "en": "中文"}[lang]).click()
    assert page.locator("html").get_attribute("lang") == {"zh": "en", "en": "zh-CN"}[lang]


def test_pages_of_the_service_lead_to_the_report(watched: Callable[..., Any], release: Release) -> None:
    for path in ("/", "/releases", f"/releases/{release.id}/manifest"):
        page = watched(f"{path}?lang=en")
        page.locator("main a[href*='/report?f=html']").first.click()
        assert page.locator("h1").inner_text() == "Report of the gate"


def test_the_other_files_are_one_click_away(watched: Callable[..., Any]) -> None:
    page = watched("/report?lang=en")
    with page.expect_download() as download:
        page.get_by_role("link", name="GeoPackage").first.click()
    assert Path(download.value.path()).read_bytes().startswith(b"SQLite format 3")
    address = page.get_by_role("link", name="JSON").first.evaluate("link => link.href")
    assert page.request.get(address).json()["verdict"] == "passed"
