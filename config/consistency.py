"""What must agree between the values of a configuration, as a list of small checks that yield faults."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from config.models import Service, Text

Key = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Fault:
    """A disagreement: the key at fault, its value, and the names that would have done."""

    key: Key
    message: Text
    value: str = ""
    known: tuple[str, ...] = ()
    expected: str | None = None


def faults(service: Service) -> Iterator[Fault]:
    """Every fault of a service, check by check."""
    for check in CHECKS:
        yield from check(service)


def _unique_ids(service: Service) -> Iterator[Fault]:
    for name in ("authorities", "groups", "layers"):
        seen: set[str] = set()
        for index, value in enumerate(getattr(service, name)):
            if value.id in seen:
                message = Text(zh=f"标识 {value.id!r} 重复", en=f"the id {value.id!r} is used twice")
                yield Fault((name, index, "id"), message, expected="an id of its own")
            seen.add(value.id)
    for index, layer in enumerate(service.layers):
        seen = set()
        for place, field in enumerate(layer.fields):
            if field.name in seen:
                message = Text(zh=f"字段 {field.name!r} 重复", en=f"the field {field.name!r} stands twice")
                yield Fault(("layers", index, "fields", place, "name"), message)
            seen.add(field.name)


def _one_id_field(service: Service) -> Iterator[Fault]:
    for index, layer in enumerate(service.layers):
        for role, least, most in (("id", 1, 1), ("title", 0, 1), ("temporal", 0, 1)):
            count = sum(field.role == role for field in layer.fields)
            if not least <= count <= most:
                message = Text(
                    zh=f"图层 {layer.id} 有 {count} 个 {role} 字段", en=f"layer {layer.id} has {count} {role} fields"
                )
                yield Fault(("layers", index, "fields"), message, expected=f"one field with role: {role}")


def _known_names(service: Service) -> Iterator[Fault]:
    authorities = tuple(authority.id for authority in service.authorities)
    groups = tuple(group.id for group in service.groups)
    codelists = tuple(service.codelists)
    for index, layer in enumerate(service.layers):
        at: Key = ("layers", index)
        yield from _unknown((*at, "group"), layer.group, groups, "group", "图层组")
        for place, source in enumerate(layer.sources):
            yield from _unknown((*at, "sources", place, "authority"), source.authority, authorities, "authority", "机构")
        for place, field in enumerate(layer.fields):
            if field.codelist is not None:
                yield from _unknown((*at, "fields", place, "codelist"), field.codelist, codelists, "code list", "代码表")
    for place, border in enumerate(service.borders):
        layers = tuple(layer.id for layer in service.layers)
        yield from _unknown(("borders", place, "layer"), border.layer, layers, "layer", "图层")
        for side, name in enumerate(border.between):
            yield from _unknown(("borders", place, "between", side), name, authorities, "authority", "机构")


def _known_fields(service: Service) -> Iterator[Fault]:
    for index, layer in enumerate(service.layers):
        names = tuple(field.name for field in layer.fields)
        for place, source in enumerate(layer.sources):
            at: Key = ("layers", index, "sources", place)
            for alias, name in source.aliases.items():
                yield from _unknown((*at, "aliases", alias), name, names, "field", "字段")
            for name in source.constants:
                yield from _unknown((*at, "constants", name), name, names, "field", "字段")
        for side, name in enumerate(layer.validity or ()):
            yield from _unknown(("layers", index, "validity", side), name, names, "field", "字段")


def _known_sets(service: Service) -> Iterator[Fault]:
    for place, name in enumerate(service.tile_matrix_sets):
        yield from _unknown(("tile_matrix_sets", place), name, ("WebMercatorQuad",), "tile matrix set", "瓦片矩阵集")


def _possible_limits(service: Service) -> Iterator[Fault]:
    if service.limits.items_default > service.limits.items_max:
        message = Text(zh="缺省条数大于最大条数", en="the default page is larger than the largest")
        yield Fault(("limits", "items_default"), message, expected=f"at most {service.limits.items_max}")


def _unknown(key: Key, value: str, known: tuple[str, ...], noun: str, noun_zh: str) -> Iterable[Fault]:
    if value not in known:
        message = Text(zh=f"没有名为 {value!r} 的{noun_zh}", en=f"there is no {noun} named {value!r}")
        yield Fault(key, message, value, known, ", ".join(known[:12]) or "none is defined")


CHECKS: tuple[Callable[[Service], Iterator[Fault]], ...] = (
    _unique_ids,
    _one_id_field,
    _known_names,
    _known_fields,
    _known_sets,
    _possible_limits,
)
