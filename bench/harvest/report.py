"""The section of bench/RESULTS.md."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bench.tables import about, machine, table

#: Features a second of a whole harvest, and seconds of one of 1,000 changes.
RATE, SECONDS = 50_000, 2.0


def text(kept: dict[str, dict[str, Any]]) -> str:
    """The section from the figures of each size."""
    return "\n".join(_lines(kept))


def _lines(kept: dict[str, dict[str, Any]]) -> Iterator[str]:
    yield f"`python -m bench.harvest`: {machine()}. `blueprint harvest` of layer `ghfq` from `blueprint serve` with one worker on"
    yield "the same machine; *command* is the whole process from its start, *work* is without the start of Python. Every feature's"
    yield "digest is computed, and the layer's root compared, before anything is seen in the target. The database does not wait"
    yield "for the disk."
    for name, figures in sorted(kept.items(), key=lambda item: item[1]["features"]):
        yield ""
        yield f"{figures['features']:,} features ({name}). {about(figures)}"
        yield ""
        yield from table(
            "target|whole, features/s|>= 50,000|work, s|memory, MB|1,000 changes: command, s|<= 2 s|work, s|memory, MB|nothing new: command, s",
            [_row(target, row, figures["features"]) for target, row in figures["rows"].items()],
        )
        for target, why in figures["absent"].items():
            yield f"\n{target} is absent: {why}"


def _row(target: str, row: dict[str, Any], features: int) -> list[str]:
    whole, changes, nothing = row["whole"], row["changes"], row["nothing"]
    rate = features / whole["seconds"]
    return [
        target,
        f"{rate:,.0f}",
        _reached(rate >= RATE),
        f"{whole['work']:.1f}",
        f"{whole['memory'] / 1e6:,.0f}",
        f"{changes['seconds']:.2f}",
        _reached(changes["seconds"] <= SECONDS),
        f"{changes['work']:.2f}",
        f"{changes['memory'] / 1e6:,.0f}",
        f"{nothing['seconds']:.2f}",
    ]


def _reached(reached: bool) -> str:
    return "reached" if reached else "**missed**"
