"""Features of the layer at random, from which questions are made that have an answer."""

from __future__ import annotations

import math
import random
from typing import Any, NamedTuple

import numpy as np
import pyogrio
import shapely

from bench.dataset import LAYER, Dataset
from bench.items.asks import Ask

FEATURES = 4_000
#: Corners of a polygon that is asked for.
CORNERS = 12


class Sample(NamedTuple):
    """How many features there are, and what some of them hold, a list each: ids, middles as lon and lat, codes and names of counties, areas ascending."""

    features: int
    ids: list[str]
    middles: list[tuple[float, float]]
    counties: list[str]
    names: list[str]
    areas: list[float]

    def box(self, chance: random.Random, edge: float) -> tuple[float, float, float, float]:
        """A box of so many degrees about a feature."""
        lon, lat = self._near(chance, edge)
        return lon - edge / 2, lat - edge / 2, lon + edge / 2, lat + edge / 2

    def polygon(self, chance: random.Random, radius: float) -> str:
        """A star of so many degrees about a feature, as CQL2 writes it."""
        lon, lat = self._near(chance, radius)
        corners = []
        for number in range(CORNERS):
            angle, far = 2 * math.pi * number / CORNERS, radius * (1.0 if number % 2 else 0.6)
            corners.append(f"{lon + far * math.cos(angle):.6f} {lat + far * math.sin(angle):.6f}")
        return f"POLYGON(({','.join([*corners, corners[0]])}))"

    def area(self, share: float) -> float:
        """The area that such a share of the features stays below."""
        return self.areas[min(int(share * len(self.areas)), len(self.areas) - 1)]

    def last(self, limit: int, **more: Any) -> Ask:
        """The layer's last page."""
        return Ask(limit, place=self.features - limit, **more)

    def _near(self, chance: random.Random, edge: float) -> tuple[float, float]:
        lon, lat = chance.choice(self.middles)
        return lon + chance.uniform(-0.1, 0.1) * edge, lat + chance.uniform(-0.1, 0.1) * edge


def taken(data: Dataset, seed: int = 1) -> Sample:
    """Take it; the same for the same seed."""
    count = data.layer.count
    keys = np.random.default_rng(seed).choice(count, min(FEATURES, count), replace=False) + 1
    about, _, wkb, values = pyogrio.raw.read(data.package, layer=LAYER, fids=np.sort(keys))
    held = dict(zip(about["fields"], values))
    bounds = shapely.bounds(shapely.from_wkb(wkb))
    middles = [((west + east) / 2, (south + north) / 2) for west, south, east, north in bounds.tolist()]
    return Sample(
        count,
        ids=list(held[data.layer.layer.id_field.name]),
        middles=middles,
        counties=sorted(set(held["XZQDM"])),
        names=sorted(set(held["XZQMC"])),
        areas=sorted(map(float, held["MJ"])),
    )
