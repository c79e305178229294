"""The report as a page: complete, self-contained, well-formed, and safe whatever the data hold."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest
import shapely

from config.models import Gate, RuleSetting, Text
from releases.manifest import Waiver
from releases.report import names, page
from releases.report.contents import PICTURES, SHOWN
from releases.report.examined import Examined

VOID = {"meta", "link", "br"}


class Read(HTMLParser):
    """A page as a reader's program takes it: every element closed where it was opened."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.outside: list[str] = []
        self.classes: list[str] = []
        self.words = ""
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append(tag)
        found = dict(attrs)
        self.ids += [found["id"]] if found.get("id") else []
        self.classes += (found.get("class") or "").split()
        for name in ("href", "src"):
            value = found.get(name)
            if value:
                (self.links if value.startswith("#") else self.outside).append(value)
        assert tag != "script" and not [name for name in found if name.startswith("on")]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.words += data


@pytest.fixture(scope="session")
def read() -> Callable[..., Read]:
    """Make a candidate's page in a language and read it."""

    def read(examined: Examined, lang: str = "en") -> Read:
        return Read(page.pages(examined)[lang].decode())  # type: ignore[index]

    return read


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_page_leads_only_to_itself_and_to_the_reports_other_files(
    read: Callable[..., Read], of_every_shape: Examined, lang: str
) -> None:
    found = read(of_every_shape, lang)
    assert len(set(found.ids)) == len(found.ids)
    assert {link[1:] for link in found.links} <= set(found.ids)
    other = names.PAGES["en" if lang == "zh" else "zh"]
    assert set(found.outside) == {other, names.JSON, names.GEOPACKAGE, "data:,"}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_page_asks_nobody_for_anything(of_every_shape: Examined, lang: str) -> None:
    text = page.pages(of_every_shape)[lang].decode()  # type: ignore[index]
    assert "default-src 'none'" in text
    assert not re.search(r"https?://|@import|url\(|srcset|<iframe|<object", text)


def test_the_first_words_are_the_verdict_in_the_readers_language(
    read: Callable[..., Read],
    sound: Examined,
    with_findings: Callable[..., Examined],
    finding: Callable[..., Any],
) -> None:
    refused = with_findings(finding("overlap", count=1), finding("spike"))
    held = with_findings(finding("spike"), finding("spike", row=2))
    waiver = Waiver(rule="spike", reason="as <surveyed>", by="Li Hua")
    accepted = Examined(held.service, held.candidate, held.findings, (waiver,))
    for examined, said in (
        (sound, ("Fit to be published", "可以发布", "Nothing has to be mended.")),
        (refused, ("Not to be published", "不予发布", "1 fault must be mended")),
        (held, ("Held until somebody decides", "暂缓发布", "2 warnings must be mended too, or accepted")),
        (
            accepted,
            ("Fit to be published", "可以发布", "Li Hua accepted the warnings of “spike”: as <surveyed>"),
        ),
    ):
        english, chinese = read(examined), read(examined, "zh")
        assert said[0] in english.words and said[2] in english.words
        assert said[1] in chinese.words
        for text in said:
            assert text in english.words + chinese.words


def test_every_authority_is_told_what_it_has_to_do(
    read: Callable[..., Read], of_every_shape: Examined
) -> None:
    words = re.sub(r"\s+", " ", read(of_every_shape).words)
    assert re.search(
        r"Norland \(imaginary\) Mend \d+ faults and deliver again. Decide on 1 warning: mend or accept.",
        words,
    )
    assert "Suderland (imaginary) Nothing to do." in words
    assert "Shared, or nobody's alone Mend 1 fault and deliver again." in words


def test_each_finding_has_its_number_and_what_can_be_seen_has_a_picture(
    read: Callable[..., Read], of_every_shape: Examined
) -> None:
    found = read(of_every_shape)
    shown = [int(name.removeprefix("finding-")) for name in found.ids if name.startswith("finding-")]
    # The one that stands for seven is counted and not shown.
    assert sorted(shown) == [
        number for number, one in enumerate(of_every_shape.findings, start=1) if one.count == 1
    ]
    nothing_to_see = ("code-list", "source-missing", "field-absent")
    seen = [one for one in of_every_shape.findings if one.rule not in nothing_to_see and one.feature != "3"]
    assert found.classes.count("closeup") == len(seen)
    assert "7 more are not shown here" in re.sub(r"\s+", " ", found.words)


def test_what_the_data_say_is_text_and_never_markup(
    read: Callable[..., Read], of_every_shape: Examined
) -> None:
    for text in page.pages(of_every_shape).values():
        assert b"<b>&" not in text
    assert "broken <b>& “so”" in read(of_every_shape).words


def test_of_many_findings_the_first_of_each_kind_are_shown(
    with_findings: Callable[..., Examined], finding: Callable[..., Any], read: Callable[..., Read]
) -> None:
    many = [finding(row=row % 3 + 1, place=(1 + row / 1000, -1.5)) for row in range(500)]
    found = read(with_findings(*many, *(finding("spike", authority="suderland") for _ in range(SHOWN))))
    assert sum(name.startswith("finding-") for name in found.ids) == 2 * SHOWN
    assert found.classes.count("closeup") == 2 * SHOWN <= PICTURES
    assert f"{500 - SHOWN} more are not shown here" in re.sub(r"\s+", " ", found.words)


def test_a_page_stays_small_whatever_the_shapes_are(
    with_findings: Callable[..., Examined], finding: Callable[..., Any]
) -> None:
    crowd = shapely.Point(2.4, -1).buffer(0.2, quad_segs=50_000)
    one = page.pages(with_findings(finding(geometry=crowd)))["en"]
    twenty = page.pages(with_findings(*(finding(geometry=crowd, row=row) for row in range(1, 21))))["en"]
    assert len(twenty) - len(one) < 19 * 20_000


def test_what_an_operator_changed_is_told_with_his_reason(read: Callable[..., Read], sound: Examined) -> None:
    reason = Text(zh="有原因", en="for a reason")
    rules = {
        "spike": RuleSetting(limit=0.5, severity="note", reason=reason),
        "tile-id": RuleSetting(severity="off", reason=reason),
    }
    service = sound.service.model_copy(update={"gate": Gate(rules=rules)})
    words = read(Examined(service, sound.candidate, (), ())).words
    assert "“spike” is “note” and has the limit 0.5° (default 1°): for a reason" in words
    assert "is not looked at: for a reason" in words


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        (0.042, "1", "4.2 %"),
        (0.5, "m", "0.5 m"),
        (12_345, "m", "12.35 km"),
        (9_999, "m2", "9,999 m²"),
        (125_000, "m2", "12.5 ha"),
        (0.25, "deg", "0.25°"),
        (7, None, "7"),
    ],
)
def test_sizes_are_shown_in_units_that_people_use(value: float, unit: str | None, shown: str) -> None:
    assert page.quantity(value, unit) == shown
