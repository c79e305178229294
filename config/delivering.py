"""What must agree between a layer and the sources that deliver it: names of fields, constants, formats, CRSs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from config.codelists import CodeList
from config.disagreement import Fault, each_layer, repeated, unknown
from config.layers import SUFFIXES, Field, Source
from config.parts import Draft, Parts
from config.problems import Key
from config.reference import is_known
from config.values import Text

_FIELD = Text(zh="字段", en="field")
_CODE = Text(zh="代码", en="code")

_KINDS: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "date": (str,),
    "array": (list,),
}


def fields(parts: Parts) -> Iterator[Fault]:
    """Aliases and constants name fields of the layer, and fit them."""
    for at, layer in each_layer(parts):
        names = layer.names
        for i, source in layer.sources.items():
            key: Key = (*at, "sources", i)
            for alias, name in source.aliases.items():
                yield from unknown((*key, "aliases", alias), name, names, _FIELD)
            yield from repeated(((*key, "aliases", alias), name) for alias, name in source.aliases.items())
            for name, value in source.constants.items():
                yield from unknown((*key, "constants", name), name, names, _FIELD)
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
        yield from unknown(key, str(value), codes, _CODE)


def formats(parts: Parts) -> Iterator[Fault]:
    """A source's format is stated or can be told by its name."""
    for at, layer in each_layer(parts):
        for i, source in layer.sources.items():
            if not source.is_recognised:
                message = Text(zh="文件格式不明", en="the format of the file is not known")
                known = ", ".join(SUFFIXES)
                expected = Text(
                    zh=f"format 键，或以 {known} 结尾的 path", en=f"a format, or a path that ends in {known}"
                )
                yield Fault((*at, "sources", i, "path"), message, expected)


def reference_systems(parts: Parts) -> Iterator[Fault]:
    """A source's CRS is one that there is."""
    for at, layer in each_layer(parts):
        for i, source in layer.sources.items():
            if source.crs is not None and not is_known(source.crs):
                message = Text(zh=f"没有坐标参考系 {source.crs}", en=f"there is no CRS {source.crs}")
                expected = Text(zh="地理或投影坐标系", en="a geographic or projected CRS")
                yield Fault((*at, "sources", i, "crs"), message, expected)
