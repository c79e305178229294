"""docs/crs.md: its examples are answered, and its table is what the service says."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Get = Callable[..., Any]
ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "crs.md").read_text("utf-8")
EXAMPLES = re.findall(r"^    (/collections\S*(?: \S+)*)$", TEXT, re.M)


def test_there_are_examples() -> None:
    assert len(EXAMPLES) == 6


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_is_answered_in_the_crs_it_asks_for(get: Get, example: str) -> None:
    answer = get(example.replace(" ", "%20"))
    crs = re.search(r"[?&]crs=([^&]+)", example)
    default = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
    assert answer.headers["Content-Crs"] == f"<{crs[1] if crs else default}>"
    assert answer.json.get("numberMatched", 1) > 0 or "POINT" in example


def test_the_table_has_the_axes_that_the_service_tells(get: Get) -> None:
    told = {one["code"]: one for one in get("/collections?f=json").json["crsDetails"]}
    rows = re.findall(
        r"^\| ([A-Z]+:[A-Z0-9]+)[^|]*\|[^|]*\| \**([a-z]+), ([a-z]+)\** \| (\d) \|$", TEXT, re.M
    )
    assert {"OGC:CRS84", "EPSG:4490", "EPSG:4326", "EPSG:3857", "EPSG:4523"} == {row[0] for row in rows}
    for code, first, second, decimals in rows:
        axes = [name.removeprefix("Geodetic ").lower() for name in told[code]["axes"]]
        assert (axes, told[code]["decimals"]) == ([first, second], int(decimals))
