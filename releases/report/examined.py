"""A candidate and what the gate found of it: what a report tells, and what decides whether it is published."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from config.models import Service, Severity
from releases.findings import Finding, refused
from releases.manifest import Waiver
from releases.report import document
from releases.table import Candidate

#: "held": nothing has to be mended, but there are warnings that nobody has accepted.
Verdict = Literal["passed", "refused", "held"]
SEVERITIES: tuple[Severity, ...] = ("refuse", "warn", "note")


@dataclass(frozen=True, eq=False)
class Examined:
    """A candidate, the findings that are listed one by one or counted, and the warnings that somebody accepted."""

    service: Service
    candidate: Candidate
    findings: tuple[Finding, ...]
    waivers: tuple[Waiver, ...]

    @cached_property
    def verdict(self) -> Verdict:
        """What may be done with it."""
        if refused(self.findings):
            return "refused"
        return "held" if self.open_warnings else "passed"

    @cached_property
    def counts(self) -> Mapping[Severity, int]:
        """How many faults there are of each severity, the accepted ones too."""
        counted = Counter[str]()
        for finding in self.findings:
            counted[finding.severity] += finding.count
        return {severity: counted[severity] for severity in SEVERITIES}

    @cached_property
    def open_warnings(self) -> int:
        """How many warnings nobody has accepted."""
        accepted = {waiver.rule for waiver in self.waivers}
        return sum(one.count for one in self.findings if one.severity == "warn" and one.rule not in accepted)

    @cached_property
    def report(self) -> bytes:
        """The report as JSON, byte for byte the same for equal candidates."""
        return document.encoded(document.document(self))
