"""The report as JSON: what was looked at, what was found, and what was accepted all the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from config.models import Service
from releases.findings import Finding
from releases.manifest import Waiver
from releases.table import Candidate

JSON = "report/report.json"


def document(
    service: Service, candidate: Candidate, findings: Sequence[Finding], waivers: Sequence[Waiver]
) -> Mapping[str, Any]:
    """The report; without a time, so that equal candidates have equal reports."""
    counts = Counter[str]()
    for finding in findings:
        counts[finding.severity] += finding.count
    return {
        "service": service.id,
        "counts": {severity: counts[severity] for severity in ("refuse", "warn", "note")},
        "layers": [{"id": table.layer.id, "count": len(table)} for table in candidate.tables],
        "waivers": [waiver.model_dump() for waiver in waivers],
        "findings": [finding.as_json() for finding in findings],
    }


def encoded(report: Mapping[str, Any]) -> bytes:
    """The bytes of report.json."""
    return orjson.dumps(report, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2) + b"\n"
