"""What must agree between the values of a configuration, as a list of small checks that yield faults.

Rule here: a check never needs the whole to be valid. It sees the parts that are, and the names of those that
are not, so that one wrong value does not hide the faults of the others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from config.codelists import CodeList
from config.layers import SUFFIXES, Field, Source
from config.parts import Draft, Parts
from config.problems import Key
from config.reference import is_known
from config.rules import RULES
from config.values import Text


@dataclass(frozen=True, slots=True)
class Fault:
    """A disagreement: the key, what is wrong, what was expected, the value, and the names that would do."""

    key: Key
    message: Text
    expected: Text | None = None
    value: str = ""
    known: tuple[str, ...] = ()


def faults(parts: Parts) -> Iterator[Fault]:
    """Every fault between the parts, check by check."""
    for check in CHECKS:
        yield from check(parts)


def _unique_ids(parts: Parts) -> Iterator[Fault]:
    for kind, names in parts.names.items():
        yield from _repeated(((kind, place, "id"), name) for place, name in names)


def _unique_within_layers(parts: Parts) -> Iterator[Fault]:
    for at, layer in _layers(parts):
        yield from _repeated(((*at, "fields", i, "name"), field.name) for i, field in layer.fields.items())
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
        yield from _repeated(((*at, i, "value"), code.value) for i, code in enumerate(codelist.codes))


def _roles(parts: Parts) -> Iterator[Fault]:
    for at, layer in _layers(parts):
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
    for at, layer in _layers(parts):
        if not layer.validity or not layer.all_fields_valid:
            continue
        if any(field.role == "temporal" for field in layer.fields.values()):
            message = Text(zh="同时有 validity 和时间字段", en="there is a validity and a temporal field")
            yield Fault((*at, "validity"), message, Text(zh="两者之一", en="one of the two"))
        dates = tuple(field.name for field in layer.fields.values() if field.type == "date")
        for side, name in enumerate(layer.validity):
            yield from _unknown((*at, "validity", side), name, dates, _DATE)
        if len(set(layer.validity)) == 1:
            message = Text(zh="起止字段相同", en="start and end are the same field")
            yield Fault((*at, "validity"), message, Text(zh="两个不同的字段", en="two different fields"))


def _known_names(parts: Parts) -> Iterator[Fault]:
    groups, authorities, codelists = (parts.known(kind) for kind in ("groups", "authorities", "codelists"))
    for at, layer in _layers(parts):
        if layer.group is not None:
            yield from _unknown((*at, "group"), layer.group, groups, _GROUP)
        for i, source in layer.sources.items():
            yield from _unknown((*at, "sources", i, "authority"), source.authority, authorities, _AUTHORITY)
        for i, field in layer.fields.items():
            if field.codelist is not None:
                yield from _unknown((*at, "fields", i, "codelist"), field.codelist, codelists, _CODELIST)


def _borders(parts: Parts) -> Iterator[Fault]:
    authorities = parts.known("authorities")
    layers = {layer.id: layer for layer in parts.layers.values()}
    for place, border in parts.borders.items():
        yield from _unknown(("borders", place, "layer"), border.layer, parts.known("layers"), _LAYER)
        for side, name in enumerate(border.between):
            key: Key = ("borders", place, "between", side)
            if name not in authorities:
                yield from _unknown(key, name, authorities, _AUTHORITY)
            elif border.layer in layers and set(layers[border.layer].authorities) <= set(authorities):
                yield from _unknown(key, name, layers[border.layer].authorities, _DELIVERING)


def _rules(parts: Parts) -> Iterator[Fault]:
    """Settings are of rules that there are, and limits of those that measure."""
    for name, setting in parts.rules.items():
        yield from _unknown(("gate", "rules", name), name, tuple(RULES), _RULE)
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
                yield from _unknown(key, name, layers[owner].names, _FIELD)
            continue
        yield from _unknown(key, name, parts.known("layers"), _LAYER)
        geometry = layers[name].geometry if name in layers else None
        if geometry not in (None, "MultiPolygon"):
            message = Text(zh=f"图层 {name} 不是面图层", en=f"layer {name} is not one of polygons")
            yield Fault(key, message, Text(zh="MultiPolygon 图层", en="a layer of MultiPolygon"))


def _units(parts: Parts) -> Iterator[Fault]:
    """Codes of units and of those above them are texts of the layer, and the units above are a layer with units."""
    layers = {layer.id: layer for layer in parts.layers.values()}
    for at, layer in _layers(parts):
        if layer.units is None:
            continue
        key, texts = (*at, "units"), tuple(one.name for one in layer.fields.values() if one.type == "string")
        for side, name in (("code", layer.units.code), ("parent", layer.units.parent)):
            if name is not None and (name not in layer.names or layer.field(name) is not None):
                yield from _unknown((*key, side), name, texts, _TEXT_FIELD)
        above = layer.units.layer
        if above is not None:
            yield from _unknown((*key, "layer"), above, parts.known("layers"), _LAYER)
            if above in layers and layers[above].units is None:
                message = Text(zh=f"图层 {above} 没有 units", en=f"layer {above} has no units")
                expected = Text(zh="一个带 units 的图层", en="a layer with units of its own")
                yield Fault((*key, "layer"), message, expected)


def _generalised(parts: Parts) -> Iterator[Fault]:
    """Fields by which is dissolved or thinned are the layer's, and what is followed keeps its own edges."""
    layers = {layer.id: layer for layer in parts.layers.values()}
    for at, layer in _layers(parts):
        rules, key = layer.generalise, (*at, "generalise")
        for i, name in enumerate(rules.dissolve):
            yield from _unknown((*key, "dissolve", i), name, layer.names, _FIELD)
        if rules.thin is not None:
            yield from _unknown((*key, "thin", "rank"), rules.thin.rank, layer.names, _FIELD)
        if rules.layer is not None:
            yield from _unknown((*key, "layer"), rules.layer, parts.known("layers"), _LAYER)
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


