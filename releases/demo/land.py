"""What the made-up land looks like, as functions of place alone: relief, nearness to towns, class.

    relief   mountains round a basin, the parallel ridges of its east, hills of noise
    class    the best-scored part of the land up to the share that the plan's targets give it, in the order of
             PRIORITY: towns near seats, red lines in the mountains, farmland in the plains

The thresholds come from one fixed sample of places, so the class of a place does not depend on how many
parcels are made, and parcels can be classed one county at a time. Nothing here is a survey; it only looks
plausible at a glance.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from releases.demo.lattice import KM_LAT, KM_LON
from releases.demo.noise import Floats, smooth

Codes = NDArray[np.int8]
PLACES = 60_000  # sample places over the box of the land; about half lie inside


class Land(IntEnum):
    """The classes that a place can have; each has exactly one, so none overlaps another."""

    RURAL = 0
    TOWN = 1
    TOWN_RESERVE = 2
    TOWN_SPECIAL = 3
    REDLINE = 4
    ECOLOGY = 5
    FARMLAND = 6
    MINING = 7


TOWNS = (Land.TOWN, Land.TOWN_RESERVE, Land.TOWN_SPECIAL)

#: Share of the land of each class. Farmland and red lines: the plan's targets for 2035, 42,190 and 15,800 km²
#: of 185,000; towns: 8,000 km², a guess; the rest are guesses too.
PRIORITY: tuple[tuple[Land, float], ...] = (
    (Land.TOWN, 6000 / 185_000),
    (Land.TOWN_RESERVE, 1200 / 185_000),
    (Land.TOWN_SPECIAL, 800 / 185_000),
    (Land.REDLINE, 15_800 / 185_000),
    (Land.FARMLAND, 42_190 / 185_000),
    (Land.ECOLOGY, 0.10),
    (Land.MINING, 0.006),
)

#: How far towns reach out, compared with a county's: the two cores, and the seats of prefectures.
CORES = {"510105": 4.0, "500103": 3.5}
PREFECTURE_SEAT = 1.8


@dataclass(frozen=True, slots=True, eq=False)
class Landscape:
    """Seats as lon, lat, weight (m, 3), and the score from which on each class of PRIORITY takes a place."""

    seats: Floats
    seed: int
    thresholds: tuple[float, ...]

    @classmethod
    def over(cls, land: Any, seats: Floats, seed: int) -> Landscape:
        """The landscape of a polygon, its thresholds set so that each class gets its share of the area."""
        xmin, ymin, xmax, ymax = shapely.bounds(land)
        columns = round((PLACES * (xmax - xmin) / (ymax - ymin)) ** 0.5)
        rows = round(PLACES / columns)
        x, y = np.meshgrid(
            xmin + (np.arange(columns) + 0.5) / columns * (xmax - xmin),
            ymin + (np.arange(rows) + 0.5) / rows * (ymax - ymin),
        )
        shapely.prepare(land)
        inside = shapely.contains_xy(land, x, y)
        x, y = x[inside], y[inside]
        free, thresholds = np.ones(len(x), dtype=bool), []
        blank = cls(seats, seed, ())
        scores = blank._scores(x, y)
        for kind, share in PRIORITY:
            left = np.sort(scores[kind][free])[::-1]
            thresholds.append(float(left[min(round(share * len(x)), len(left) - 1)]))
            free &= scores[kind] <= thresholds[-1]
        return cls(seats, seed, tuple(thresholds))

    def classes(self, x: Floats, y: Floats) -> Codes:
        """The Land (n,) of places."""
        found = np.full(len(x), Land.RURAL, dtype=np.int8)
        free, scores = np.ones(len(x), dtype=bool), self._scores(x, y)
        for (kind, _), threshold in zip(PRIORITY, self.thresholds):
            found[free & (scores[kind] > threshold)] = kind
            free &= scores[kind] <= threshold
        return found

    def _scores(self, x: Floats, y: Floats) -> dict[Land, Floats]:
        mountains, ridges = relief(x, y)
        hills = 0.55 * mountains + 0.25 * ridges + 0.3 * smooth(x, y, 1.4, self.seed + 60)
        near = -self._distance(x, y) * (0.5 + smooth(x, y, 6, self.seed + 10)) - 9 * hills
        wild = (
            0.45 * mountains
            + 0.35 * ridges
            + smooth(x, y, 2.6, self.seed + 20)
            + smooth(x, y, 9, self.seed + 25)
        )
        return {
            Land.TOWN: near,
            Land.TOWN_RESERVE: near,
            Land.TOWN_SPECIAL: near + 6 * smooth(x, y, 12, self.seed + 30),
            Land.REDLINE: wild,
            Land.FARMLAND: 0.9 * smooth(x, y, 9, self.seed + 40) - hills,
            Land.ECOLOGY: wild,
            Land.MINING: smooth(x, y, 16, self.seed + 50),
        }

    def _distance(self, x: Floats, y: Floats) -> Floats:
        """Kilometres (n,) to the nearest seat, those of large towns being nearer by their weight."""
        nearest = np.full(len(x), np.inf)
        for lon, lat, weight in self.seats:
            east, north = (x - lon) * KM_LON, (y - lat) * KM_LAT
            np.minimum(nearest, np.sqrt(east * east + north * north) / weight, out=nearest)
        return nearest


def relief(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Two heights of [0, 1]: the mountains round the basin, the ridges of its east. Exact as noise.py is."""
    basin = np.sqrt(((x - 105.5) / 2.9) ** 2 + ((y - 30.2) / 1.9) ** 2)
    mountains = np.clip((basin - 0.7) / 0.7, 0, 1)
    # 平行岭谷: they run north-north-east, 25 km apart.
    across = (x - 0.45 * (y - 30)) / 0.26
    ridges = np.clip(1 - ((across - np.floor(across) - 0.5) / 0.2) ** 2, 0, 1)
    east = np.clip(np.minimum((x - 106.0) / 0.4, (108.9 - x) / 0.4), 0, 1)
    return mountains * mountains * (3 - 2 * mountains), ridges * east


def weight(code: str) -> float:
    """How far the town at a county's seat reaches out, 1 for an ordinary county."""
    # The district that a prefecture of Sichuan is run from mostly has the number 02 or 03.
    if code in CORES:
        return CORES[code]
    return PREFECTURE_SEAT if code.endswith(("02", "03")) and code.startswith("51") else 1.0
