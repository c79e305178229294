"""Measure items against the servers on PostGIS; write bench/RESULTS.md's section.

python -m bench.items [--zones 200000 1000000] [--only cases,deep,harvest,forms,first,memory]
                      [--seconds S] [--rounds N] [--publish] [--quick [--cases cql,first]]

Each part's figures are kept in var/bench/results when it ends, so that one can be measured again by itself; the
section is written from all that is there. A quick run is a trial: it prints its section and keeps nothing.
"""

from __future__ import annotations

import argparse
import traceback
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, NamedTuple

from bench import dataset, programs, results
from bench.contenders import Served
from bench.dataset import Dataset
from bench.items import contest, dialects, harvest, report, sample, servers, table
from bench.items.cases import cases
from bench.items.contest import Contender, Contest
from bench.kept import Kept
from bench.services import PeerMissing

PARTS = ("cases", "deep", "harvest", "forms", "first", "memory")
SPOKEN: dict[str, Callable[[Dataset], dialects.Peer]] = {
    "tipg": dialects.tipg,
    "pygeoapi": dialects.pygeoapi,
    "pg_featureserv": dialects.pg_featureserv,
}


class Field(NamedTuple):
    """All that runs on one dataset: servers by name, their dialects, and why a peer is absent."""

    data: Dataset
    database: str
    served: dict[str, Served]
    contenders: dict[str, Contender]
    absent: dict[str, str]


def main() -> None:
    """Measure the parts asked for at each size, keep the figures, write the section and the plots."""
    options = _options()
    kept = Kept("items", keeps=not options.quick)
    failed: list[str] = []
    for zones in options.zones:
        data = _data(zones, options.publish)
        with _field(data, options.only) as field:
            for part in options.only:
                name = f"{part}-{zones}"
                print(f"== {name}", flush=True)
                try:
                    with kept.measured(name) as figures:
                        figures |= MEASURES[part](field, options)
                except Exception:
                    # Minutes of other parts do not depend on this one: told now and by the exit code.
                    traceback.print_exc()
                    failed.append(name)
    sizes = kept.by_size()
    text = report.text(sizes)
    print(text)
    if not options.quick:
        results.write("Items", text)
        report.draw(sizes, results.FILE.parent)
    if failed:
        raise SystemExit(f"not measured: {', '.join(failed)}")


def _options() -> argparse.Namespace:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("--zones", type=int, nargs="+")
    arguments.add_argument("--only", type=lambda text: text.split(","), default=list(PARTS))
    arguments.add_argument(
        "--cases", type=lambda text: tuple(text.split(",")), help="that begin like these; needs --quick"
    )
    arguments.add_argument("--seconds", type=float, help="of load on each server in each round of a case")
    arguments.add_argument("--rounds", type=int)
    arguments.add_argument(
        "--publish", action="store_true", help="publish the data anew, by the code as it is"
    )
    arguments.add_argument(
        "--quick", action="store_true", help="a trial: 20,000 zones, one short round, kept nowhere"
    )
    options = arguments.parse_args()
    options.zones = options.zones or ([20_000] if options.quick else [200_000, 1_000_000])
    options.seconds = options.seconds or (0.3 if options.quick else 0.4)
    options.rounds = options.rounds or (1 if options.quick else 3)
    if options.cases and not options.quick:
        arguments.error("a part is kept whole: some cases alone are a trial (--quick)")
    if unknown := set(options.only) - set(PARTS):
        arguments.error(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    return options


def _data(zones: int, anew: bool) -> Dataset:
    if anew:
        dataset.publish(zones)
    return dataset.load(zones)


@contextmanager
def _field(data: Dataset, parts: list[str]) -> Iterator[Field]:
    """Start ours and, where a part compares, the database and every peer that can be started."""
    with ExitStack() as stack:
        served: dict[str, Served] = {}
        absent: dict[str, str] = {}
        database = table.Database("", "no database")
        if {"cases", "harvest"} & set(parts):
            database = stack.enter_context(table.database(data))
            for name in SPOKEN:
                try:
                    served[name] = stack.enter_context(servers.SERVERS[name](data, database))
                except (PeerMissing, RuntimeError) as fault:
                    absent[name] = str(fault)
                    print(f"{name} is absent: {fault}", flush=True)
        served = {"ours": stack.enter_context(servers.ours(data, database)), **served}
        longest = data.service.limits.items_max
        contenders = {
            name: Contender(
                one.address,
                SPOKEN[name](data) if name in SPOKEN else dialects.Ours(one.address, longest),
            )
            for name, one in served.items()
        }
        yield Field(data, database.version, served, contenders, absent)


def _cases(field: Field, options: argparse.Namespace) -> dict[str, Any]:
    chosen = [
        case
        for case in cases(sample.taken(field.data))
        if not options.cases or case.name.startswith(options.cases)
    ]
    measured = Contest(field.contenders, options.seconds, options.rounds)
    for case in chosen:
        measured.measure(case)
    return {
        "rows": measured.rows,
        "left out": measured.absent,
        "absent": field.absent,
        "features": field.data.layer.count,
        "rounds": options.rounds,
        "database": field.database,
        "versions": {name: programs.version(name) for name in field.contenders if name != "ours"},
    }


def _deep(field: Field, options: argparse.Namespace) -> dict[str, Any]:
    taken = sample.taken(field.data)
    return {"rows": contest.deep(field.contenders["ours"], taken, options.seconds, options.rounds)}


def _harvest(field: Field, options: argparse.Namespace) -> dict[str, Any]:
    return {"rows": harvest.speeds(field.contenders, field.data.layer.count, options.rounds)}


def _forms(field: Field, options: argparse.Namespace) -> dict[str, Any]:
    return {"rows": harvest.forms(field.contenders["ours"], field.data.layer.count)}


def _first(field: Field, options: argparse.Namespace) -> dict[str, Any]:
    return {**harvest.first_byte(field.contenders["ours"])}


def _memory(field: Field, options: argparse.Namespace) -> dict[str, Any]:
    seconds = 3.0 if options.quick else harvest.CROWD_SECONDS
    return {**harvest.crowd(field.contenders["ours"], field.served["ours"].process, seconds)}


MEASURES = {
    "cases": _cases,
    "deep": _deep,
    "harvest": _harvest,
    "forms": _forms,
    "first": _first,
    "memory": _memory,
}


if __name__ == "__main__":
    main()
