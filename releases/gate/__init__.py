"""The gate: what a candidate must pass before it becomes a release, as a list of small checks that yield
findings.

What a table cannot hold (a wrong type, an unknown field, arcs) is found while reading, in `releases.sources`.
"""

from __future__ import annotations

from releases.gate.checks import CHECKS, inspect
from releases.gate.rules import RULES, Rule, Rules

__all__ = ["CHECKS", "RULES", "Rule", "Rules", "inspect"]
