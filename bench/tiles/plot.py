"""The plot of encoding: milliseconds of a tile by zoom on a logarithmic scale, as SVG without a library."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from bench.plot import Scale, document, dot, scale, text

WIDTH, HEIGHT = 820, 380
LEFT, TOP, PLOT_WIDTH, PLOT_HEIGHT = 70, 40, 500, 290


class Line(NamedTuple):
    """A line of the plot: a label, a colour, and its points as zoom and milliseconds."""

    label: str
    colour: str
    points: list[tuple[int, float]]


def encoding(rows: Sequence[dict[str, Any]], zones: int) -> str:
    """The plot of the random samples."""
    sample = sorted((row for row in rows if row["kind"] == "sample"), key=lambda row: row["zoom"])
    names = {
        "library": ("mapbox-vector-tile", "#999999"),
        "postgis": ("ST_AsMVT", "#c0392b"),
        "ours": ("ours, exact", "#2471a3"),
        "level": ("ours, as served", "#1e8449"),
    }
    lines = [
        Line(label, colour, [(row["zoom"], _value(row, key) * 1e3) for row in sample if _value(row, key)])
        for key, (label, colour) in names.items()
    ]
    return drawn(f"Milliseconds of a tile by zoom, one thread, {zones:,} zones, random tiles", lines)


def _value(row: dict[str, Any], key: str) -> float:
    found = row["library"] if key == "library" else row["seconds"].get(key)
    return float(found or 0.0)


def drawn(title: str, lines: Sequence[Line]) -> str:
    """An SVG document of the lines, each labelled in the legend."""
    zooms = sorted({zoom for line in lines for zoom, _ in line.points})
    up = scale([value for line in lines for _, value in line.points])
    parts = [text(LEFT, 24, title, "start"), *_grid(zooms, up), *_curves(lines, zooms, up)]
    return document(WIDTH, HEIGHT, parts)


def write(file: Path, document: str) -> None:
    """Write the plot beside the results."""
    file.write_text(document)


def _grid(zooms: Sequence[int], up: Scale) -> Iterator[str]:
    for power in up.powers():
        y = _y(power, up)
        yield f'<path d="M{LEFT} {y:.1f}h{PLOT_WIDTH}" stroke="#dddddd"/>'
        yield text(LEFT - 8, y + 4, f"{power:g}", "end")
    for zoom in zooms:
        x = _x(zoom, zooms)
        yield f'<path d="M{x:.1f} {TOP}v{PLOT_HEIGHT}" stroke="#eeeeee"/>'
        yield text(x, TOP + PLOT_HEIGHT + 20, str(zoom), "middle")
    yield text(LEFT + PLOT_WIDTH / 2, HEIGHT - 8, "zoom", "middle")


def _curves(lines: Sequence[Line], zooms: Sequence[int], up: Scale) -> Iterator[str]:
    for place, line in enumerate(line for line in lines if line.points):
        points = [(_x(zoom, zooms), _y(value, up)) for zoom, value in line.points]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        yield f'<polyline points="{path}" fill="none" stroke="{line.colour}" stroke-width="2"/>'
        for x, y in points:
            yield dot(x, y, 3, line.colour)
        y = TOP + 16 + 22 * place
        yield f'<path d="M{LEFT + PLOT_WIDTH + 20} {y - 4}h24" stroke="{line.colour}" stroke-width="2"/>'
        yield text(LEFT + PLOT_WIDTH + 52, y, line.label, "start")


def _x(zoom: int, zooms: Sequence[int]) -> float:
    return LEFT + PLOT_WIDTH * (zoom - zooms[0]) / max(zooms[-1] - zooms[0], 1)


def _y(value: float, up: Scale) -> float:
    return TOP + PLOT_HEIGHT * (1 - up.share(value))
