"""Measure tiles against PostGIS, the servers on it, tippecanoe and HTTP's own limit; write bench/RESULTS.md's section.

python -m bench.tiles [--zones 200000 1000000] [--only encode,http,publish,growth] [--rounds N] [--resume]

Each part's figures are kept in var/bench/results when it ends, so that one can be measured again by itself; the
section is written from all that is there.
"""

from __future__ import annotations

import argparse
import traceback
from collections.abc import Callable
from functools import partial
from typing import Any

from bench import cluster, dataset, results
from bench.kept import Kept
from bench.tiles import delivery, encode, growth, postgis, report, seeding

KEPT = Kept("tiles")
PARTS = ("publish", "encode", "http", "growth")
#: Rounds of each part; encoding stops earlier where one round takes seconds.
ROUNDS = {"publish": 1, "encode": 15, "http": 3, "growth": 5}
#: Parts that could not be measured in this run.
_failed: list[str] = []


def main() -> None:
    """Measure the parts asked for at each size, keep the figures, write the section and the plot."""
    options = _options()
    for zones in options.zones:
        for part in PARTS[:3]:
            if part in options.only:
                _take(f"{part}-{zones}", options, partial(_measured, part, zones, options))
    if "growth" in options.only:
        _take("growth", options, partial(growth.measure, options.growth, options.rounds or ROUNDS["growth"]))
    results.write("Tiles", report.text(KEPT.all()))
    print(f"{results.FILE} written")
    if _failed:
        raise SystemExit(f"not measured: {', '.join(_failed)}")


def _options() -> argparse.Namespace:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("--zones", type=int, nargs="+", default=[200_000, 1_000_000])
    arguments.add_argument("--only", type=lambda text: text.split(","), default=list(PARTS))
    arguments.add_argument("--rounds", type=int, help="instead of each part's own number")
    arguments.add_argument("--growth", type=int, nargs="+", default=list(growth.SIZES), help="sizes compared")
    arguments.add_argument("--resume", action="store_true", help="leave out parts whose figures are there")
    options = arguments.parse_args()
    if unknown := set(options.only) - set(PARTS):
        arguments.error(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    return options


def _measured(part: str, zones: int, options: argparse.Namespace) -> dict[str, Any]:
    rounds = options.rounds or ROUNDS[part]
    if part == "publish":
        return seeding.measure(zones)
    data = dataset.load(zones)
    with postgis.database(data) as database:
        found = {"version": database.version(), "settings": cluster.SETTINGS}
        if part == "encode":
            return {**found, "rows": encode.measure(data, database, rounds)}
        return {**found, **delivery.measure(data, database, rounds)}


def _take(name: str, options: argparse.Namespace, measure: Callable[[], dict[str, Any]]) -> None:
    """Measure and keep; what could not be measured leaves the figures of before."""
    if options.resume and KEPT.has(name):
        return
    print(f"== {name}", flush=True)
    try:
        with KEPT.measured(name) as figures:
            figures |= measure()
    except Exception:
        # Hours of other parts do not depend on this one: told now and by the exit code.
        traceback.print_exc()
        _failed.append(name)


if __name__ == "__main__":
    main()
