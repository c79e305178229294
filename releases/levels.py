"""A layer's columns at each level of detail, from the coarsest to the exact one."""

from __future__ import annotations

from pathlib import Path

from config.models import TileSettings
from releases.manifest import PublishedLevel
from releases.table import Table
from tiles import columnfile, columns, pyramid
from tiles.columns import Attribute
from tiles.featureid import tile_ids


def write(table: Table, release: Path, tiles: TileSettings) -> tuple[PublishedLevel, ...]:
    """Write the column files of a layer below the release's folder, and say what each is for."""
    layer = table.layer
    (release / "columns" / layer.id).mkdir(parents=True)
    ids = tile_ids(table.ids)
    attributes = [Attribute(name, values) for name, values in table.values.items()]
    written = []
    for level in pyramid.levels(
        table.geometry, layer.generalise.rule, layer.zoom.min, layer.zoom.max, tiles.extent
    ):
        found = columns.build(level.geometry, ids, attributes)
        file = f"columns/{layer.id}/{level.index}.columns"
        columnfile.write(release / file, found)
        written.append(
            PublishedLevel(
                index=level.index,
                zoom_min=level.zoom_min,
                zoom_max=level.zoom_max,
                tolerance=level.tolerance,
                generalised=level.generalised,
                rule=level.rule,
                reduction="none",
                fields=tuple(table.values),
                over_budget=(),
                rows=len(found.row_kind),
                vertices=found.vertices,
                file=file,
            )
        )
    return tuple(written)
