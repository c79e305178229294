"""The plot of the cases: answers a second of each server on a logarithmic scale, a line of dots for each case."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bench.plot import Scale, document, dot, scale, text

WIDTH, LINE, TOP, BOTTOM = 900, 22, 76, 48
LEFT, RIGHT = 330, 40
COLOURS = {"ours": "#2471a3", "tipg": "#c0392b", "pygeoapi": "#888888", "pg_featureserv": "#1e8449"}


def drawn(rows: Sequence[Mapping[str, Any]], zones: int) -> str:
    """An SVG document of all cases that a peer has as well."""
    cases: dict[str, dict[str, float]] = {}
    for row in rows:
        title = f"{row['title']}, {row['temper']}" if row["temper"] else row["title"]
        cases.setdefault(title, {})[row["server"]] = row["per_second"]
    cases = {title: rates for title, rates in cases.items() if len(rates) > 1}
    along = scale([value for rates in cases.values() for value in rates.values()])
    height = TOP + LINE * len(cases) + BOTTOM
    parts = [
        text(20, 26, f"Answers a second, {zones:,} zones, one worker each", "start"),
        *_legend(),
        *_grid(along, len(cases)),
        *_lines(cases, along),
    ]
    return document(WIDTH, height, parts)


def _legend() -> Iterator[str]:
    for place, (name, colour) in enumerate(COLOURS.items()):
        yield dot(LEFT + 130 * place, 48, 5, colour)
        yield text(LEFT + 130 * place + 12, 52, name, "start")


def _grid(along: Scale, lines: int) -> Iterator[str]:
    for power in along.powers():
        x = _x(power, along)
        yield f'<path d="M{x:.1f} {TOP - 8}v{LINE * lines + 8}" stroke="#dddddd"/>'
        yield text(x, TOP + LINE * lines + 20, f"{power:g}", "middle")


def _lines(cases: Mapping[str, Mapping[str, float]], along: Scale) -> Iterator[str]:
    for place, (title, rates) in enumerate(cases.items()):
        y = TOP + LINE * (place + 0.5)
        xs = [_x(value, along) for value in rates.values()]
        yield text(LEFT - 14, y + 4, title, "end")
        yield f'<path d="M{min(xs):.1f} {y:.1f}H{max(xs):.1f}" stroke="#cccccc" stroke-width="2"/>'
        # Ours last, on top of the others.
        for name in sorted(rates, key=list(COLOURS).index, reverse=True):
            yield dot(_x(rates[name], along), y, 5, COLOURS[name])


def _x(value: float, along: Scale) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * along.share(value)
