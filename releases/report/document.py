"""The report as JSON: what was looked at, by which rules, what was found, and what was accepted all the same.

Rule here: no time, no host, no path of this machine, so that equal candidates have equal reports. `schema.json`, beside this
file, is its JSON Schema; docs/report.md says it in words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import orjson

from config.models import Text
from releases.gate import RULES, Rules

if TYPE_CHECKING:
    from releases.report.examined import Examined

#: Raised when a member changes its meaning or goes; new ones may come without.
VERSION: Final = 1
SCHEMA: Final = Path(__file__).parent / "schema.json"


def document(examined: Examined) -> Mapping[str, Any]:
    """The report of a candidate."""
    service = examined.service
    return {
        "version": VERSION,
        "service": {"id": service.id, "title": _text(service.title)},
        "verdict": examined.verdict,
        "counts": dict(examined.counts),
        "openWarnings": examined.open_warnings,
        "authorities": [{"id": one.id, "title": _text(one.title)} for one in service.authorities],
        "layers": list(_layers(examined)),
        "sources": list(_sources(examined)),
        "rules": list(_rules(examined)),
        "waivers": [waiver.model_dump() for waiver in examined.waivers],
        "table": list(_table(examined)),
        "findings": [finding.as_json() for finding in examined.findings],
    }


def encoded(report: Mapping[str, Any]) -> bytes:
    """The bytes of report.json."""
    return orjson.dumps(report, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2) + b"\n"


def _layers(examined: Examined) -> Iterator[dict[str, Any]]:
    """Each layer of the configuration; `count` is null where it could not be read."""
    for layer in examined.service.layers:
        parts = examined.candidate.parts(layer.id)
        yield {
            "id": layer.id,
            "title": _text(layer.title),
            "count": sum(parts.values()) if parts else None,
            "authorities": parts,
        }


def _sources(examined: Examined) -> Iterator[dict[str, Any]]:
    for record in examined.candidate.sources:
        yield {
            "layer": record.layer,
            "authority": record.authority,
            "path": record.path.as_posix(),
            "table": record.table,
            "format": record.format,
            "sha256": record.sha256,
            "count": record.count,
            "crs": record.crs,
            "encoding": record.encoding,
        }


def _rules(examined: Examined) -> Iterator[dict[str, Any]]:
    """Each rule as it was in force; `reason` says why it is not what the program does by default."""
    settings = examined.service.gate.rules
    rules = Rules.of(examined.service.gate)
    for rule in RULES.values():
        setting = settings.get(rule.id)
        yield {
            "id": rule.id,
            "subject": rule.subject,
            "title": _text(rule.title),
            "severity": rules.severity(rule.id) if rules.on(rule.id) else "off",
            "limit": None if rule.limit is None else rules.limit(rule.id),
            "unit": rule.unit,
            "default": {"severity": rule.severity, "limit": rule.limit},
            "reason": None if setting is None else _text(setting.reason),
        }


def _table(examined: Examined) -> Iterator[dict[str, Any]]:
    """How many faults there are of each rule in each layer of each authority, in the order in which they were found."""
    counted = Counter[tuple[str | None, str | None, str, str]]()
    for one in examined.findings:
        counted[one.authority, one.layer, one.rule, one.severity] += one.count
    for (authority, layer, rule, severity), count in counted.items():
        yield {
            "authority": authority,
            "layer": layer,
            "rule": rule,
            "severity": severity,
            "count": count,
        }


def _text(text: Text) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}
