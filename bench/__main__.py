"""Compare our server with stock pygeoapi on the same data in one run, and write the table into bench/RESULTS.md.

python -m bench [--zones 20000] [--seconds 3] [--rounds 5]
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import config
from bench import load, results, services
from config.models import Service
from releases.demo import build
from releases.publication import publish
from releases.release import Catalogue
from tiles import grid

LAYER = "ghfq"
TILE = (11, 844, 1629)  # zoom, row, column of a WebMercatorQuad tile inside Chongqing


class Case(NamedTuple):
    """One thing that both servers are asked for; addresses are relative to the service."""

    title: str
    ours: str
    theirs: str


class Outcome(NamedTuple):
    """One case measured: the median over the rounds of answers a second, median milliseconds, and the ratio."""

    title: str
    ours: load.Rate
    theirs: load.Rate
    ratio: float


def main() -> None:
    """Build and publish the data if they are not there, measure, print and write the table."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--zones", type=int, default=20_000)
    arguments.add_argument("--seconds", type=float, default=3, help="of load on each server in each round")
    arguments.add_argument("--rounds", type=int, default=5)
    options = arguments.parse_args()
    folder = services.ROOT / "var" / "bench" / str(options.zones)
    service, release = _published(folder, options.zones)
    with (
        services.blueprint(folder) as ours,
        services.pygeoapi(folder, service, {LAYER: release / "features" / f"{LAYER}.gpkg"}) as theirs,
    ):
        outcomes = [_compare(case, ours, theirs, options.seconds, options.rounds) for case in _cases()]
    text = "".join(_table(outcomes, options, service))
    print(text)
    results.write("Items", text)


def _published(folder: Path, zones: int) -> tuple[Service, Path]:
    folder.mkdir(parents=True, exist_ok=True)
    environment = {"BLUEPRINT_DATA": str(folder / "data"), "BLUEPRINT_PUBLISHED": str(folder / "published")}
    service = config.load(services.ROOT / "config" / "service.yml", {**os.environ, **environment})
    if not (folder / "published" / "history.json").exists():
        build(service, service.data, zones=zones)
        outcome = publish(service)
        if outcome.status == "refused":
            raise SystemExit("\n".join(str(finding) for finding in outcome.findings))
    return service, Catalogue(service.published).current().path


def _cases() -> list[Case]:
    zoom, row, column = TILE
    box = ",".join(f"{edge:.7f}" for edge in grid.get("WebMercatorQuad").lonlat_box(zoom, row, column))
    items = f"/collections/{LAYER}/items"
    return [
        Case("items, 10 a page", f"{items}?limit=10", f"{items}?f=json&limit=10"),
        Case("items, 1,000 a page", f"{items}?limit=1000", f"{items}?f=json&limit=1000"),
        Case(
            "what one z11 tile shows (ours: the tile; pygeoapi: the items in its box)",
            f"/collections/{LAYER}/tiles/WebMercatorQuad/{zoom}/{row}/{column}",
            f"{items}?f=json&limit=10000&bbox={box}",
        ),
    ]


def _compare(case: Case, ours: str, theirs: str, seconds: float, rounds: int) -> Outcome:
    """Load one server, then the other, in turn, so that a machine that slows down slows both."""
    pairs = [
        (load.measure(ours + case.ours, seconds), load.measure(theirs + case.theirs, seconds))
        for _ in range(rounds)
    ]
    ratio = statistics.median(mine.per_second / other.per_second for mine, other in pairs)
    mine, other = ([pair[side] for pair in pairs] for side in (0, 1))
    print(f"{case.title}: {ratio:.1f}x")
    return Outcome(case.title, _median(mine), _median(other), ratio)


def _median(rates: list[load.Rate]) -> load.Rate:
    return load.Rate(
        statistics.median(rate.per_second for rate in rates),
        statistics.median(rate.median for rate in rates),
        rates[0].size,
    )


def _table(outcomes: list[Outcome], options: argparse.Namespace, service: Service) -> Iterator[str]:
    import pygeoapi

    yield f'`make bench ARGS="--zones {options.zones} --seconds {options.seconds:g} --rounds {options.rounds}"`, '
    yield f"{os.cpu_count()} cores, Python {platform.python_version()}, load by {load.TOOL}.\n\n"
    yield f"Layer `{LAYER}` ({service.layer(LAYER).title.en}), the same GeoPackage under both servers, one worker each "
    yield f"under Granian (ours with four threads, pygeoapi with one, since it fails under load with more); medians of {options.rounds} alternating rounds. "
    yield f"pygeoapi {pygeoapi.__version__}, provider SQLiteGPKG.\n\n"
    yield "| case | ours, answers/s | pygeoapi, answers/s | ratio | ours, ms | pygeoapi, ms | ours, bytes | theirs, bytes |\n"
    yield "|---|--:|--:|--:|--:|--:|--:|--:|\n"
    for title, mine, other, ratio in outcomes:
        yield (
            f"| {title} | {mine.per_second:,.0f} | {other.per_second:,.1f} | {ratio:,.0f}x "
            f"| {mine.median * 1e3:.2f} | {other.median * 1e3:.1f} | {mine.size:,} | {other.size:,} |\n"
        )
    yield "\npygeoapi makes vector tiles from PostgreSQL, Elasticsearch or a ready tile set, not from a GeoPackage; so its "
    yield "third row is the request a client is left with: the features in the tile's box as GeoJSON.\n"


if __name__ == "__main__":
    main()
