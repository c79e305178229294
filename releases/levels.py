"""A layer's columns at each level of detail, from the coarsest to the exact one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from config.models import Layer, TileSettings
from releases.manifest import PublishedLevel
from releases.progress import Progress, silent
from releases.table import Table
from tiles import columnfile, pyramid
from tiles.budget import Budget
from tiles.columns import Attribute
from tiles.featureid import tile_ids
from tiles.pyramid import Features, Level, Plan

#: What `tiles.budget_kb` counts.
KB = 1000


def write(
    table: Table,
    release: Path,
    tiles: TileSettings,
    followed: Table | None = None,
    progress: Progress = silent,
) -> tuple[PublishedLevel, ...]:
    """Write the column files of a layer below the release's folder, and say what each is for.

    `followed` is the layer whose borders this one's lines are, if its configuration says so.
    """
    (release / "columns" / table.layer.id).mkdir(parents=True)
    written = [_write(level, table, release) for level in _levels(table, tiles, followed, progress)]
    return tuple(one.model_copy(update={"index": i}) for i, one in enumerate(reversed(written)))


def _levels(table: Table, tiles: TileSettings, followed: Table | None, progress: Progress) -> Iterator[Level]:
    layer = table.layer

    def report(zoom: int) -> None:
        total = layer.zoom.max - layer.zoom.min + 1
        progress(f"levels: {layer.id}, zoom {zoom}", layer.zoom.max - zoom, total)

    if followed is None:
        return pyramid.levels(_features(table), plan(layer, tiles), report)
    plans = plan(layer, tiles), plan(followed.layer, tiles)
    return pyramid.follow(_features(table), plans[0], _features(followed), plans[1])


def _features(table: Table) -> Features:
    attributes = tuple(Attribute(name, values) for name, values in table.values.items())
    return Features(table.geometry, tile_ids(table.ids), attributes)


def plan(layer: Layer, tiles: TileSettings) -> Plan:
    """How a layer's levels are made, as its configuration and the service's say."""
    rules = layer.generalise
    return Plan(
        rule="none" if rules.rule == "follow" else rules.rule,
        zoom_min=layer.zoom.min,
        zoom_max=layer.zoom.max,
        budget=Budget(tiles.budget_kb * KB, tiles.extent, tiles.buffer),
        dissolve=rules.dissolve,
        thin=(rules.thin.rank, rules.thin.order, rules.thin.pixels) if rules.thin else None,
    )


def _write(level: Level, table: Table, release: Path) -> PublishedLevel:
    """Write one level; its index is not known before all are."""
    rules = table.layer.generalise
    file = f"columns/{table.layer.id}/{level.zoom_max}.columns"
    columnfile.write(release / file, level.columns)
    return PublishedLevel(
        index=0,
        zoom_min=level.zoom_min,
        zoom_max=level.zoom_max,
        tolerance=level.tolerance,
        generalised=level.generalised,
        rule=level.rule,
        reduction=level.reduction,
        fields=rules.dissolve if level.reduction == "dissolved" else tuple(table.values),
        over_budget=level.over_budget,
        rows=len(level.columns.row_kind),
        vertices=level.columns.vertices,
        file=file,
    )
