"""One entry of a legend as a small SVG: the layers of the style one over the other, as they lie on the map."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from styles.evaluation import evaluated
from styles.expressions import parts
from styles.sprites import Drawing, drawings

WIDTH, HEIGHT = 36, 20
#: The zoom whose widths and sizes a legend shows.
ZOOM = 10.0
_ICON = 18
_UNSEEN = 0.02


def swatch(layers: Iterable[Mapping[str, Any]], known: Mapping[str, Any]) -> str:
    """An <svg> of 36 x 20 for the features whose attributes are `known`; colours are resolved, no id is in it."""
    # Of a layer that mixes kinds of geometry, areas are left out: what is short of room is told best by line and icon.
    drawn = [one for one in layers if one["type"] != "fill" or not _mixed(one)]
    area = any(one["type"] == "fill" for one in drawn)
    inside = "".join(_DRAW[one["type"]](_looks(one, known), area) for one in drawn if one["type"] in _DRAW)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" '
        f'viewBox="0 0 {WIDTH} {HEIGHT}" aria-hidden="true">{inside}</svg>'
    )


def visible(layer: Mapping[str, Any]) -> bool:
    """Whether a style layer shows anything in a swatch: lettering does not, nor does a pattern larger than it."""
    if layer["type"] == "symbol":
        return "icon-image" in layer["layout"]
    paint = layer.get("paint", {})
    if pattern := paint.get("fill-pattern"):
        return drawings()[pattern].height <= 2 * HEIGHT
    # A fill that is there only to be clicked on is as good as none.
    return layer["type"] in _DRAW and evaluated(paint.get("fill-opacity", 1), {}, ZOOM) > _UNSEEN


def _mixed(layer: Mapping[str, Any]) -> bool:
    return any(part[0] == "geometry-type" for part in parts(layer.get("filter")))


def _looks(layer: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    stated = {**layer.get("layout", {}), **layer.get("paint", {})}
    wanted = {name: value for name, value in stated.items() if not name.startswith(("text-", "symbol-"))}
    return {name: evaluated(value, known, ZOOM) for name, value in wanted.items()}


def _fill(looks: Mapping[str, Any], area: bool) -> str:
    opacity = looks.get("fill-opacity", 1)
    if pattern := looks.get("fill-pattern"):
        return f'<g opacity="{opacity:g}">{_tiled(drawings()[pattern])}</g>'
    return (
        f'<rect x="1" y="1" width="{WIDTH - 2}" height="{HEIGHT - 2}" '
        f'fill="{looks["fill-color"]}" fill-opacity="{opacity:g}"/>'
    )


def _tiled(drawing: Drawing) -> str:
    places = [(x, y) for y in range(0, HEIGHT, drawing.height) for x in range(0, WIDTH, drawing.width)]
    tiles = "".join(drawing.nested(x, y) for x, y in places)
    return f'<svg x="1" y="1" width="{WIDTH - 2}" height="{HEIGHT - 2}">{tiles}</svg>'


def _line(looks: Mapping[str, Any], area: bool) -> str:
    """Round an area its edge, otherwise a stroke from left to right."""
    width = min(looks.get("line-width", 1), 8)
    dash = " ".join(f"{part * width:g}" for part in looks.get("line-dasharray", ()))
    stroke = (
        f'fill="none" stroke="{looks["line-color"]}" stroke-width="{width:g}" '
        f'stroke-opacity="{looks.get("line-opacity", 1):g}"' + (f' stroke-dasharray="{dash}"' if dash else "")
    )
    if area:
        return f'<rect x="1" y="1" width="{WIDTH - 2}" height="{HEIGHT - 2}" {stroke}/>'
    return f'<path d="M1 {HEIGHT / 2:g}H{WIDTH - 1}" {stroke}/>'


def _circle(looks: Mapping[str, Any], area: bool) -> str:
    return (
        f'<circle cx="{WIDTH / 2:g}" cy="{HEIGHT / 2:g}" r="{looks.get("circle-radius", 5):g}" '
        f'fill="{looks["circle-color"]}" stroke="{looks.get("circle-stroke-color", "none")}" '
        f'stroke-width="{looks.get("circle-stroke-width", 0):g}"/>'
    )


def _symbol(looks: Mapping[str, Any], area: bool) -> str:
    drawing = drawings()[looks["icon-image"]]
    scale = min(1, _ICON / max(drawing.width, drawing.height))
    left, top = (WIDTH - drawing.width * scale) / 2, (HEIGHT - drawing.height * scale) / 2
    return drawing.nested(left, top, scale)


_DRAW = {"fill": _fill, "line": _line, "circle": _circle, "symbol": _symbol}
