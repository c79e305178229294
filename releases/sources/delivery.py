"""Delivery notes: what an authority says about the layers it hands over.

A note is YAML beside the data: `authority`, an optional `note`, and `layers` by id. It may make a layer less
real than the configuration says, never more (`Candidate.nature`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from pydantic import Field as Constraint
from pydantic import ValidationError

from config.models import Authority, Frozen, Licence, Nature, Service, Text
from releases.findings import Finding
from releases.sources.fault import SourceFault, suggestion
from releases.table import Delivery


class _LayerNote(Frozen):
    nature: Nature | None = None
    attribution: Text | None = None
    licence: Licence | None = None
    note: Text | None = None


class _Note(Frozen):
    authority: str
    note: Text | None = None
    layers: dict[str, _LayerNote] = Constraint(default_factory=dict)


def deliveries(service: Service) -> tuple[dict[str, tuple[Delivery, ...]], tuple[Finding, ...]]:
    """What the notes of all authorities say, by layer in their order, and what is wrong with them.

    An authority's remark on the whole delivery stands for each layer that has none of its own.
    """
    said: dict[str, tuple[Delivery, ...]] = {}
    findings: list[Finding] = []
    for authority in service.authorities:
        if authority.delivery is None:
            continue
        try:
            for delivery in _read(service, authority, authority.delivery):
                said[delivery.layer] = (*said.get(delivery.layer, ()), delivery)
        except SourceFault as fault:
            findings.append(Finding(fault.rule, fault.message, authority.id))
    return said, tuple(findings)


def _read(service: Service, authority: Authority, name: str) -> list[Delivery]:
    note = _parsed(service.data / name, name)
    if note.authority != authority.id:
        raise _fault(
            name,
            f"authority 应为 {authority.id}，实为 {note.authority}",
            f"authority should be {authority.id}, it is {note.authority}",
        )
    layers = [layer.id for layer in service.layers]
    for layer in note.layers:
        if layer not in layers:
            zh, en = suggestion(layer, layers)
            raise _fault(name, f"没有图层 {layer}{zh}", f"there is no layer {layer}{en}")
    return [
        Delivery(authority.id, layer, one.nature, one.attribution, one.licence, one.note or note.note)
        for layer, one in note.layers.items()
    ]


def _parsed(path: Path, name: str) -> _Note:
    try:
        document: Any = yaml.safe_load(path.read_text("utf-8"))
    except OSError as error:
        reason = error.strerror or str(error)
        raise _fault(name, f"无法读取：{reason}", f"cannot be read: {reason}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        reason = " ".join(str(error).split()).replace(str(path), name)
        raise _fault(name, f"不是 YAML：{reason}", f"is no YAML: {reason}") from error
    try:
        return _Note.model_validate(document)
    except ValidationError as error:
        first = error.errors()[0]
        reason = f"{'.'.join(map(str, first['loc'])) or '-'}: {first['msg']}"
        raise _fault(name, reason, reason) from error


def _fault(name: str, zh: str, en: str) -> SourceFault:
    return SourceFault("delivery-note", f"交付说明 {name}：{zh}", f"the delivery note {name}: {en}")
