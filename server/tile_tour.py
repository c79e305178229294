"""All tiles of a tileset at some zooms, in the order in which an archive holds them, a few at a time.

    zoom 4, zoom 5, ...   within each along the Hilbert curve, so that neighbours come together

Only the manifest is asked: which tiles there are is known before any of them is made.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from releases.manifest import Manifest
from server import tile_plan
from server.tile_plan import Address, Part
from tiles import hilbert

#: Tiles of one stretch: some tenths of a second's work.
STRETCH: Final = 64


class Tileset(NamedTuple):
    """A set of tiles: of one layer or of all (None), of all perhaps only some (`only`, in the release's order)."""

    layer: str | None
    tms: str
    only: tuple[str, ...] | None = None


class Stretch(NamedTuple):
    """A few tiles of one matrix; `places` are rows and columns (n, 2)."""

    tileset: Tileset
    zoom: int
    places: NDArray[np.int64]

    def addresses(self) -> Iterator[Address]:
        """The addresses one by one."""
        for row, col in self.places.tolist():
            yield Address(self.tileset.layer, self.tileset.tms, self.zoom, row, col)


def zooms(manifest: Manifest, tileset: Tileset, low: int, high: int) -> list[int]:
    """The places in the set of the matrices that are as detailed as the zooms low to high and have tiles."""
    tms = manifest.sets.get(tileset.tms)
    return [zoom for zoom in tms.places(low, high) if parts(manifest, tileset, zoom)]


def parts(manifest: Manifest, tileset: Tileset, zoom: int) -> tuple[Part, ...]:
    """What the tiles of a zoom are made of."""
    found = tile_plan.plan(manifest, tileset.layer, tileset.tms, zoom)
    return tuple(part for part in found if tileset.only is None or part.layer in tileset.only)


def stretches(manifest: Manifest, tileset: Tileset, zoom: int) -> Iterator[Stretch]:
    """All tiles of a zoom that the limits of any layer hold."""
    found = places(parts(manifest, tileset, zoom), zoom)
    for start in range(0, len(found), STRETCH):
        yield Stretch(tileset, zoom, found[start : start + STRETCH])


def places(of: Sequence[Part], zoom: int) -> NDArray[np.int64]:
    """Rows and columns (n, 2) within the limits of any part, along the Hilbert curve."""
    if not of:
        return np.empty((0, 2), np.int64)
    limits = [part.limits for part in of]
    top, left = min(one.min_row for one in limits), min(one.min_col for one in limits)
    bottom, right = max(one.max_row for one in limits), max(one.max_col for one in limits)
    held = np.zeros((bottom - top + 1, right - left + 1), dtype=bool)
    for one in limits:
        held[one.min_row - top : one.max_row - top + 1, one.min_col - left : one.max_col - left + 1] = True
    rows, cols = (found + first for found, first in zip(np.nonzero(held), (top, left)))
    # The matrices of some sets are larger than their place among them says.
    place = hilbert.curve(cols, rows, max(zoom, int(max(bottom, right)).bit_length()))
    return np.column_stack([rows, cols])[np.argsort(place, kind="stable")]
