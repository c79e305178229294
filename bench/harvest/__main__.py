"""Measure harvests into each target; write bench/RESULTS.md's section.

python -m bench.harvest [--zones 200000 1000000] [--rounds N] [--quick]

A quick run is a trial of 20,000 zones: it prints its section and keeps nothing.
"""

from __future__ import annotations

from bench.harvest import measure, report
from bench.sizes import Bench

BENCH = Bench(
    "harvest",
    "Harvest",
    measure.measure,
    report.text,
    rounds=(2, "publishes of 1,000 changes; the best counts"),
)

if __name__ == "__main__":
    BENCH.run(__doc__)
