"""The section on publishing."""

from __future__ import annotations

from collections.abc import Iterator

from bench.kept import Figures
from bench.publish.measure import PAIRS, VALUES
from bench.tables import about, machine, table

#: Seconds of a publish of ten changed features.
LIMIT = 15.0


def text(kept: dict[str, Figures]) -> str:
    """The section from the figures of each size."""
    return "\n".join(_lines(kept))


def _lines(kept: dict[str, Figures]) -> Iterator[str]:
    yield f"`python -m bench.publish`: {machine()}. `blueprint publish` as a command, from its start to its end: the first, and then"
    yield "publishes of each kind (medians). *Values* are corrected in a shapefile; *edges* are vertices that two neighbours share,"
    yield "moved in a GeoPackage, their stated areas with them. What is amended has its files copied but for the features that"
    yield "changed; as a whole, everything is read and checked, and layers that have not changed are linked."
    for name, figures in sorted(kept.items(), key=lambda item: item[1]["features"]):
        yield ""
        yield f"{figures['features']:,} features in the layer ({name}). {about(figures)}"
        yield ""
        yield from table(
            "publish|seconds|<= 15 s|memory, MB|made",
            [_row(kind, row) for kind, row in figures["rows"].items()],
        )


def _row(kind: str, row: Figures) -> list[str]:
    reached = "" if not kind.startswith((str(VALUES), str(2 * PAIRS))) else _reached(row["seconds"] <= LIMIT)
    made = "amended" if row["amended"] else "as a whole"
    return [
        kind,
        f"{row['seconds']:.1f}",
        reached,
        f"{row['memory'] / 1e6:,.0f}",
        "-" if kind == "nothing changed" else made,
    ]


def _reached(reached: bool) -> str:
    return "reached" if reached else "**missed**"
