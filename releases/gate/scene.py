"""What a check of the whole candidate sees: all layers, the rules as they are set, and what was published before."""

from __future__ import annotations

from dataclasses import dataclass

from config.models import Service
from releases.gate.rules import Rules
from releases.release import Release
from releases.table import Candidate, Table


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """A candidate in its surroundings.

    previous : the release that the candidate would follow, None before the first and where it cannot be read
    """

    candidate: Candidate
    service: Service
    rules: Rules
    previous: Release | None = None

    def table(self, layer: str) -> Table | None:
        """The table of a layer, None when it could not be read."""
        return self.candidate.table(layer)

    def on(self, *rules: str) -> bool:
        """Whether any of some rules is looked at."""
        return any(map(self.rules.on, rules))
