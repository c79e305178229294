"""The section on proofs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from bench.kept import Figures

#: What is to be reached: seconds for a million features.
LIMITS: Final = {"digests": 10.0, "verify": 30.0}
_FORMS: Final = ("gpkg", "geoparquet", "flatgeobuf", "geojson", "geojsonseq")

_HEAD = """`python -m bench.proof`: the largest layer of the demo. *Digests* and *tree* are what publishing takes for them, on one processor; *update* is a new
tree with ten other leaves. *Proof* is one feature's, from its id to its path. The others are `blueprint verify` of a copy in that form, and
`blueprint releases verify` of the whole release, as processes of their own, in seconds (and MB of memory).
"""


def text(figures: Mapping[str, Figures]) -> str:
    """The section in Markdown."""
    lines = [
        _HEAD,
        f"| features | digests, s | tree, s | update, ms | proof, ms | {' | '.join(_FORMS)} | release |",
        "|--:|--:|--:|--:|--:|" + "--:|" * (len(_FORMS) + 1),
    ]
    lines += [_row(one) for one in sorted(figures.values(), key=lambda one: one["features"])]
    for name, one in figures.items():
        said = one["about"]
        lines.append(
            f"\n{name}: commit {said['commit']}, {said['at'][:10]}, load of the machine {said['load']:.1f}."
        )
    return "\n".join(lines)


def _row(one: Figures) -> str:
    steps, commands, share = one["steps"], one["commands"], one["features"] / 1e6
    cells = [
        f"{one['features']:,}",
        f"{steps['digests']:.1f}" + _mark(steps["digests"], LIMITS["digests"] * share),
        f"{steps['tree']:.2f}",
        f"{steps['update'] * 1e3:.0f}",
        f"{steps['proof'] * 1e3:.2f}",
    ]
    for form in _FORMS:
        seconds, memory = commands[form]
        # Starting a program takes a second, however few features there are.
        cells.append(
            f"{seconds:.1f} ({memory / 1e6:.0f})" + _mark(seconds, max(3.0, LIMITS["verify"] * share))
        )
    seconds, memory = commands["release"]
    cells.append(f"{seconds:.1f} ({memory / 1e6:.0f})")
    return "| " + " | ".join(cells) + " |"


def _mark(seconds: float, limit: float) -> str:
    return "" if seconds <= limit else " **missed**"
