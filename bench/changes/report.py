"""The section on changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bench.changes.measure import PAGE
from bench.kept import Figures

#: What is to be reached: seconds to the first page, of a server that has just started.
LIMIT = 1.0

_HEAD = f"""`python -m bench.changes`: two releases of the demo, between which one authority has corrected some of its zones; what has
changed is asked for over HTTP, of a server with one worker that has just started. *First page* is of {PAGE} changes, with all
that is compared on the way; with nothing in memory, the system has to read the files from the disk as well. *Next page* is the
median of those that follow. A thousand changes of a sequence hold whole features. The best of {{rounds}} starts.
"""


def text(figures: Mapping[str, Figures]) -> str:
    """The section in Markdown."""
    rounds = max((one["rounds"] for one in figures.values()), default=0)
    lines = [
        _HEAD.format(rounds=rounds),
        "| features | changes | first page, s | nothing in memory, s | next page, ms | 1,000 in a sequence, ms | versions of one, ms"
        " | memory of the worker, MB |",
        "|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for one in sorted(figures.values(), key=lambda one: one["features"]):
        lines += [_row(one["features"], row) for row in one["rows"]]
    for name, one in figures.items():
        said = one["about"]
        lines.append(
            f"\n{name}: commit {said['commit']}, {said['at'][:10]}, load of the machine {said['load']:.1f}."
        )
    return "\n".join(lines)


def _row(features: int, row: Mapping[str, Any]) -> str:
    took = row["seconds"]
    first = took["first"]
    mark = "" if first <= LIMIT else " **missed**"
    return (
        f"| {features:,} | {row['changes']:,} | {first:.2f}{mark} | {took['first, nothing in memory']:.2f}"
        f" | {took['next'] * 1e3:.1f} | {took['sequence'] * 1e6:.1f} | {took['versions'] * 1e3:.1f}"
        f" | {row['memory'] / 1e6:.0f} |"
    )
