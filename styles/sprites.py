"""Icons and patterns as one sheet: a PNG and an index, for ordinary and for dense screens.

The sheet is itself an SVG in which every drawing is nested at its place, and resvg renders it in one go; so there is no
image library in between, and the same drawings give the same bytes on every machine.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import resvg_py

from styles.palette import painted

FOLDERS = (Path(__file__).parent / "icons", Path(__file__).parent / "patterns")
#: Width of a sheet in CSS pixels, and the empty pixels around a drawing that keep neighbours from bleeding in.
WIDTH = 256
GAP = 1
_SVG = re.compile(
    r'\s*<svg xmlns="http://www.w3.org/2000/svg" width="(\d+)" height="(\d+)" viewBox="[^"]*">(.*)</svg>\s*',
    re.S,
)


@dataclass(frozen=True, slots=True)
class Drawing:
    """An icon or a pattern: size in CSS pixels and what stands inside its <svg>, colours resolved."""

    name: str
    width: int
    height: int
    body: str

    def nested(self, x: float, y: float, scale: float = 1) -> str:
        """The drawing as an <svg> inside another one, clipped to its own box."""
        return (
            f'<svg x="{x:g}" y="{y:g}" width="{self.width * scale:g}" height="{self.height * scale:g}" '
            f'viewBox="0 0 {self.width} {self.height}">{self.body}</svg>'
        )


@cache
def drawings() -> Mapping[str, Drawing]:
    """Every drawing by name; ValueError when a file is not a plain <svg> with width, height and viewBox."""
    found = {}
    for path in sorted(path for folder in FOLDERS for path in folder.glob("*.svg")):
        text = painted(path.read_text("utf-8"))
        if (match := _SVG.fullmatch(text)) is None:
            raise ValueError(
                f'{path.name} does not begin with <svg xmlns=… width="…" height="…" viewBox="…">'
            )
        found[path.stem] = Drawing(path.stem, int(match[1]), int(match[2]), match[3].strip())
    return found


def sprites(ratio: int) -> tuple[bytes, dict[str, dict[str, int]]]:
    """The sheet at 1 or 2 device pixels a CSS pixel: a PNG, and name -> x, y, width, height, pixelRatio."""
    places, height = _placed()
    inside = "".join(drawings()[name].nested(x, y) for name, (x, y) in places.items())
    sheet = f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}">{inside}</svg>'
    png = resvg_py.svg_to_bytes(
        svg_string=sheet, width=WIDTH * ratio, height=height * ratio, skip_system_fonts=True
    )
    index = {
        name: {
            "x": x * ratio,
            "y": y * ratio,
            "width": drawings()[name].width * ratio,
            "height": drawings()[name].height * ratio,
            "pixelRatio": ratio,
        }
        for name, (x, y) in sorted(places.items())
    }
    return bytes(png), index


def _placed() -> tuple[dict[str, tuple[int, int]], int]:
    """Name -> left and top of each drawing, tallest first in shelves; and the height of all shelves."""
    places: dict[str, tuple[int, int]] = {}
    x = y = shelf = 0
    for drawing in sorted(drawings().values(), key=lambda one: (-one.height, -one.width, one.name)):
        if x + drawing.width + GAP > WIDTH:
            x, y, shelf = 0, y + shelf, 0
        places[drawing.name] = (x, y)
        x += drawing.width + GAP
        shelf = max(shelf, drawing.height + GAP)
    return places, y + shelf
