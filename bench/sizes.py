"""A bench that measures one thing at some sizes: its options, its figures, and its section of bench/RESULTS.md."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bench import results
from bench.kept import Figures, Kept

#: Zones of a whole run, and of a quick one, which is a trial: it prints its section and keeps nothing.
ZONES, QUICK = (200_000, 1_000_000), (20_000,)


@dataclass(frozen=True, slots=True)
class Bench:
    """What there is to measure.

    name, title : of the folder of its figures, and of its section
    measure : zones and rounds -> figures
    text : figures by size -> the section
    rounds : how often each thing is done unless said, and what that means; None when it is done once
    """

    name: str
    title: str
    measure: Callable[[int, int], Mapping[str, Any]]
    text: Callable[[dict[str, Figures]], str]
    rounds: tuple[int, str] | None = None

    def run(self, about: str | None) -> None:
        """Measure each size, keep the figures, write the section; `about` is the command's help."""
        options = self._options(about)
        kept = Kept(self.name, keeps=not options.quick)
        for zones in options.zones or (QUICK if options.quick else ZONES):
            with kept.measured(f"{zones:,} zones") as figures:
                figures |= {"rounds": options.rounds, **self.measure(zones, options.rounds)}
        text = self.text(kept.all())
        print(text)
        if not options.quick:
            results.write(self.title, text)

    def _options(self, about: str | None) -> argparse.Namespace:
        arguments = argparse.ArgumentParser(description=about, formatter_class=argparse.RawTextHelpFormatter)
        arguments.add_argument("--zones", type=int, nargs="+")
        if self.rounds:
            count, meaning = self.rounds
            arguments.add_argument("--rounds", type=int, default=count, help=meaning)
        arguments.add_argument("--quick", action="store_true")
        arguments.set_defaults(rounds=self.rounds[0] if self.rounds else 1)
        return arguments.parse_args()
