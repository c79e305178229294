"""The legend, read off the style itself: one entry for each class that it tells apart.

A class is a code of the field by which the style draws a layer; the style names the code, the code list gives its title.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from config.models import CodeList, Field, Layer, Nature, Text
from styles import expressions, plain
from styles.evaluation import holds
from styles.palette import palette
from styles.style import Published
from styles.swatch import ZOOM, swatch, visible

Entry = dict[str, Any]

#: What a legend says of data that are not what they seem.
CAUTIONS: Mapping[Nature, Text] = {
    "schematic": Text(zh="示意：位置与形状未经核实", en="Schematic: position and shape are unverified"),
    "synthetic": Text(zh="合成：由程序生成，不是规划成果", en="Synthetic: made by a program, it is no plan"),
}
#: The look that all such data share.
_MARKS: Mapping[Nature, Mapping[str, Any]] = {
    "schematic": {
        "type": "line",
        "paint": {"line-color": palette()["ink-faint"], "line-width": 1.6, "line-dasharray": [4, 2]},
    },
    "synthetic": {"type": "fill", "paint": {"fill-pattern": "synthetic-hatch"}},
}


def legend(
    style: Mapping[str, Any],
    published: Published,
    codelists: Mapping[str, CodeList],
    lang: str,
    values: Mapping[str, Collection[str]] | None = None,
) -> list[Entry]:
    """The entries of a layer, each with `title`, `value` (the code, None for the whole layer) and `svg`.

    Parameters
    ----------
    style : what `style.load` gave, or that of a release
    values : field -> the codes that occur; other codes are left out. None: all that the style names
    """
    layer = published.layer.model_copy(update={"nature": published.nature})
    drawn = list(_drawn(style, layer))
    shown = [one for one in drawn if visible(one)]
    field = _classes(layer, shown)
    entries = []
    for value, title in _codes(layer, field, shown, codelists, values):
        known = {} if field is None or value is None else {field.name: value}
        if parts := [one for one in shown if holds(one.get("filter"), known, ZOOM)]:
            entries.append({"title": title.of(lang), "value": value, "svg": swatch(parts, known)})
    if entries and layer.nature in CAUTIONS:
        entries.append(
            {
                "title": CAUTIONS[layer.nature].of(lang),
                "value": None,
                "svg": swatch([_MARKS[layer.nature]], {}),
            }
        )
    return entries


def _drawn(style: Mapping[str, Any], layer: Layer) -> Iterator[Mapping[str, Any]]:
    """The style layers that draw a layer's data as real as they are; the plain ones when it is unknown to the style."""
    mine = [one for one in style["layers"] if one.get("source-layer") == layer.id]
    for one in mine or plain.inserted([], [layer]):
        natures = one.get("metadata", {}).get("blueprint:natures")
        if natures is None or layer.nature in natures:
            yield one


def _classes(layer: Layer, shown: list[Mapping[str, Any]]) -> Field | None:
    """The field with a code list by which the style tells features apart, the one of role `type` first."""
    compared = {name for one in shown for name, _ in _choices(one)}
    coded = [field for field in layer.fields if field.codelist and field.name in compared]
    return min(coded, key=lambda field: field.role != "type", default=None)


def _codes(
    layer: Layer,
    field: Field | None,
    shown: list[Mapping[str, Any]],
    codelists: Mapping[str, CodeList],
    values: Mapping[str, Collection[str]] | None,
) -> Iterator[tuple[str | None, Text]]:
    """Code and title of each class in the order of the code list; None and the layer's title when there are no classes."""
    if field is None or field.codelist is None:
        yield None, layer.title
        return
    named = {
        value for one in shown for name, options in _choices(one) if name == field.name for value in options
    }
    occurring = named if values is None else named & set(values.get(field.name, ()))
    for code in codelists[field.codelist].codes:
        if code.value in occurring:
            yield code.value, code.title


def _choices(one: Mapping[str, Any]) -> Iterator[tuple[str, tuple[Any, ...]]]:
    for value in (one.get("filter"), *one.get("paint", {}).values(), *one.get("layout", {}).values()):
        yield from expressions.choices(value)
