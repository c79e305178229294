"""docs/formats.md: its examples are answered, and its table is what the service offers."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from releases.formats import geoparquet
from server import ranges
from server.items.forms import MEDIA

Get = Callable[..., Any]
ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "formats.md").read_text("utf-8")
EXAMPLES = re.findall(r"^    (/collections\S*)$", TEXT, re.M)
TABLE = dict(re.findall(r"^\| `([a-z]+)` \| (\S+) \|", TEXT, re.M))


def test_the_table_has_every_form_that_the_service_has() -> None:
    assert {form: media for form, media in MEDIA.items() if form != "json"} == TABLE


def test_there_is_an_example_of_every_form_but_the_page() -> None:
    shown = {match[1] for match in (re.search(r"[?&]f=([a-z]+)", one) for one in EXAMPLES) if match}
    assert shown == TABLE.keys() - {"html"}


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_is_answered_in_its_form(get: Get, example: str) -> None:
    form = re.search(r"[?&]f=([a-z]+)", example)
    assert form is not None
    assert get(example).content_type.partition(";")[0] == TABLE[form[1]]


def test_the_numbers_are_those_of_the_program() -> None:
    assert f"Row groups of {geoparquet.GROUP:,} features" in TEXT
    assert f"up to {ranges.MOST} at once" in TEXT
