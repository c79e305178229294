"""The rules as an operator set them: which are looked at, how severe a finding is, from what size on it is one.

The rules themselves are one table, `config.rules.RULES`, since settings name them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from config.gate import Gate, RuleSetting
from config.rules import RULES, Rule, Severity
from releases.findings import Finding

__all__ = ["RULES", "Rule", "Rules"]


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules as an operator set them."""

    settings: Mapping[str, RuleSetting]

    @classmethod
    def of(cls, gate: Gate) -> Rules:
        """The rules under a service's settings."""
        return cls(gate.rules)

    def on(self, rule: str) -> bool:
        """Whether a rule is looked at."""
        setting = self.settings.get(rule)
        return setting is None or setting.severity != "off"

    def severity(self, rule: str) -> Severity:
        """How severe a finding of a rule is."""
        setting = self.settings.get(rule)
        said = setting.severity if setting else None
        return RULES[rule].severity if said is None or said == "off" else said

    def limit(self, rule: str) -> float:
        """From what size on a thing is a fault, in the rule's unit; KeyError for a rule that measures nothing."""
        setting = self.settings.get(rule)
        limit = RULES[rule].limit if setting is None or setting.limit is None else setting.limit
        if limit is None:
            raise KeyError(rule)
        return limit

    def judged(self, findings: Iterable[Finding]) -> tuple[Finding, ...]:
        """The findings of rules that are on, each as severe as its rule."""
        return tuple(replace(one, severity=self.severity(one.rule)) for one in findings if self.on(one.rule))
