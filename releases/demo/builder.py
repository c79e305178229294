"""Build the demo: everything that the three authorities deliver, into the data folder.

The files are made in a folder of their own and moved into place one by one, the joint delivery note last of
all: where it is, everything is. Files that are not part of the demo are left alone.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from config.models import Nature, Service, Text
from releases.demo.administration import administration
from releases.demo.boundaries import Boundaries, boundaries
from releases.demo.controls import Controls
from releases.demo.notes import write_note
from releases.demo.plan import plan
from releases.demo.points import points
from releases.demo.rows import Rows
from releases.demo.writing import Deliveries
from releases.progress import Progress, silent

SEED = 20352035
ZONES, FEWEST, MOST = 20_000, 2_000, 2_000_000


@dataclass(frozen=True, slots=True)
class DemoReport:
    """What was built.

    boundaries : "real", or "synthetic" when the stand-in took their place
    note : the source of the boundaries, to show to people
    reason : why the real boundaries could not be had, None when they are real
    rows : layer -> number of features over all authorities
    """

    out: Path
    zones: int
    seed: int
    boundaries: Nature
    note: Text
    reason: str | None
    rows: Mapping[str, int]
    seconds: float


def build(
    service: Service,
    out: Path | None = None,
    zones: int = ZONES,
    seed: int = SEED,
    progress: Progress | None = None,
    offline: bool | None = None,
) -> DemoReport:
    """Write the demo's deliveries under `out`, by default the service's data folder.

    zones : about how many planning zones, from 2,000 to 2,000,000; ValueError outside
    offline : None takes the real boundaries if it can and the stand-in if not; True never asks the network;
        False raises FetchError rather than take the stand-in
    """
    if not FEWEST <= zones <= MOST:
        raise ValueError(f"{zones} zones: expected {FEWEST} to {MOST}")
    out, progress, start = out or service.data, progress or silent, time.monotonic()
    progress("boundaries", 0, 1)
    found = boundaries(service.cache, offline)
    progress("boundaries", 1, 1)
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out, prefix=".demo-") as name:
        folder = Path(name)
        with Deliveries(service, folder) as deliveries:
            for layer, authority, rows in deliveries_of(service, found, zones, seed, progress):
                deliveries.add(layer, authority, rows)
        notes = [write_note(service, authority, found, folder) for authority in service.authorities]
        _move(folder, out, last=[note for note in notes if note is not None])
    counts = {layer.id: deliveries.counts[layer.id] for layer in service.layers}
    seconds = time.monotonic() - start
    return DemoReport(out, zones, seed, found.nature, found.attribution, found.reason, counts, seconds)


def deliveries_of(
    service: Service, found: Boundaries, zones: int, seed: int, progress: Progress
) -> Iterator[tuple[str, str, Rows]]:
    """Layer, authority and rows of everything, a portion at a time."""
    for done, part in enumerate((administration(found), points(), plan(found))):
        progress("layers", done, 3)
        yield from part
    progress("layers", 3, 3)
    circle = found.circle("full", "partial")
    controls = Controls.over(circle, zones, seed, service.codelists["ghfqdm"])
    for done, (unit, polygon) in enumerate(zip(circle.counties, circle.polygons)):
        progress("zones", done, len(circle.counties))
        yield from controls.of_county(unit, polygon)
    progress("zones", len(circle.counties), len(circle.counties))


def _move(folder: Path, out: Path, last: list[Path]) -> None:
    """Move all files of `folder` to their places under `out`, those of `last` after the others."""
    made = sorted(path for path in folder.rglob("*") if path.is_file() and path not in last)
    for path in (*made, *last):
        place = out / path.relative_to(folder)
        place.parent.mkdir(parents=True, exist_ok=True)
        os.replace(path, place)
