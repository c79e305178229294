"""Measure the changes between two releases; write bench/RESULTS.md's section.

python -m bench.changes [--zones 200000 1000000] [--rounds N] [--quick]

A quick run is a trial of 20,000 zones: it prints its section and keeps nothing.
"""

from __future__ import annotations

from bench.changes import measure, report
from bench.sizes import Bench

BENCH = Bench(
    "changes", "Changes", measure.measure, report.text, rounds=(3, "starts of the server; the best counts")
)

if __name__ == "__main__":
    BENCH.run(__doc__)
