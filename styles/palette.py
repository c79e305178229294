"""The colours by name. Style and icons write "@name"; here the names become colours.

One table for both, so that a line and the icon that stands for it in the legend cannot drift apart.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import yaml

FILE = Path(__file__).parent / "palette.yml"
_NAME = re.compile(r'"@([a-z][a-z0-9-]*)"')


class UnknownColour(ValueError):
    """A style or an icon names a colour that the palette does not have."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"the palette has no colour {name!r}; it has {', '.join(sorted(palette()))}")


@cache
def palette() -> Mapping[str, str]:
    """Name -> colour as #rrggbb."""
    colours: dict[str, str] = yaml.safe_load(FILE.read_text("utf-8"))
    return colours


def painted(text: str) -> str:
    """A style or an SVG as text, with every "@name" replaced by its colour; UnknownColour when there is none."""
    return _NAME.sub(lambda found: f'"{_colour(found[1])}"', text)


def names(text: str) -> set[str]:
    """The names of colours that a text uses."""
    return set(_NAME.findall(text))


def _colour(name: str) -> str:
    try:
        return palette()[name]
    except KeyError:
        raise UnknownColour(name) from None
