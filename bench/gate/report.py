"""The section of bench/RESULTS.md about the gate, from the figures that the parts left."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bench.tables import about, count, machine, table

Figures = dict[str, Any]
#: Figures to reach at a million polygons: seconds and bytes.
MILLION, SECONDS, MEMORY = 1_000_000, 180.0, 8e9


def text(kept: dict[str, Figures]) -> str:
    """The section; `kept` has each part's figures by its name."""
    lines = [f"`make bench-gate`: {machine()}."]
    sizes = sorted((f for name, f in kept.items() if name.startswith("size-")), key=lambda f: f["zones"])
    lines += ["", *table("figures to reach|to reach|reached", _goals(kept.get("dirty"), sizes))]
    if "dirty" in kept:
        lines += ["", *_dirty(kept["dirty"])]
    if sizes:
        lines += ["", *_sizes(sizes)]
    return "\n".join(lines)


def _goals(dirty: Figures | None, sizes: list[Figures]) -> Iterator[list[str]]:
    if dirty:
        planted, found, false = (
            sum(row[key] for row in dirty["rows"]) for key in ("planted", "found", "false")
        )
        bare = sum(row["planted"] == 0 for row in dirty["rows"])
        yield [
            "recall on the dirty demo, every rule",
            "1.0",
            _verdict(f"{found / planted:.4f}", found == planted and not bare),
        ]
        precise = found / (found + false) if found else 0.0
        yield ["precision on the dirty demo, every rule", "1.0", _verdict(f"{precise:.4f}", false == 0)]
    for figures in sizes:
        if figures["zones"] == MILLION:
            yield [
                "gate on 1,000,000 polygons",
                "<= 180 s",
                _verdict(f"{figures['whole']:.0f} s", figures["whole"] <= SECONDS),
            ]
            yield [
                "memory of it",
                "<= 8 GB",
                _verdict(f"{figures['memory'] / 1e9:.1f} GB", figures["memory"] <= MEMORY),
            ]


def _verdict(value: str, reached: bool) -> str:
    return f"{value} {'reached' if reached else '**missed**'}"


def _dirty(figures: Figures) -> Iterator[str]:
    yield f"### What was planted and what was found, {figures['zones']:,} zones"
    yield ""
    yield (
        "`blueprint demo --dirty` plants faults into the demo's deliveries and lists them; each case is checked and every "
        "finding held against the list (`bench/gate/score.py`). *Planted* includes what follows from another fault and is "
        "listed as its consequence, *false* are findings of nothing planted. A check looks at several rules at once, so "
        f"its seconds, over all {len(figures['cases'])} cases, stand at each of them. {about(figures)}"
    )
    yield ""
    rows = (
        [
            f"`{row['rule']}`",
            count(row["planted"]),
            count(row["consequences"]),
            count(row["found"]),
            count(row["false"]),
            f"{row['seconds']:.2f}",
            row["check"],
        ]
        for row in figures["rows"]
    )
    yield from table("rule|planted|of these consequences|found|false|seconds|check", rows)


def _sizes(sizes: list[Figures]) -> Iterator[str]:
    yield "### Seconds of each check on clean data"
    yield ""
    yield (
        "All layers of the demo, read from the deliveries as they are; the zones are the largest layer. "
        + " ".join(f"{figures['zones']:,} zones: {about(figures)}" for figures in sizes)
    )
    yield ""
    names = list(dict.fromkeys(name for figures in sizes for name in figures["checks"]))
    heads = "|".join(["check", *(f"{figures['zones']:,} zones" for figures in sizes)])
    rows = [[name, *(_seconds(figures["checks"].get(name)) for figures in sizes)] for name in names]
    rows.append(["all, start of the program included", *(_seconds(figures["whole"]) for figures in sizes)])
    rows.append(["memory, GB", *(f"{figures['memory'] / 1e9:.2f}" for figures in sizes)])
    rows.append(["findings", *(count(figures["findings"]) for figures in sizes)])
    yield from table(heads, rows)


def _seconds(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"
