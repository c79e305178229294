"""The one style of the blueprint: read from its source, and rendered for a client.

The source (blueprint.json) is a MapLibre style with three liberties, all resolved here: colours by name (see `palette`), no
addresses, and these keys in `metadata`:

    of the style   blueprint:name-en   its name in English
                   blueprint:hidden    the layers that a map does not show at first
    of a layer     blueprint:text-en   its `text-field` in English; the one in `layout` is Chinese
                   blueprint:natures   it is drawn only when the data are of one of these natures

So one style serves real and made-up data: the mark of synthetic data is drawn exactly where data are synthetic.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Protocol

from config.models import Layer, Nature
from styles import names, palette, plain, sprites

FILE = Path(__file__).parent / "blueprint.json"
#: The source that is tiles; the other one holds names.
TILES = "blueprint"
Style = dict[str, Any]


class Published(Protocol):
    """A layer as a release has it: its configuration, and how real its data turned out to be."""

    @property
    def layer(self) -> Layer: ...

    @property
    def nature(self) -> Nature: ...


def load() -> Style:
    """The style's source with its colours resolved: what a release keeps."""
    style: Style = json.loads(palette.painted(FILE.read_text("utf-8")))
    return style


def digest() -> str:
    """sha256 of all that decides how a map looks: style, palette, icons and patterns."""
    content = hashlib.sha256()
    drawings = sorted(path for folder in sprites.FOLDERS for path in folder.glob("*.svg"))
    for path in (FILE, palette.FILE, *drawings):
        text = path.read_bytes()
        content.update(f"{path.name} {len(text)}\n".encode() + text)
    return content.hexdigest()


def render(
    style: Mapping[str, Any],
    *,
    lang: str,
    tilejson_url: str,
    glyphs_url: str,
    sprite_url: str,
    layers: Iterable[Published],
) -> Style:
    """The style for one client: in a language, with addresses, for the layers that a release has.

    Parameters
    ----------
    style : what `load` gave
    lang : "zh" or "en"
    glyphs_url : with {fontstack} and {range}
    layers : those of the release; a layer that the style does not know gets a plain look, a style layer without its layer
        is left out, and none starts below the zoom where its tiles do
    """
    shown = {one.layer.id: one.layer.model_copy(update={"nature": one.nature}) for one in layers}
    hidden = frozenset(style["metadata"]["blueprint:hidden"])
    points = "data" in style["sources"][names.SOURCE]
    known = {one["source-layer"] for one in style["layers"] if "source-layer" in one}
    drawn = plain.inserted(style["layers"], [layer for layer in shown.values() if layer.id not in known])
    finished = [
        _finished(one, lang, shown.get(one.get("source-layer", "")), hidden, points)
        for one in drawn
        if _wanted(one, shown)
    ]
    return {
        "version": 8,
        "name": style["metadata"]["blueprint:name-en"] if lang == "en" else style["name"],
        "sources": _sources(style, tilejson_url, {one["source"] for one in finished if "source" in one}),
        "glyphs": glyphs_url,
        "sprite": sprite_url,
        "layers": finished,
    }


def _wanted(one: Mapping[str, Any], shown: Mapping[str, Layer]) -> bool:
    if "source-layer" not in one:
        return True
    layer = shown.get(one["source-layer"])
    if layer is None or one.get("maxzoom", 24) <= layer.zoom.min:
        return False
    natures = one.get("metadata", {}).get("blueprint:natures")
    return natures is None or layer.nature in natures


def _finished(
    one: Mapping[str, Any], lang: str, layer: Layer | None, hidden: frozenset[str], points: bool
) -> Style:
    """A style layer in one language, with what a map page needs to switch it; the background has neither."""
    finished = {name: value for name, value in one.items() if name != "metadata"}
    if layer is None:
        return finished
    metadata = one.get("metadata", {})
    layout = dict(one.get("layout", {}))
    if lang == "en" and "blueprint:text-en" in metadata:
        layout["text-field"] = metadata["blueprint:text-en"]
    if layer.id in hidden:
        layout["visibility"] = "none"
    if layout:
        finished["layout"] = layout
    if (start := max(one.get("minzoom", 0), layer.zoom.min)) > 0:
        finished["minzoom"] = start
    finished["metadata"] = {"blueprint:layer": layer.id, "blueprint:default": layer.id not in hidden}
    if one["source"] == names.SOURCE:
        return _named(finished, layer.id) if points else {**finished, "source": TILES}
    return finished


def _named(one: Mapping[str, Any], layer_id: str) -> Style:
    """A layer of names as one of points, which are all in one source and know their layer."""
    chosen = ["==", ["get", names.LAYER], layer_id]
    narrowed = ["all", chosen, one["filter"]] if "filter" in one else chosen
    return {**{name: value for name, value in one.items() if name != "source-layer"}, "filter": narrowed}


def _sources(style: Mapping[str, Any], tilejson_url: str, used: set[str]) -> Style:
    addressed = {
        TILES: {**style["sources"][TILES], "url": tilejson_url},
        names.SOURCE: style["sources"][names.SOURCE],
    }
    return {name: source for name, source in addressed.items() if name in used}
