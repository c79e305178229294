"""The gate as an operator sets it: which rules hold how strictly, and from what size on a thing is a fault.

The rules themselves, their default severities and limits are the program's (`config.rules`). What an operator changes
he gives a reason for, and the reason is in every report.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field as Constraint
from pydantic import model_validator

from config.relations import Relations
from config.values import Frozen, Text, fault


class RuleSetting(Frozen):
    """What differs from a rule's default, and why. `limit` is in the unit of the rule; "off" does not look."""

    severity: Literal["refuse", "warn", "note", "off"] | None = None
    limit: Annotated[float, Constraint(ge=0)] | None = None
    reason: Text

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.severity is None and self.limit is None:
            raise fault("severity 或 limit", "a severity or a limit")
        return self


class Gate(Relations):
    """The gate's settings: what holds between features, and of the rules what differs from their defaults.

    rules : rule id -> what differs
    listed : how many findings of a kind a report lists one by one
    """

    rules: Mapping[str, RuleSetting] = {}
    listed: Annotated[int, Constraint(ge=1, le=1_000_000)] = 1000
