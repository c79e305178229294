"""What must agree between the values of a configuration, as a list of small checks that yield faults.

Rule here: a check never needs the whole to be valid. It sees the parts that are, and the names of those that
are not, so that one wrong value does not hide the faults of the others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

from config import delivering
from config.disagreement import Fault, each_layer, repeated, unknown
from config.parts import Parts
from config.problems import Key
from config.rules import RULES
from config.values import Text


def faults(parts: Parts) -> Iterator[Fault]:
    """Every fault between the parts, check by check."""
    for check in CHECKS:
        yield from check(parts)


def _unique_ids(parts: Parts) -> Iterator[Fault]:
    for kind, names in parts.names.items():
        yield from repeated(((kind, place, "id"), name) for place, name in names)


def _unique_within_layers(parts: Parts) -> Iterator[Fault]:
    for at, layer in each_layer(parts):
        yield from repeated(((*at, "fields", i, "name"), field.name) for i, field in layer.fields.items())
        seen: set[tuple[str, str, str | None]] = set()
        for i, source in layer.sources.items():
            place = (source.authority, source.path, source.table)
            if place in seen:
                message = Text(
                    zh=f"数据源 {source.path!r} 重复", en=f"the source {source.path!r} stands here twice"
                )
                yield Fault(
                    (*at, "sources", i), message, Text(zh="每个数据源只列一次", en="each source once")
                )
            seen.add(place)


def _unique_codes(parts: Parts) -> Iterator[Fault]:
    places = {name: place for place, name in reversed(parts.names["codelists"])}
    for name, codelist in parts.codelists.items():
        at: Key = ("codelists", places[name], "codes")
        yield from repeated(((*at, i, "value"), code.value) for i, code in enumerate(codelist.codes))


def _roles(parts: Parts) -> Iterator[Fault]:
    for at, layer in each_layer(parts):
        counts = Counter(field.role for field in layer.fields.values())
        if counts["id"] == 0 and layer.all_fields_valid:
            message = Text(zh=f"图层 {layer.id} 没有标识字段", en=f"layer {layer.id} has no id field")
            expected = Text(zh="一个带 role: id 的字段", en="one field with role: id")
            yield Fault((*at, "fields"), message, expected)
        seen: set[str] = set()
        for i, field in layer.fields.items():
            if field.role in seen:
                message = Text(
                    zh=f"图层有 {counts[field.role]} 个 {field.role} 字段",
                    en=f"the layer has {counts[field.role]} {field.role} fields",
                )
                expected = Text(
                    zh=f"至多一个带 role: {field.role} 的字段", en=f"one field with role: {field.role}"
                )
                yield Fault((*at, "fields", i, "role"), message, expected)
            if field.role is not None:
                seen.add(field.role)


def _validity(parts: Parts) -> Iterator[Fault]:
    for at, layer in each_layer(parts):
        if not layer.validity or not layer.all_fields_valid:
            continue
        if any(field.role == "temporal" for field in layer.fields.values()):
            message = Text(zh="同时有 validity 和时间字段", en="there is a validity and a temporal field")
            yield Fault((*at, "validity"), message, Text(zh="两者之一", en="one of the two"))
        dates = tuple(field.name for field in layer.fields.values() if field.type == "date")
        for side, name in enumerate(layer.validity):
            yield from unknown((*at, "validity", side), name, dates, _DATE)
        if len(set(layer.validity)) == 1:
            message = Text(zh="起止字段相同", en="start and end are the same field")
            yield Fault((*at, "validity"), message, Text(zh="两个不同的字段", en="two different fields"))


def _known_names(parts: Parts) -> Iterator[Fault]:
    groups, authorities, codelists = (parts.known(kind) for kind in ("groups", "authorities", "codelists"))
    for at, layer in each_layer(parts):
        if layer.group is not None:
            yield from unknown((*at, "group"), layer.group, groups, _GROUP)
        for i, source in layer.sources.items():
            yield from unknown((*at, "sources", i, "authority"), source.authority, authorities, _AUTHORITY)
        for i, field in layer.fields.items():
            if field.codelist is not None:
                yield from unknown((*at, "fields", i, "codelist"), field.codelist, codelists, _CODELIST)


def _borders(parts: Parts) -> Iterator[Fault]:
    authorities = parts.known("authorities")
    layers = {layer.id: layer for layer in parts.layers.values()}
    for place, border in parts.borders.items():
        yield from unknown(("borders", place, "layer"), border.layer, parts.known("layers"), _LAYER)
        for side, name in enumerate(border.between):
            key: Key = ("borders", place, "between", side)
            if name not in authorities:
                yield from unknown(key, name, authorities, _AUTHORITY)
            elif border.layer in layers and set(layers[border.layer].authorities) <= set(authorities):
                yield from unknown(key, name, layers[border.layer].authorities, _DELIVERING)


def _rules(parts: Parts) -> Iterator[Fault]:
    """Settings are of rules that there are, and limits of those that measure."""
    for name, setting in parts.rules.items():
        yield from unknown(("gate", "rules", name), name, tuple(RULES), _RULE)
        if name in RULES and setting.limit is not None and RULES[name].limit is None:
            message = Text(zh=f"规则 {name} 没有限值", en=f"the rule {name} measures nothing")
            expected = Text(zh="不带 limit，只带 severity", en="no limit, only a severity")
            yield Fault(("gate", "rules", name, "limit"), message, expected)


def _relations(parts: Parts) -> Iterator[Fault]:
    """What the gate is to see to between layers is of layers that there are, and of polygons."""
    layers = {layer.id: layer for layer in parts.layers.values()}
    for place, kind, name, owner in parts.relations.names():
        key: Key = ("gate", *place)
        if kind == "field":
            if owner in layers:
                yield from unknown(key, name, layers[owner].names, _FIELD)
            continue
        yield from unknown(key, name, parts.known("layers"), _LAYER)
        geometry = layers[name].geometry if name in layers else None
        if geometry not in (None, "MultiPolygon"):
            message = Text(zh=f"图层 {name} 不是面图层", en=f"layer {name} is not one of polygons")
            yield Fault(key, message, Text(zh="MultiPolygon 图层", en="a layer of MultiPolygon"))


def _units(parts: Parts) -> Iterator[Fault]:
    """Codes of units and of those above them are texts of the layer, and the units above are a layer with units."""
    layers = {layer.id: layer for layer in parts.layers.values()}
    for at, layer in each_layer(parts):
        if layer.units is None:
            continue
        key, texts = (*at, "units"), tuple(one.name for one in layer.fields.values() if one.type == "string")
        for side, name in (("code", layer.units.code), ("parent", layer.units.parent)):
            if name is not None and (name not in layer.names or layer.field(name) is not None):
                yield from unknown((*key, side), name, texts, _TEXT_FIELD)
        above = layer.units.layer
        if above is not None:
            yield from unknown((*key, "layer"), above, parts.known("layers"), _LAYER)
            if above in layers and layers[above].units is None:
                message = Text(zh=f"图层 {above} 没有 units", en=f"layer {above} has no units")
                expected = Text(zh="一个带 units 的图层", en="a layer with units of its own")
                yield Fault((*key, "layer"), message, expected)


def _generalised(parts: Parts) -> Iterator[Fault]:
    """Fields by which is dissolved or thinned are the layer's, and what is followed keeps its own edges."""
    layers = {layer.id: layer for layer in parts.layers.values()}
    for at, layer in each_layer(parts):
        rules, key = layer.generalise, (*at, "generalise")
        for i, name in enumerate(rules.dissolve):
            yield from unknown((*key, "dissolve", i), name, layer.names, _FIELD)
        if rules.thin is not None:
            yield from unknown((*key, "thin", "rank"), rules.thin.rank, layer.names, _FIELD)
        if rules.layer is not None:
            yield from unknown((*key, "layer"), rules.layer, parts.known("layers"), _LAYER)
            followed = layers[rules.layer].generalise if rules.layer in layers else None
            if followed is not None and (followed.rule != "coverage" or followed.dissolve):
                message = Text(
                    zh=f"图层 {rules.layer} 的边不可跟随", en=f"layer {rules.layer} has no edges to follow"
                )
                expected = Text(
                    zh="规则为 coverage 且没有 dissolve 的图层",
                    en="a layer of the rule coverage without dissolve",
                )
                yield Fault((*key, "layer"), message, expected)


_GROUP = Text(zh="图层组", en="group")
_LAYER = Text(zh="图层", en="layer")
_AUTHORITY = Text(zh="权威机构", en="authority")
_DELIVERING = Text(zh="提供此图层的权威机构", en="authority that delivers this layer")
_CODELIST = Text(zh="代码表", en="code list")
_FIELD = Text(zh="字段", en="field")
_RULE = Text(zh="规则", en="rule")
_TEXT_FIELD = Text(zh="string 字段", en="field of type string")
_DATE = Text(zh="日期字段", en="field of type date")

CHECKS: tuple[Callable[[Parts], Iterator[Fault]], ...] = (
    _unique_ids,
    _unique_within_layers,
    _unique_codes,
    _roles,
    _validity,
    _known_names,
    _borders,
    _rules,
    _relations,
    _units,
    _generalised,
    delivering.fields,
    delivering.formats,
    delivering.reference_systems,
)
