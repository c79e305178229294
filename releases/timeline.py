"""The states of a service in the order of time: which release led at a moment, and which stand beside one.

What is asked for lies in a layer or in none. A layer that a release does not have had no state then, so that release
is passed over; one that was removed is passed over too.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import NamedTuple

from releases.history import Entry, History

#: The ids of a release's layers.
LayersOf = Callable[[Entry], frozenset[str]]


class Around(NamedTuple):
    """The ends of a timeline and the neighbours of one release on it, None where there is none."""

    first: Entry
    prev: Entry | None
    next: Entry | None
    last: Entry


class Timeline:
    """A history as a line of states; made anew for each history."""

    def __init__(self, history: History, layers_of: LayersOf) -> None:
        self.history = history
        self._layers_of = layers_of
        self.states = cache(self._states)
        self.around = cache(self._around)

    def at(self, moment: datetime | None, layer: str | None = None) -> Entry | None:
        """The state at a moment, None for now; before the first the first, and after the last the last. None without any.

        RFC 7089 4.5.3 has the ends so.
        """
        there = {entry.id: entry for entry in self.states(layer)}
        led = [entry for entry in self.history.leading if entry.id in there]
        if not led:
            return None
        before = [
            entry for entry in led if moment is None or datetime.fromisoformat(entry.published) <= moment
        ]
        return there[(before or led[:1])[-1].id]

    def _states(self, layer: str | None) -> tuple[Entry, ...]:
        """The releases that are there and were current, in the order of the time when they were so first."""
        return tuple(entry for entry in self.history.mementos if self._has(entry, layer))

    def _around(self, release_id: str, layer: str | None) -> Around | None:
        """What stands beside a release; None for one that is no state. Only as many are looked into as it takes."""
        line = self.history.mementos
        place = next((place for place, entry in enumerate(line) if entry.id == release_id), None)
        if place is None:
            return None
        itself = line[place]

        def nearest(found: tuple[Entry, ...]) -> Entry | None:
            return next((entry for entry in found if self._has(entry, layer)), None)

        return Around(
            nearest(line[:place]) or itself,
            nearest(line[:place][::-1]),
            nearest(line[place + 1 :]),
            nearest(line[place + 1 :][::-1]) or itself,
        )

    def _has(self, entry: Entry, layer: str | None) -> bool:
        return layer is None or layer in self._layers_of(entry)
