"""The style of the findings for QGIS (QML): a sign for each severity, told by colour and by shape as on the page.

Polygons and lines have the sign in their middle too, since a fault of a metre cannot be seen on a map of a province.
"""

from __future__ import annotations

from functools import cache
from typing import Final, NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined


class Sign(NamedTuple):
    """How a severity is shown: its label, its colour as R,G,B, and the shape of its marker."""

    severity: str
    label: str
    colour: str
    shape: str


#: The same colours and shapes as on the page.
SIGNS: Final = (
    Sign("refuse", "必须改正 To be mended", "155,28,31", "diamond"),
    Sign("warn", "警告 Warning", "227,155,0", "triangle"),
    Sign("note", "提示 Note", "61,134,184", "circle"),
)
_KINDS: Final = {0: "marker", 1: "line", 2: "fill"}
#: What `status` may be, and how QGIS' form offers it.
STATES: Final = (("open", "待改 open"), ("fixed", "已改 fixed"), ("accepted", "接受 accepted"))


@cache
def style(dimension: int | None) -> str:
    """The style of a layer of points (0), lines (1) or polygons (2), or (None) of a table: the form alone."""
    environment = Environment(
        loader=PackageLoader("releases.report"), autoescape=True, trim_blocks=True, undefined=StrictUndefined
    )
    template = environment.get_template("findings.qml")
    kind = None if dimension is None else _KINDS[dimension]
    return template.render(signs=SIGNS, kind=kind, dimension=dimension, states=STATES)
