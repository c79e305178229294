"""Measure the changes between two releases; write bench/RESULTS.md's section.

python -m bench.changes [--zones 200000 1000000] [--rounds N] [--quick]

A quick run is a trial of 20,000 zones: it prints its section and keeps nothing.
"""

from __future__ import annotations

import argparse

from bench import results
from bench.changes import measure, report
from bench.kept import Kept


def main() -> None:
    """Measure each size, keep the figures, write the section."""
    options = _options()
    kept = Kept("changes", keeps=not options.quick)
    for zones in options.zones:
        with kept.measured(f"{zones:,} zones") as figures:
            figures |= measure.measure(zones, options.rounds) | {"rounds": options.rounds}
    text = report.text(kept.all())
    print(text)
    if not options.quick:
        results.write("Changes", text)


def _options() -> argparse.Namespace:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("--zones", type=int, nargs="+")
    arguments.add_argument("--rounds", type=int, default=3, help="starts of the server; the best counts")
    arguments.add_argument("--quick", action="store_true")
    options = arguments.parse_args()
    options.zones = options.zones or ([20_000] if options.quick else [200_000, 1_000_000])
    return options


if __name__ == "__main__":
    main()
