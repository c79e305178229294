"""Faults that show only against the release before: the clean demo is published first, then this comes."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from config.models import Text
from releases.demo.dirty.figures import multi, room
from releases.demo.dirty.geometry import PLOTS, ROOM
from releases.demo.dirty.ground import Ground, Spot
from releases.demo.dirty.site import Site
from releases.demo.dirty.walks import shuffled
from releases.demo.rows import Rows

#: Layer -> share of its features that are gone.
LOST = {"places": 0.25, "rail_stations": 0.5, "xzqjx": 0.4}
#: Layers of which each authority alone is looked at: the one whose features go.
LOSER = {"places": "joint", "rail_stations": "joint", "xzqjx": "sichuan"}
VANISHED = "world_heritage"


def plant(ground: Ground, faults: int) -> None:
    """Change what must not change without a word: so many areas and so many ids."""
    for _ in zip(range(faults), area_jump(ground), reused_ids(ground)):
        pass


def area_jump(ground: Ground) -> Iterator[int]:
    """Plots that are a fraction of what they were."""
    what = Text(zh="面积缩小一半以上", en="less than half of the area it had")
    for spot in shuffled(ground, "area-jump", PLOTS):
        place = room(ground.geometry(spot), ROOM)
        if place is not None:
            frame, radius = place
            ground.shape(spot, multi([frame.circle(0.4 * radius)]))
            yield ground.plant("area-jump", what, spot)


def reused_ids(ground: Ground) -> Iterator[int]:
    """Two plots of different counties that have each other's ids."""
    what = Text(zh="标识用于另一处的要素", en="an id that now is another feature's, elsewhere")
    waiting: Spot | None = None
    for spot in shuffled(ground, "id-reused", PLOTS):
        if waiting is None or ground.value(waiting, "XZQDM") == ground.value(spot, "XZQDM"):
            waiting = spot
            continue
        if ground.free([waiting, spot]):
            one, other = ground.id(waiting), ground.id(spot)
            ground.put(waiting, "BSM", other)
            ground.put(spot, "BSM", one)
            ground.plant("id-reused", what, waiting)
            yield ground.plant("id-reused", what, spot)
        waiting = None


def lose(site: Site, rows: dict[tuple[str, str], Rows], chance: np.random.Generator) -> None:
    """Take features away in bulk, and one layer altogether."""
    for layer, share in LOST.items():
        part = rows[layer, LOSER[layer]]
        kept = np.ones(len(part), dtype=bool)
        kept[chance.permutation(len(part))[: int(share * len(part))]] = False
        rows[layer, LOSER[layer]] = part.where(kept)
        site.plant(
            "lost-features",
            LOSER[layer],
            layer,
            f"减少 {share:.0%} 的要素",
            f"{share:.0%} of the features gone",
        )
    layers = site.documents["layers"]
    layers["layers"] = [layer for layer in layers["layers"] if layer["id"] != VANISHED]
    site.plant("layer-vanished", None, VANISHED, "配置中去掉图层", "the layer taken out of the configuration")
