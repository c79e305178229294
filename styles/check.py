"""Whether style and data fit together: nothing is named that is not there, and no code that occurs is without a rule.

A list of small checks over the style's source, each yielding problems; `tests` run MapLibre's own validator besides.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from config.models import CodeList, Layer, Text
from styles import expressions, fonts, names
from styles.sprites import drawings

Style = Mapping[str, Any]
_IMAGES = ("icon-image", "fill-pattern", "line-pattern", "background-pattern")


@dataclass(frozen=True, slots=True)
class Problem:
    """A fault of the style: which of its layers, and what is wrong there."""

    layer: str
    message: Text

    def __str__(self) -> str:
        return f"{self.layer}: {self.message.en}"


@dataclass(frozen=True, slots=True)
class Data:
    """What a style is held against.

    layers : by id
    values : (layer, field) -> codes that occur, for fields with a code list; where absent, all of the code list count
    """

    layers: Mapping[str, Layer]
    codelists: Mapping[str, CodeList]
    values: Mapping[tuple[str, str], Collection[str]]

    def codes(self, layer: Layer, name: str) -> tuple[set[str], set[str]] | None:
        """Codes that the field may have and those that occur; None when it has no code list."""
        field = layer.field(name)
        if field is None or field.codelist is None:
            return None
        possible = {code.value for code in self.codelists[field.codelist].codes}
        return possible, set(self.values.get((layer.id, name), possible))


def check(
    style: Style,
    layers: Iterable[Layer],
    codelists: Mapping[str, CodeList],
    values: Mapping[tuple[str, str], Collection[str]],
) -> tuple[Problem, ...]:
    """Every problem of a style (what `style.load` gave) with these layers and the codes that occur in them."""
    data = Data({layer.id: layer for layer in layers}, codelists, values)
    return tuple(problem for one in CHECKS for problem in one(style, data))


def _ids(style: Style, data: Data) -> Iterator[Problem]:
    seen: set[str] = set()
    for one in style["layers"]:
        if one["id"] in seen:
            yield Problem(one["id"], Text(zh="标识重复", en="its id is used twice"))
        seen.add(one["id"])


def _sources(style: Style, data: Data) -> Iterator[Problem]:
    for one in style["layers"]:
        source, name = one.get("source"), one.get("source-layer")
        if one["type"] != "background" and (source not in style["sources"] or name is None):
            yield Problem(
                one["id"],
                Text(zh=f"没有数据源 {source}", en=f"there is no source {source!r} with that layer"),
            )
        elif name is not None and name not in data.layers:
            yield Problem(one["id"], Text(zh=f"没有图层 {name}", en=f"there is no layer {name!r}"))
        if source == names.SOURCE and one["layout"].get("symbol-placement", "point") != "point":
            yield Problem(one["id"], Text(zh="名称源只有点", en="the source of names holds points only"))
    for name in style["metadata"]["blueprint:hidden"]:
        if name not in data.layers:
            yield Problem("metadata", Text(zh=f"没有图层 {name}", en=f"there is no layer {name!r} to hide"))


def _fields(style: Style, data: Data) -> Iterator[Problem]:
    for one, layer in _drawn(style, data):
        wanted = set().union(*(expressions.fields(value) for value in _stated(one)))
        for name in sorted(wanted - {field.name for field in layer.fields}):
            message = Text(zh=f"{layer.id} 没有字段 {name}", en=f"{layer.id} has no field {name!r}")
            yield Problem(one["id"], message)


def _fields_left(style: Style, data: Data) -> Iterator[Problem]:
    """Where a layer may be dissolved, tiles have its class fields alone; only its last zoom is never dissolved."""
    for one, layer in _drawn(style, data):
        if not layer.generalise.dissolve or one.get("minzoom", 0) >= layer.zoom.max:
            continue
        wanted = set().union(*(expressions.fields(value) for value in (one.get("filter"), *_stated(one))))
        gone = {field.name for field in layer.fields} - set(layer.generalise.dissolve)
        for name in sorted(wanted & gone):
            message = Text(
                zh=f"{layer.id} 融合后没有字段 {name}",
                en=f"{layer.id} has no field {name!r} at zooms where it is dissolved",
            )
            yield Problem(one["id"], message)


def _expressions(style: Style, data: Data) -> Iterator[Problem]:
    for one in style["layers"]:
        for value in (one.get("filter"), *_stated(one)):
            if expressions.scalar_labels(value):
                yield Problem(
                    one["id"],
                    Text(
                        zh="match 的标签须为数组，否则 QGIS 失效",
                        en="a label of `match` is no list, which fails in QGIS",
                    ),
                )
            unknown = {part[0] for part in expressions.parts(value)} - expressions.KNOWN - _PLAIN
            for name in sorted(unknown):
                yield Problem(
                    one["id"],
                    Text(zh=f"不支持运算 {name}", en=f"not every client knows the operator {name!r}"),
                )


def _known_codes(style: Style, data: Data) -> Iterator[Problem]:
    for one, layer in _drawn(style, data):
        for name, options in _choices(one):
            if (codes := data.codes(layer, name)) is not None:
                for code in sorted(set(map(str, options)) - codes[0]):
                    message = Text(zh=f"{name} 没有代码 {code}", en=f"{name} has no code {code!r}")
                    yield Problem(one["id"], message)


def _every_code_has_a_rule(style: Style, data: Data) -> Iterator[Problem]:
    """In each `match` that gives a look; and over all style layers of a layer, whose filters may miss a code."""
    for one, layer in _drawn(style, data):
        let_through = dict(expressions.choices(one.get("filter")))
        for value in _looks(one):
            for name, labels in expressions.choices(value):
                if (codes := data.codes(layer, name)) is not None:
                    here = codes[1] & set(map(str, let_through.get(name, codes[1])))
                    for code in sorted(here - set(map(str, labels))):
                        message = Text(zh=f"{name} {code} 没有规则", en=f"{name} {code!r} has no rule")
                        yield Problem(one["id"], message)


def _every_code_is_drawn(style: Style, data: Data) -> Iterator[Problem]:
    """Where every shape of a layer stands behind a filter on a code, each code that occurs passes one of them."""
    passing: dict[tuple[str, str], set[str]] = {}
    whole: set[str] = set()
    for one, layer in _drawn(style, data):
        tests = dict(expressions.choices(one.get("filter")))
        for name, options in tests.items():
            passing.setdefault((layer.id, name), set()).update(map(str, options))
        if not tests and one["type"] != "symbol":
            whole.add(layer.id)
    for (layer_id, name), passed in passing.items():
        codes = data.codes(data.layers[layer_id], name)
        if codes is not None and layer_id not in whole:
            for code in sorted(codes[1] - passed):
                message = Text(zh=f"{name} {code} 从不绘出", en=f"{name} {code!r} is never drawn")
                yield Problem(layer_id, message)


def _images(style: Style, data: Data) -> Iterator[Problem]:
    for one in style["layers"]:
        stated = {**one.get("layout", {}), **one.get("paint", {})}
        for key in _IMAGES:
            for image in expressions.outputs(stated.get(key)):
                if image is not None and image not in drawings():
                    yield Problem(one["id"], Text(zh=f"没有图标 {image}", en=f"there is no image {image!r}"))


def _fonts(style: Style, data: Data) -> Iterator[Problem]:
    for one in style["layers"]:
        if one["type"] == "symbol" and "text-field" in one["layout"]:
            stack = one["layout"].get("text-font", ())
            if not stack or any(name not in fonts.FILES for name in stack):
                yield Problem(one["id"], Text(zh=f"没有字体 {stack}", en=f"there is no font {stack!r}"))


def _zooms(style: Style, data: Data) -> Iterator[Problem]:
    for one, layer in _drawn(style, data):
        if one.get("minzoom", 0) >= one.get("maxzoom", 24) or one.get("maxzoom", 24) <= layer.zoom.min:
            yield Problem(one["id"], Text(zh="没有可见的级别", en="there is no zoom at which it is drawn"))


def _every_layer_is_drawn(style: Style, data: Data) -> Iterator[Problem]:
    drawn = {one.get("source-layer") for one in style["layers"]}
    for name in sorted(data.layers.keys() - drawn):
        yield Problem(name, Text(zh="样式未绘出此图层", en="the style does not draw this layer"))


CHECKS: tuple[Callable[[Style, Data], Iterator[Problem]], ...] = (
    _ids,
    _sources,
    _fields,
    _fields_left,
    _expressions,
    _known_codes,
    _every_code_has_a_rule,
    _every_code_is_drawn,
    _images,
    _fonts,
    _zooms,
    _every_layer_is_drawn,
)
#: Properties whose value may be a list of words, and the one list of words inside expressions.
_LISTS = frozenset(("text-font", "text-variable-anchor"))
_PLAIN = frozenset(("linear",))


def _drawn(style: Style, data: Data) -> Iterator[tuple[Mapping[str, Any], Layer]]:
    """The style layers whose layer there is."""
    for one in style["layers"]:
        if (layer := data.layers.get(one.get("source-layer", ""))) is not None:
            yield one, layer


def _stated(one: Mapping[str, Any]) -> Iterator[Any]:
    """Everything in a style layer that may be an expression, its filter apart."""
    yield from _looks(one)
    yield from (
        one.get("layout", {}).get("symbol-sort-key"),
        one.get("metadata", {}).get("blueprint:text-en"),
    )


def _looks(one: Mapping[str, Any]) -> Iterator[Any]:
    """What decides how a feature looks, in which order it is placed apart."""
    yield from one.get("paint", {}).values()
    for name, value in one.get("layout", {}).items():
        if name not in _LISTS and name != "symbol-sort-key":
            yield value


def _choices(one: Mapping[str, Any]) -> Iterator[tuple[str, tuple[Any, ...]]]:
    for value in (one.get("filter"), *_stated(one)):
        yield from expressions.choices(value)
