"""Measure digests, trees, proofs and `blueprint verify`; write bench/RESULTS.md's section.

python -m bench.proof [--zones 200000 1000000] [--quick]

A quick run is a trial of 20,000 zones: it prints its section and keeps nothing.
"""

from __future__ import annotations

from bench.proof import measure, report
from bench.sizes import Bench

BENCH = Bench("proof", "Proof", lambda zones, rounds: measure.measure(zones), report.text)

if __name__ == "__main__":
    BENCH.run(__doc__)
