"""Measure publishing; write bench/RESULTS.md's section.

python -m bench.publish [--zones 200000 1000000] [--rounds N] [--quick]

A quick run is a trial of 20,000 zones: it prints its section and keeps nothing.
"""

from __future__ import annotations

import argparse

from bench import results
from bench.kept import Kept
from bench.publish import measure, report


def main() -> None:
    """Measure each size, keep the figures, write the section."""
    options = _options()
    kept = Kept("publish", keeps=not options.quick)
    for zones in options.zones:
        with kept.measured(f"{zones:,} zones") as figures:
            figures |= measure.measure(zones, options.rounds)
    text = report.text(kept.all())
    print(text)
    if not options.quick:
        results.write("Publishing", text)


def _options() -> argparse.Namespace:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("--zones", type=int, nargs="+")
    arguments.add_argument("--rounds", type=int, default=3, help="publishes of each kind; the median counts")
    arguments.add_argument("--quick", action="store_true")
    options = arguments.parse_args()
    options.zones = options.zones or ([20_000] if options.quick else [200_000, 1_000_000])
    return options


if __name__ == "__main__":
    main()
