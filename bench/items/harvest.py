"""The whole layer: harvested by pages and in one answer, in every form, by one client and by a crowd.

Ours is harvested to the end. Of a peer that would take minutes, pages are asked for at equal distances over the whole
layer, as many as fit into a few seconds: its pages become slower towards the end.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Mapping, Sequence
from typing import Any

from bench import services
from bench.items import client
from bench.items.asks import Ask
from bench.items.client import Harvest, Order
from bench.items.contest import Contender, ratio
from bench.items.dialects import FORMS

PAGE = 10_000
#: More than any layer here has, so that all comes in one answer, or in as few as the server's limit allows.
ALL = 1_000_000
#: Features of one answer in each form.
MANY = 100_000
#: Seconds in which a peer's pages are asked for in a round.
SPAN = 4.0
CROWD = 20
CROWD_SECONDS = 15.0
FIRSTS = 7
#: Seconds between two looks at a process's memory.
LOOK = 0.1
#: What ours can be harvested by.
WAYS = {"pages of 10,000 by next": PAGE, "one answer": ALL}


def speeds(contenders: Mapping[str, Contender], features: int, rounds: int) -> list[dict[str, Any]]:
    """A row for each way of ours and each peer: features a second, and by how much ours are faster, way by way."""
    taken: dict[str, list[float]] = {}
    about: dict[str, Harvest] = {}
    for number in range(rounds):
        for way, limit in WAYS.items():
            found = client.harvest(_whole(contenders["ours"], limit))
            if found.features != features:
                raise RuntimeError(f"{way}: {found.features:,} features of {features:,} were harvested")
            _noted(f"ours, {way}", found, taken, about)
        for name, contender in contenders.items():
            if name == "ours":
                continue
            try:
                _noted(name, client.harvest(_sampled(contender, features, number)), taken, about)
            except RuntimeError as fault:
                print(f"harvest, {name}: {fault}", flush=True)
    return [
        {
            "what": what,
            "features": about[what].features,
            "answers": about[what].answers,
            "bytes": about[what].bytes,
            "per_second": statistics.median(rates),
            "ratios": {way: ratio(taken[f"ours, {way}"], rates) for way in WAYS},
        }
        for what, rates in taken.items()
    ]


def forms(ours: Contender, features: int) -> list[dict[str, Any]]:
    """MANY features in each form, in one answer: features and bytes a second, and the first bytes."""
    rows = []
    for form in (form for form in FORMS if form != "html"):
        try:
            found = client.harvest(Order(ours.address, ours.paths([Ask(MANY, form=form)])))
        except RuntimeError as fault:
            print(f"{form}: {fault}", flush=True)
            continue
        count = min(features, MANY)
        rows.append(
            {
                "form": form,
                "features": count,
                "per_second": count / found.seconds,
                "bytes": found.bytes,
                "seconds": found.seconds,
                "first": found.first[0],
                "some": found.some[0],
            }
        )
        print(f"{form}: {count / found.seconds:,.0f} features/s", flush=True)
    return rows


def first_byte(ours: Contender) -> dict[str, float]:
    """Median seconds to the first byte of the whole layer, and to its first 64 KiB."""
    (path,) = ours.paths([Ask(ALL)])
    found = client.harvest(Order(ours.address, [path] * FIRSTS, first=True))
    return {"first": statistics.median(found.first), "some": statistics.median(found.some)}


def crowd(ours: Contender, process: int, seconds: float = CROWD_SECONDS) -> dict[str, float]:
    """The largest memory of the worker while CROWD clients harvest, half by pages and half in one answer each."""
    paths = [path for limit in WAYS.values() for path in ours.paths([Ask(limit)])]
    order = Order(ours.address, paths, walk=True, seconds=seconds, cut=True, crowd=CROWD)
    before = services.memory(process)
    largest, own = before.resident, before.own
    with client.started(order) as program:
        while program.poll() is None:
            now = services.memory(process)
            largest, own = max(largest, now.resident), max(own, now.own)
            time.sleep(LOOK)
        found = client.ended(program)
    return {
        "before": before.resident,
        "resident": largest,
        "own": own,
        "features": found.features,
        "bytes": found.bytes,
        "seconds": found.seconds,
    }


def _whole(ours: Contender, limit: int) -> Order:
    return Order(ours.address, ours.paths([Ask(limit)]), walk=True)


def _sampled(peer: Contender, features: int, number: int) -> Order:
    """Pages at equal distances over the layer in such an order that the first few are far apart as well."""
    places = list(range(0, max(1, features - PAGE + 1), PAGE))
    return Order(
        peer.address, peer.paths(Ask(PAGE, place=place) for place in spread(places, number)), seconds=SPAN
    )


def spread(places: Sequence[int], number: int) -> list[int]:
    """The same places in another order: steps of the golden section, begun elsewhere in each round."""
    share = 0.6180339887498949
    weights = [((at + 1 + number) * share) % 1.0 for at in range(len(places))]
    return [places[min(int(weight * len(places)), len(places) - 1)] for weight in weights]


def _noted(what: str, found: Harvest, taken: dict[str, list[float]], about: dict[str, Harvest]) -> None:
    taken.setdefault(what, []).append(found.features / found.seconds)
    about[what] = found
    print(f"harvest, {what}: {taken[what][-1]:,.0f} features/s", flush=True)
