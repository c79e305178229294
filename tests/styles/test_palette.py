"""The palette: every colour has a name, every name is used, and lettering can be read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest

from styles import palette, style
from styles.sprites import FOLDERS

TEXTS = {
    path.name: path.read_text("utf-8")
    for path in (style.FILE, *(p for f in FOLDERS for p in f.glob("*.svg")))
}
#: Colours that code uses and no file names.
IN_CODE = {"other"}


@pytest.mark.parametrize("name", TEXTS)
def test_style_and_drawings_name_their_colours_and_hold_none(name: str) -> None:
    assert palette.names(TEXTS[name]) <= palette.palette().keys()
    without_references = re.sub(r'href="#[^"]*"', "", TEXTS[name])
    assert not re.search(r"#[0-9a-fA-F]{3,8}\b|rgba?\(|hsl", without_references)


def test_no_colour_is_without_use() -> None:
    used = set().union(*(palette.names(text) for text in TEXTS.values()))
    assert palette.palette().keys() - used - IN_CODE == set()


def test_an_unknown_colour_is_told_by_its_name() -> None:
    with pytest.raises(palette.UnknownColour, match="mauve"):
        palette.painted('{"fill-color": "@mauve"}')


def luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def colours(value: Any) -> set[str]:
    return set(re.findall(r"#[0-9a-f]{6}", str(value)))


def test_lettering_stands_out_from_its_halo_as_wcag_asks(source: Mapping[str, Any]) -> None:
    faint = {}
    for one in source["layers"]:
        paint = one.get("paint", {})
        for ink in colours(paint.get("text-color")):
            (halo,) = colours(paint["text-halo-color"])
            contrast = (luminance(halo) + 0.05) / (luminance(ink) + 0.05)
            if contrast < 4.5:  # WCAG 2.2, 1.4.3
                faint[one["id"], ink] = round(contrast, 2)
    assert not faint
