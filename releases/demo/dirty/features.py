"""All faults of features, planted in turn rule by rule until there are as many as were asked for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Final

from releases.demo.dirty import attributes, coordinates, geometry, relations
from releases.demo.dirty.ground import Ground

#: Plants one fault each time it is asked, and yields its number; ends when there is no place left.
Planter = Callable[[Ground], Iterator[int]]

#: What takes two features or a shape, by rule. What needs neighbours comes before what only needs a feature.
SHAPED: Final[Mapping[str, Planter]] = {
    "border-gap": relations.border_gap,
    "border-mismatch": relations.border_mismatch,
    "apart": relations.apart,
    "nest": relations.nest,
    "overlap": relations.overlap,
    "gap": relations.gap,
    "fill": relations.fill,
    "nest-unit": relations.nest_unit,
    "geometry-invalid": geometry.invalid,
    "sliver": geometry.sliver,
    "spike": geometry.spike,
    "tiny-ring": geometry.tiny_ring,
    "geometry-curve": geometry.curve,
    "geometry-measured": geometry.measured,
    "geometry-kind": geometry.kind,
    "geometry-unreadable": geometry.unreadable,
    "geometry-missing": geometry.missing,
    "geometry-empty": geometry.empty,
    "geometry-z": geometry.heights,
    "duplicate-points": geometry.duplicate_points,
    "duplicate-geometry": geometry.duplicate_geometry,
    "not-finite": coordinates.not_finite,
    "swapped-axes": coordinates.swapped,
    "outside-region": coordinates.outside,
    "duplicate-id": attributes.duplicate_id,
    "tile-id": attributes.tile_id_shared,
    "unique": attributes.unique,
    "dates-order": attributes.dates_order,
    "code-authority": attributes.code_authority,
    "code-parent": attributes.code_parent,
    "code-orphan": attributes.code_orphan,
}


def planters() -> dict[str, list[Planter]]:
    """The planters of each rule."""
    found: defaultdict[str, list[Planter]] = defaultdict(list)
    for rule, planter in SHAPED.items():
        found[rule].append(planter)
    for spoiling in attributes.SPOILINGS:
        found[spoiling.rule].append(partial(attributes.spoil, spoiling=spoiling))
    return dict(found)


def plant(ground: Ground, faults: int) -> None:
    """Plant at least so many faults, consequences not counted, as evenly over the rules as they have room.

    ValueError when the ground has no room for as many.
    """
    walks = {rule: [planter(ground) for planter in several] for rule, several in planters().items()}
    count = 0
    while count < faults:
        if not walks:
            raise ValueError(f"{faults} faults: there is room for {count}; more zones have more")
        for rule in list(walks):
            if _one(walks[rule]):
                count += 1
            else:
                del walks[rule]


def _one(walks: list[Iterator[int]]) -> bool:
    """Ask the first of some planters for one fault, and let it stand behind the others."""
    while walks:
        walk = walks.pop(0)
        if next(walk, None) is not None:
            walks.append(walk)
            return True
    return False
