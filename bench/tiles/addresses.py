"""Which tiles are asked for: the densest of a zoom, and random ones among those that hold data.

A tile counts as holding data when the middle of a feature's bounds lies in it. That leaves out tiles that are
only touched, and is the same for all who are measured.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tiles.columns import SCALE, Columns


class Address(NamedTuple):
    """A tile of WebMercatorQuad."""

    zoom: int
    row: int
    col: int


class Tiles(NamedTuple):
    """The tiles (n, 2) of a zoom that hold data, as row and column, and how many features each holds."""

    zoom: int
    places: NDArray[np.int64]
    features: NDArray[np.int64]

    def densest(self) -> Address:
        """The tile with most features."""
        return self._address(int(np.argmax(self.features)))

    def sample(self, count: int, seed: int = 1) -> list[Address]:
        """So many different tiles at random, or all that there are; the same for the same seed."""
        chosen = np.random.default_rng([seed, self.zoom]).permutation(len(self.places))[:count]
        return [self._address(int(at)) for at in chosen]

    def _address(self, at: int) -> Address:
        return Address(self.zoom, int(self.places[at, 0]), int(self.places[at, 1]))


def holding(columns: Columns, zoom: int) -> Tiles:
    """The tiles of a zoom that hold features of columns."""
    bounds = columns.row_bounds.astype(np.float64) * SCALE
    lon, lat = (bounds[:, 0] + bounds[:, 2]) / 2, np.radians((bounds[:, 1] + bounds[:, 3]) / 2)
    col = np.floor((lon + 180) / 360 * (1 << zoom)).astype(np.int64)
    row = np.floor((1 - np.arcsinh(np.tan(lat)) / np.pi) / 2 * (1 << zoom)).astype(np.int64)
    codes, features = np.unique(row << zoom | col, return_counts=True)
    return Tiles(zoom, np.stack([codes >> zoom, codes & ((1 << zoom) - 1)], axis=1), features)


def mixed(columns: Columns, zooms: Iterable[int], count: int, seed: int = 1) -> list[Address]:
    """Different tiles of several zooms in random order: of each zoom as many, where it has so many."""
    zooms = list(zooms)
    found = [
        address for zoom in zooms for address in holding(columns, zoom).sample(-(-count // len(zooms)), seed)
    ]
    order = np.random.default_rng(seed).permutation(len(found))
    return [found[at] for at in order[:count]]
