"""Which field of a source is which of ours: aliases of an older dialect, constants, and what fits nowhere."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from config.models import Field, Layer, Source, Text
from releases.findings import Finding
from releases.sources.fault import suggestion


@dataclass(frozen=True, slots=True)
class Matching:
    """For each of our fields that has one, the source's column or a constant; and what was wrong."""

    columns: Mapping[str, str]
    constants: Mapping[str, Any]
    findings: tuple[Finding, ...]


def matching(names: Iterable[str], layer: Layer, source: Source, keys: Iterable[str] = ()) -> Matching:
    """Find each field of the layer in a source that has columns of these names.

    `keys` are columns that a file format needs for itself, such as a primary key: they may serve as a field,
    and are no fault when they do not.
    """
    fields = {field.name: field for field in layer.fields}
    found: defaultdict[str, list[str]] = defaultdict(list)
    strange: list[str] = []
    for name in names:
        ours = source.aliases.get(name, name)
        if ours in fields:
            found[ours].append(name)
        elif name not in keys:
            strange.append(name)
    absent = [name for name in fields if name not in found and name not in source.constants]
    faults = [_unknown(name, absent or list(fields), layer, source) for name in strange]
    for ours, theirs in found.items():
        origins = sorted(theirs) + (["constants"] if ours in source.constants else [])
        if len(origins) > 1:
            faults.append(_ambiguous(ours, origins, layer, source))
    faults += [_missing(fields[name], strange, layer, source) for name in absent]
    return Matching({ours: theirs[0] for ours, theirs in found.items()}, source.constants, tuple(faults))


def _unknown(name: str, fitting: list[str], layer: Layer, source: Source) -> Finding:
    zh, en = suggestion(name, fitting)
    message = Text(
        zh=f"字段 {name} 既不在图层字段中，也不在别名中{zh}",
        en=f"the field {name} is neither a field of the layer nor an alias{en}",
    )
    return Finding("unknown-field", message, source.authority, layer.id, name)


def _ambiguous(name: str, sources: list[str], layer: Layer, source: Source) -> Finding:
    message = Text(
        zh=f"字段 {name} 有多个来源：{'、'.join(sources)}",
        en=f"the field {name} comes from several: {', '.join(sources)}",
    )
    return Finding("ambiguous-field", message, source.authority, layer.id, name)


def _missing(field: Field, strange: list[str], layer: Layer, source: Source) -> Finding:
    name = field.name
    if not field.mandatory:
        message = Text(
            zh=f"没有字段 {name}，其值全部为空", en=f"there is no field {name}, its values are all null"
        )
        return Finding("field-absent", message, source.authority, layer.id, name)
    zh, en = suggestion(name, strange)
    message = Text(zh=f"缺少必填字段 {name}{zh}", en=f"the mandatory field {name} is missing{en}")
    return Finding("missing-field", message, source.authority, layer.id, name)
