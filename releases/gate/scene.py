"""What a check of the whole candidate sees: all layers, the rules as they are set, and what was published before."""

from __future__ import annotations

from dataclasses import dataclass, field

import shapely

from config.models import Service
from releases.gate.ground import Ground
from releases.gate.rules import Rules
from releases.release import Release
from releases.store import ReleaseDamaged, ReleaseGone
from releases.table import Candidate, Table

#: The release that a candidate would follow; None before the first, and where it cannot be read, why.
Previous = Release | ReleaseDamaged | ReleaseGone | None


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """A candidate in its surroundings.

    previous : the release that the candidate would follow
    window : where alone anything can be at fault, in degrees, when the candidate's tables hold only what meets it; None
        when they hold everything
    """

    candidate: Candidate
    service: Service
    rules: Rules
    previous: Previous = None
    window: shapely.Geometry | None = None
    _grounds: dict[str, Ground] = field(default_factory=dict)

    def table(self, layer: str) -> Table | None:
        """The table of a layer, None when it could not be read."""
        return self.candidate.table(layer)

    def ground(self, layer: str) -> Ground | None:
        """The ground that a layer covers, found once; None when the layer could not be read."""
        table = self.table(layer)
        if table is not None and layer not in self._grounds:
            self._grounds[layer] = Ground.of(table)
        return self._grounds.get(layer)

    def was_read(self, layer: str) -> bool:
        """Whether every source of a layer could be read and holds something.

        What is missing because it could not be read was not left out by whoever delivered the rest.
        """
        read = sum(record.layer == layer and record.count > 0 for record in self.candidate.sources)
        return read == len(self.service.layer(layer).sources)

    def whole(self, layer: str) -> Ground | None:
        """The ground of a layer of which everything could be read, else None."""
        return self.ground(layer) if self.was_read(layer) else None

    def bordering(self, layer: str, authorities: set[str]) -> bool:
        """Whether any two of some authorities have a border in a layer, so that its check tells what is wrong there."""
        return any(
            border.layer == layer and authorities.issuperset(border.between)
            for border in self.service.borders
        )

    def on(self, *rules: str) -> bool:
        """Whether any of some rules is looked at."""
        return any(map(self.rules.on, rules))
