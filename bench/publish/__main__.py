"""Measure publishing; write bench/RESULTS.md's section.

python -m bench.publish [--zones 200000 1000000] [--rounds N] [--quick]

A quick run is a trial of 20,000 zones: it prints its section and keeps nothing.
"""

from __future__ import annotations

from bench.publish import measure, report
from bench.sizes import Bench

BENCH = Bench(
    "publish",
    "Publishing",
    measure.measure,
    report.text,
    rounds=(3, "publishes of each kind; the median counts"),
)

if __name__ == "__main__":
    BENCH.run(__doc__)
