"""What becomes of a tile that exceeds its budget: the features of smallest extent are left out until it fits.

Only who is too large is cut: the layers share the budget so that a small one stays whole, and the large ones
get the same number of bytes each. Within a layer a row ranks by the larger side of its bounds; rows of one
size (all points are) by a hash of their feature's place, so that what stays is spread over the tile and not
one end of the Hilbert curve. Nothing of it depends on chance: equal columns give equal bytes.

           o  kept, from the largest down         A cut layer may stay up to 1/256 of its rows below what
    size   oooooooooooooooo | left out            would fit, which saves a search row by row.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tiles import mvt
from tiles.columns import Columns
from tiles.projection import Transform

#: Into so many steps the rows of a layer are divided, eight bits of a binary search.
STEPS: Final = 256
#: Knuth's multiplicative hash: 2^32 times the golden ratio.
_SPREAD: Final = np.uint64(2_654_435_769)


class Place(NamedTuple):
    """Where a tile lies and how fine it is (`mvt.encode_layer`)."""

    transform: Transform
    extent: int = mvt.EXTENT
    buffer: int = mvt.BUFFER


class Layer(NamedTuple):
    """What a layer gives to a tile: candidate rows of columns, and which fields of them (`mvt.encode_layer`)."""

    name: str
    columns: Columns
    rows: NDArray[np.int64]
    fields: NDArray[np.uint8] | None = None


class Cut(NamedTuple):
    """A layer that was cut: rows that were candidates for the tile, and how many of them were kept."""

    layer: str
    kept: int
    of: int


def encode(layers: Sequence[Layer], place: Place, budget: int) -> tuple[bytes, tuple[Cut, ...]]:
    """Encode layers as one tile of at most `budget` bytes, and tell which of them were cut."""
    parts = [_encoded(layer, layer.rows, place) for layer in layers]
    cuts = []
    shares = fair([len(part) for part in parts], budget)
    for at, (layer, share) in enumerate(zip(layers, shares)):
        if len(parts[at]) > share:
            parts[at], kept = _cut(layer, place, share)
            cuts.append(Cut(layer.name, kept, len(layer.rows)))
    return mvt.join(parts), tuple(cuts)


def fair(sizes: Sequence[int], budget: int) -> list[int]:
    """Divide a budget: nobody gets more than he needs, and whoever gets less than that gets as much as others."""
    shares = [0] * len(sizes)
    left = budget
    order = sorted(range(len(sizes)), key=lambda at: sizes[at])
    for served, at in enumerate(order):
        shares[at] = min(sizes[at], left // (len(order) - served))
        left -= shares[at]
    return shares


def _cut(layer: Layer, place: Place, share: int) -> tuple[bytes, int]:
    """A layer of at most `share` bytes, and the number of rows that are left."""
    ranked = _ranked(layer.columns, layer.rows)
    low, high, found = 0, STEPS, b""
    while high - low > 1:
        middle = (low + high) // 2
        body = _encoded(layer, np.sort(ranked[: _count(ranked, middle)]), place)
        if len(body) <= share:
            low, found = middle, body
        else:
            high = middle
    return found, _count(ranked, low)


def _count(ranked: NDArray[np.int64], step: int) -> int:
    return len(ranked) * step // STEPS


def _ranked(columns: Columns, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """The rows, the one that stays longest first."""
    bounds = columns.row_bounds[rows].astype(np.int64)
    side = (bounds[:, 2:] - bounds[:, :2]).max(axis=1)
    spread = (columns.row_feature[rows].astype(np.uint64) * _SPREAD) & np.uint64(0xFFFFFFFF)
    return rows[np.lexsort((rows, spread, -side))]


def _encoded(layer: Layer, rows: NDArray[np.int64], place: Place) -> bytes:
    return mvt.encode_layer(
        layer.name, layer.columns, rows, place.transform, place.extent, place.buffer, layer.fields
    )
