"""The cases: what every server is asked for, again and again, or each time something that nobody asked before.

A filter that is asked again is answered by ours from memory: so each is measured twice. *Hot* is a few of them in turn;
*cold* has a constant of its own in every request, and is asked once.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import NamedTuple

from bench.items.asks import Ask
from bench.items.dialects import FORMS
from bench.items.sample import Sample

Cold = Callable[[random.Random], Ask]
#: Ids that are asked for in turn.
IDS = 500
#: Questions that are asked again and again.
HOT = 8
PAGES = (10, 100, 1_000, 10_000)


class Case(NamedTuple):
    """One case: `hot` is asked for in turn, `cold` makes a question of its own for each request.
    `coding` is what the client accepts.
    """

    name: str
    title: str
    hot: tuple[Ask, ...]
    cold: Cold | None = None
    coding: str = "identity"


def cases(sample: Sample) -> list[Case]:
    """All cases, in the order of the table."""
    return [*_pages(sample), *_boxes(sample), *_filters(sample), *_orders(sample), *_words(sample), *_forms()]


def _both(name: str, title: str, ask: Cold) -> Case:
    """A case hot and cold, of questions of one kind."""
    chance = random.Random(name)
    return Case(name, title, tuple(ask(chance) for _ in range(HOT)), ask)


def _pages(sample: Sample) -> list[Case]:
    sizes = [limit for limit in PAGES if limit < sample.features]
    ids = tuple(Ask(item=feature) for feature in sample.ids[:IDS])
    return [
        *(Case(f"first-{limit}", f"{limit:,} a page, first", (Ask(limit),)) for limit in sizes),
        *(Case(f"last-{limit}", f"{limit:,} a page, last", (sample.last(limit),)) for limit in sizes),
        Case("packed-1000", "1,000 a page, gzip accepted", (Ask(1_000),), coding="gzip"),
        Case("item", "one feature by its id", ids),
    ]


def _boxes(sample: Sample) -> list[Case]:
    def asks(name: str, title: str, edge: float, limit: int) -> Case:
        def ask(chance: random.Random) -> Ask:
            return Ask(limit, box=sample.box(chance, edge))

        return _both(name, title, ask)

    return [
        asks("box-small", "bbox of 0.02 degrees", 0.02, 100),
        asks("box-medium", "bbox of 0.2 degrees", 0.2, 1_000),
    ]


def _filters(sample: Sample) -> list[Case]:
    def equal(chance: random.Random) -> Ask:
        # That the area is above next to nothing holds for all: it makes the request another one, not the answer.
        county, least = chance.choice(sample.counties), chance.uniform(0, 1)
        return Ask(100, filter=f"XZQDM = '{county}' AND MJ > {least:.9f}")

    def ranged(chance: random.Random) -> Ask:
        share, start = chance.uniform(0.05, 0.9), chance.choice(sample.names)[0]
        least, most = sample.area(share) + chance.uniform(-1, 1), sample.area(share + 0.03)
        return Ask(100, filter=f"MJ BETWEEN {least:.6f} AND {most:.6f} AND XZQMC LIKE '{start}%'")

    def spatial(chance: random.Random) -> Ask:
        return Ask(100, filter=f"S_INTERSECTS(geometry, {sample.polygon(chance, 0.1)})")

    def mixed(chance: random.Random) -> Ask:
        star, least = sample.polygon(chance, 0.2), sample.area(0.5) + chance.uniform(-1, 1)
        codes = "GHFQDM IN ('100', '300')"
        return Ask(
            100,
            filter=f"S_INTERSECTS(geometry, {star}) AND {codes} AND (MJ > {least:.6f} OR XZQMC LIKE '%区')",
        )

    return [
        _both("cql-equal", "CQL2: attribute equal", equal),
        _both("cql-range", "CQL2: attribute in a range and LIKE", ranged),
        _both("cql-spatial", "CQL2: S_INTERSECTS, a polygon", spatial),
        _both("cql-mixed", "CQL2: polygon, codes, area or name", mixed),
    ]


def _orders(sample: Sample) -> list[Case]:
    def within(chance: random.Random) -> Ask:
        return Ask(100, box=sample.box(chance, 0.2), sort="-MJ")

    return [
        Case("sorted-first", "by area, largest first, first 100", (Ask(100, sort="-MJ"),)),
        Case("sorted-last", "by area, largest first, last 100", (sample.last(100, sort="-MJ"),)),
        Case(
            "sorted-box", "by area within a bbox of 0.2 degrees", (within(random.Random("sorted")),), within
        ),
    ]


def _words(sample: Sample) -> list[Case]:
    def searched(chance: random.Random) -> Ask:
        first, second = (name[:2] for name in chance.sample(sample.names, 2))
        return Ask(100, words=(first, second))

    return [_both("words", "q of two names (peers: LIKE)", searched)]


def _forms() -> list[Case]:
    others = (form for form in FORMS if form != "geojson")
    return [Case(f"form-{form}", f"1,000 a page, {form}", (Ask(1_000, form=form),)) for form in others]
