"""Measure the gate: what it finds of the dirty demo, and its time and memory for many polygons; write bench/RESULTS.md's section.

python -m bench.gate [--only dirty,size] [--dirty FOLDER] [--zones 200000 1000000] [--resume]

Each part's figures are kept in var/bench/results/gate when it ends, so that one can be measured again by itself; the
section is written from all that is there.
"""

from __future__ import annotations

import argparse
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from bench import results
from bench.dataset import WORK
from bench.gate import dirty, report, size
from bench.kept import Kept

KEPT = Kept("gate")
PARTS = ("dirty", "size")
#: Parts that could not be measured in this run.
_failed: list[str] = []


def main() -> None:
    """Measure the parts asked for, keep the figures, write the section."""
    options = _options()
    if "dirty" in options.only:
        _take("dirty", options, partial(dirty.measure, options.dirty))
    if "size" in options.only:
        for zones in options.zones:
            _take(f"size-{zones}", options, partial(size.measure, zones))
    results.write("Gate", report.text(KEPT.all()))
    print(f"{results.FILE} written")
    if _failed:
        raise SystemExit(f"not measured: {', '.join(_failed)}")


def _options() -> argparse.Namespace:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("--only", type=lambda text: text.split(","), default=list(PARTS))
    arguments.add_argument(
        "--dirty", type=Path, help=f"a dirty demo that is there, else one is built in {WORK / 'dirty'}"
    )
    arguments.add_argument("--zones", type=int, nargs="+", default=[200_000, 1_000_000])
    arguments.add_argument("--resume", action="store_true", help="leave out parts whose figures are there")
    options = arguments.parse_args()
    if unknown := set(options.only) - set(PARTS):
        arguments.error(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    return options


def _take(name: str, options: argparse.Namespace, measure: Callable[[], dict[str, Any]]) -> None:
    """Measure and keep; what could not be measured leaves the figures of before."""
    if options.resume and KEPT.has(name):
        return
    print(f"== {name}", flush=True)
    try:
        with KEPT.measured(name) as figures:
            figures |= measure()
    except Exception:
        # The other part does not depend on this one: told now and by the exit code.
        traceback.print_exc()
        _failed.append(name)


if __name__ == "__main__":
    main()
