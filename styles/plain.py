"""A plain look for a layer that the style does not know, so that an operator's own data are on the map at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from config.models import Layer
from styles.palette import palette

Drawn = dict[str, Any]


def inserted(layers: Sequence[Mapping[str, Any]], unknown: Sequence[Layer]) -> list[Mapping[str, Any]]:
    """The style's layers with plain ones for each unknown layer: areas, lines and points below all lettering."""
    first = next((place for place, one in enumerate(layers) if one["type"] == "symbol"), len(layers))
    shapes = [one for layer in unknown for one in _shapes(layer)]
    labels = [_label(layer) for layer in unknown if layer.title_field]
    return [*layers[:first], *shapes, *labels, *layers[first:]]


def _shapes(layer: Layer) -> list[Drawn]:
    """One style layer for each kind of geometry that the layer may hold."""
    ink, halo = palette()["prefecture"], palette()["halo"]
    looks: dict[str, tuple[str, Drawn]] = {
        "Polygon": ("fill", {"fill-color": ink, "fill-opacity": 0.15}),
        "LineString": ("line", {"line-color": ink, "line-width": 1.6}),
        "Point": (
            "circle",
            {"circle-color": ink, "circle-radius": 4, "circle-stroke-color": halo, "circle-stroke-width": 1},
        ),
    }
    held = [kind for kind in looks if layer.geometry in (kind, f"Multi{kind}", "Geometry")]
    drawn = [_drawn(layer, kind, *looks[kind], filtered=layer.geometry == "Geometry") for kind in held]
    if "Polygon" in held:
        drawn.append(_drawn(layer, "Polygon", *looks["LineString"], filtered=True))
        if layer.nature == "synthetic":
            drawn.append(
                _drawn(layer, "Polygon", "fill", {"fill-pattern": "synthetic"}, filtered=True, suffix="-mark")
            )
    return drawn


def _drawn(
    layer: Layer, kind: str, drawn_as: str, paint: Drawn, *, filtered: bool, suffix: str = ""
) -> Drawn:
    look: Drawn = {
        "id": f"{layer.id}-{kind.lower()}-{drawn_as}{suffix}",
        "type": drawn_as,
        "source": "blueprint",
        "source-layer": layer.id,
        "paint": paint,
    }
    if layer.nature == "schematic" and drawn_as == "line":
        look["paint"] = {**paint, "line-dasharray": [4, 2]}
    if filtered:
        look["filter"] = ["==", ["geometry-type"], kind]
    return look


def _label(layer: Layer) -> Drawn:
    assert layer.title_field is not None
    field = layer.title_field.name
    return {
        "id": f"{layer.id}-label",
        "type": "symbol",
        "source": "blueprint",
        "source-layer": layer.id,
        "minzoom": 8,
        "layout": {
            "text-field": ["get", field],
            "text-font": ["Noto Sans SC Regular"],
            "text-size": 11,
            "text-anchor": "top",
            "text-offset": [0, 0.6],
        },
        "paint": {
            "text-color": palette()["ink-soft"],
            "text-halo-color": palette()["halo"],
            "text-halo-width": 1.2,
        },
    }
