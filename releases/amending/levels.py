"""The levels of detail of a layer with some features made anew."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import shapely

from config.models import TileSettings
from releases import attributes, levels
from releases.amending.differences import Amendment, NotInPlace
from releases.attributes import Attribute as Column
from releases.manifest import PublishedLevel
from tiles import amend, columnfile, values
from tiles.amend import Change, NotAlike, Was
from tiles.columns import Columns
from tiles.featureid import tile_ids


def write(
    amendment: Amendment, parent: Path, release: Path, now: Mapping[str, Column], tiles: TileSettings
) -> tuple[PublishedLevel, ...]:
    """Write the column files of a layer below the release's folder, and say what each is for.

    `now` is the layer's attributes as they are now. NotInPlace when the levels would be others than the parent's.
    """
    layer, published = amendment.after.layer, amendment.layer
    if layer.generalise.rule == "follow":
        raise NotInPlace(f"{layer.id} 随另一图层概括", f"{layer.id} is generalised along another layer")
    was = [_was(level, parent) for level in reversed(published.levels)]
    change = _change(amendment, now)
    plan = levels.plan(layer, tiles)
    places = [list(amendment.after.values).index(name) for name in plan.dissolve]
    try:
        found = amend.levels(was, change, plan, places)
        if any(level.rule == "coverage" for level in was) and not amend.is_sound(found[0], change):
            raise NotAlike("the polygons are no coverage any more")
    except NotAlike as fault:
        raise NotInPlace(
            f"{layer.id} 的细节层级需要重建：{fault}", f"the levels of {layer.id}: {fault}"
        ) from fault
    (release / "columns" / layer.id).mkdir(parents=True)
    told = zip(reversed(published.levels), found)
    return tuple(_written(level, columns, release) for level, columns in told)[::-1]


def _was(level: PublishedLevel, parent: Path) -> Was:
    columns = columnfile.read(parent / level.file)
    zooms = level.zoom_min, level.zoom_max
    return Was(*zooms, level.tolerance, level.rule, level.reduction, level.over_budget, columns)


def _change(amendment: Amendment, now: Mapping[str, Column]) -> Change:
    """What changed of the features that are anywhere: those without a geometry have no row in any level."""
    placed = ~shapely.is_missing(amendment.after.geometry)
    if (placed == shapely.is_missing(amendment.before.geometry)).any():
        raise NotInPlace("有要素得到或失去几何", "a feature has got a geometry, or lost it")
    before, after = amendment.before.take(placed), amendment.after.take(placed)
    changed = {
        place: after.values[name].tolist()
        for place, name in enumerate(after.values)
        if after.values[name].tolist() != before.values[name].tolist()
    }
    moved = ~shapely.equals_identical(before.geometry, after.geometry)
    classes = tuple(values.Attribute(name, _all(now[name])) for name in after.layer.generalise.dissolve)
    features = amendment.keys[placed].astype(np.int64) - 1
    return Change(features, after.geometry, tile_ids(after.ids), moved, changed, classes)


def _all(column: Column) -> np.ndarray:
    """The value of every feature."""
    plain = attributes.encoded(column).dictionary.to_pylist()
    return np.array(plain, dtype=object)[column.codes]


def _written(level: PublishedLevel, columns: Columns, release: Path) -> PublishedLevel:
    columnfile.write(release / level.file, columns)
    return level.model_copy(update={"rows": len(columns.row_kind), "vertices": columns.vertices})
