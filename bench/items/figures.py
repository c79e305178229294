"""The figures to reach, and whether they were: computed from what was measured, missing where something was not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from bench.items.contest import DEEP
from bench.items.harvest import CROWD, WAYS
from bench.tables import count, milliseconds, times

FILTERS = {
    "cql-equal": "attribute equal",
    "cql-range": "range and LIKE",
    "cql-spatial": "polygon",
    "cql-mixed": "mixed",
}
PAGES = {"10": {"tipg": 20.0, "pygeoapi": 100.0}, "1000": {"tipg": 10.0, "pygeoapi": 10.0}}
MEGABYTE = 1e6


class Figure(NamedTuple):
    """One figure: what is to be reached, what was found (None: not measured), and whether that is enough."""

    title: str
    wanted: str
    found: str | None
    reached: bool

    @property
    def verdict(self) -> str:
        """What was found and what to think of it."""
        return (
            "not measured"
            if self.found is None
            else f"{self.found} {'reached' if self.reached else '**missed**'}"
        )


def figures(parts: Mapping[str, Any]) -> list[Figure]:
    """The figures of one size, always the same ones in the same order, from the parts that were measured."""
    rows = {
        (row["case"], row["temper"], row["server"]): row for row in parts.get("cases", {}).get("rows", [])
    }
    return [*_pages(rows), *_harvests(parts), *_deep(parts), *_filters(rows), *_answers(parts)]


def _pages(rows: Mapping[tuple[str, str, str], Any]) -> Iterator[Figure]:
    for limit, peers in PAGES.items():
        for peer, least in peers.items():
            row = rows.get((f"first-{limit}", "", peer))
            yield _at_least(f"pages of {int(limit):,}, ours by {peer}", least, row and row["ratio"])


def _harvests(parts: Mapping[str, Any]) -> Iterator[Figure]:
    rows = {row["what"]: row for row in parts.get("harvest", {}).get("rows", [])}
    for way in WAYS:
        mine = rows.get(f"ours, {way}")
        rate = mine and mine["per_second"]
        found = None if rate is None else f"{count(rate)}/s"
        yield Figure(f"harvest, {way}", ">= 100,000 features/s", found, (rate or 0) >= 100_000)
    for way in WAYS:
        for peer in ("tipg", "pygeoapi"):
            row = rows.get(peer)
            yield _at_least(f"harvest, {way}, ours by {peer}", 10.0, row and row["ratios"][way])


def _deep(parts: Mapping[str, Any]) -> Iterator[Figure]:
    rows = {row["limit"]: row["ratio"] for row in parts.get("deep", {}).get("rows", [])}
    for limit in DEEP:
        slower = rows.get(limit)
        found = None if slower is None else f"{slower:.2f}x"
        title = f"last page of {limit:,} by the first, time"
        yield Figure(title, "<= 1.5x", found, slower is not None and slower <= 1.5)


def _filters(rows: Mapping[tuple[str, str, str], Any]) -> Iterator[Figure]:
    for temper in ("hot", "cold"):
        for case, title in FILTERS.items():
            row = rows.get((case, temper, "tipg"))
            yield _at_least(f"CQL2, {title}, {temper}, ours by tipg", 5.0, row and row["ratio"])


def _answers(parts: Mapping[str, Any]) -> Iterator[Figure]:
    first = parts.get("first", {}).get("first")
    found = None if first is None else f"{milliseconds(first)} ms"
    yield Figure("first byte of the whole layer", "< 100 ms", found, first is not None and first < 0.1)
    resident = parts.get("memory", {}).get("resident")
    found = None if resident is None else f"{resident / MEGABYTE:,.0f} MB"
    title = f"memory of a worker in {CROWD} harvests at once"
    yield Figure(title, "<= 500 MB", found, resident is not None and resident <= 500 * MEGABYTE)


def _at_least(title: str, least: float, ratio: float | None) -> Figure:
    found = None if ratio is None else times(ratio)
    return Figure(title, f">= {least:.0f}x", found, ratio is not None and ratio >= least)