def _fields_of_sources(parts: Parts) -> Iterator[Fault]:
    for at, layer in _layers(parts):
        names = layer.names
        for i, source in layer.sources.items():
            key: Key = (*at, "sources", i)
            for alias, name in source.aliases.items():
                yield from _unknown((*key, "aliases", alias), name, names, _FIELD)
            yield from _repeated(((*key, "aliases", alias), name) for alias, name in source.aliases.items())
            for name, value in source.constants.items():
                yield from _unknown((*key, "constants", name), name, names, _FIELD)
                if (field := layer.field(name)) is not None:
                    yield from _constant((*key, "constants", name), field, value, parts.codelists)
            if source.is_shapefile:
                yield from _ten_bytes(key, layer, source)


def _ten_bytes(key: Key, layer: Draft, source: Source) -> Iterator[Fault]:
    """A shapefile cuts field names to ten bytes (dBase III), so a longer one would never be found in it."""
    expected = Text(zh="至多 10 个字节的名称（Shapefile）", en="a name of at most 10 bytes (shapefile)")
    for alias in source.aliases:
        if len(alias.encode(source.encoding, "replace")) > 10:
            message = Text(zh=f"字段名 {alias!r} 过长", en=f"the field name {alias!r} is too long")
            yield Fault((*key, "aliases", alias), message, expected)
    delivered = {*source.aliases.values(), *source.constants}
    for name in layer.names:
        if len(name) > 10 and name not in delivered:
            message = Text(zh=f"字段 {name!r} 没有别名", en=f"the field {name!r} has no alias here")
            yield Fault((*key, "aliases"), message, expected)


def _constant(key: Key, field: Field, value: object, codelists: Mapping[str, CodeList]) -> Iterator[Fault]:
    kinds = _KINDS[field.type]
    # bool is a kind of int in Python, but no number here.
    if not isinstance(value, kinds) or (isinstance(value, bool) and field.type != "boolean"):
        message = Text(
            zh=f"常量 {value!r} 不合字段类型", en=f"the constant {value!r} is not of the field's type"
        )
        yield Fault(key, message, Text(zh=field.type, en=field.type))
    elif field.codelist is not None and field.codelist in codelists and not isinstance(value, list):
        codes = tuple(code.value for code in codelists[field.codelist].codes)
        yield from _unknown(key, str(value), codes, _CODE)


def _known_formats(parts: Parts) -> Iterator[Fault]:
    for at, layer in _layers(parts):
        for i, source in layer.sources.items():
            if not source.is_recognised:
                message = Text(zh="文件格式不明", en="the format of the file is not known")
                known = ", ".join(SUFFIXES)
                expected = Text(
                    zh=f"format 键，或以 {known} 结尾的 path", en=f"a format, or a path that ends in {known}"
                )
                yield Fault((*at, "sources", i, "path"), message, expected)


def _known_crs(parts: Parts) -> Iterator[Fault]:
    for at, layer in _layers(parts):
        for i, source in layer.sources.items():
            if source.crs is not None and not is_known(source.crs):
                message = Text(zh=f"没有坐标参考系 {source.crs}", en=f"there is no CRS {source.crs}")
                expected = Text(zh="地理或投影坐标系", en="a geographic or projected CRS")
                yield Fault((*at, "sources", i, "crs"), message, expected)


def _layers(parts: Parts) -> Iterator[tuple[Key, Draft]]:
    for place, layer in parts.layers.items():
        yield ("layers", place), layer


def _repeated(places: Iterable[tuple[Key, str]]) -> Iterator[Fault]:
    seen: set[str] = set()
    for key, name in places:
        if name in seen:
            message = Text(zh=f"{name!r} 重复", en=f"{name!r} is used twice")
            yield Fault(key, message, Text(zh="互不相同的值", en="a value of its own"))
        seen.add(name)


def _unknown(key: Key, value: str, known: tuple[str, ...], noun: Text) -> Iterator[Fault]:
    if value in known:
        return
    message = Text(zh=f"没有名为 {value!r} 的{noun.zh}", en=f"there is no {noun.en} {value!r}")
    some = ", ".join(known[:12]) + (", …" if len(known) > 12 else "")
    expected = Text(zh=f"以下之一：{some}", en=f"one of {some}") if known else None
    yield Fault(key, message, expected, value, known)


_GROUP = Text(zh="图层组", en="group")
_LAYER = Text(zh="图层", en="layer")
_AUTHORITY = Text(zh="权威机构", en="authority")
_DELIVERING = Text(zh="提供此图层的权威机构", en="authority that delivers this layer")
_CODELIST = Text(zh="代码表", en="code list")
_CODE = Text(zh="代码", en="code")
_FIELD = Text(zh="字段", en="field")
_RULE = Text(zh="规则", en="rule")
_TEXT_FIELD = Text(zh="string 字段", en="field of type string")
_DATE = Text(zh="日期字段", en="field of type date")

_KINDS: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "date": (str,),
    "array": (list,),
}

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
    _fields_of_sources,
    _known_formats,
    _known_crs,
)
