"""What plots share: an SVG document written by hand, and a logarithmic scale. No library is worth it for so little."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from html import escape
from typing import NamedTuple


class Scale(NamedTuple):
    """A logarithmic scale from one power of ten to another."""

    low: int
    high: int

    def share(self, value: float) -> float:
        """Where a value lies: 0 at the lower end, 1 at the upper."""
        return (math.log10(value) - self.low) / max(self.high - self.low, 1)

    def powers(self) -> list[float]:
        """The powers of ten on it."""
        return [10.0**power for power in range(self.low, self.high + 1)]


def scale(values: Sequence[float]) -> Scale:
    """The scale on which all values lie."""
    return Scale(math.floor(math.log10(min(values))), math.ceil(math.log10(max(values))))


def document(width: int, height: int, parts: Iterable[str]) -> str:
    """An SVG document on white."""
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="13">',
            f'<rect width="{width}" height="{height}" fill="white"/>',
            *parts,
            "</svg>\n",
        ]
    )


def text(x: float, y: float, words: str, anchor: str) -> str:
    """Words at a place, which is their start, middle or end."""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'


def dot(x: float, y: float, radius: float, colour: str) -> str:
    """A measured point."""
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:g}" fill="{colour}"/>'
