"""What a tile says of itself in headers: exact or generalised, by how much, and what is not in it.

    Blueprint-Tile: exact
    Blueprint-Tile: generalised=(ghfq;tolerance=38.218 xzq_county;tolerance=9.555), dissolved=(ghfq)
    Blueprint-Tile-Limited: ghfq;kept=3021;of=8125

Both are structured fields (RFC 9651): a Dictionary, whose inner lists name layers, and a List. A layer that
is not named is exact and whole. The tolerance is in metres on the equator, because a Decimal has three digits
behind its point and degrees would need seven. The first is known before any data is touched and stands on 304
too; the second, of layers that the budget cut, stands only where the tile itself is sent: on a 304 it would
have to be known without looking, and one that lacks it would not take it from a client's copy (RFC 9111 3.2).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from releases.manifest import PublishedLevel
from server.tile_plan import Part
from tiles.ration import Cut
from tiles.sets import METRES_PER_DEGREE

TILE: Final = "Blueprint-Tile"
LIMITED: Final = "Blueprint-Tile-Limited"


def honesty(parts: tuple[Part, ...]) -> str:
    """The value of Blueprint-Tile for what a tile is made of."""
    told: dict[str, list[str]] = {"generalised": [], "dissolved": [], "thinned": []}
    for part in parts:
        if part.level.generalised:
            length = metres(part.level)
            told["generalised"].append(f"{part.layer};tolerance={length}" if length else part.layer)
        if part.level.reduction != "none":
            told[part.level.reduction].append(part.layer)
    return ", ".join(f"{key}=({' '.join(layers)})" for key, layers in told.items() if layers) or "exact"


def metres(level: PublishedLevel) -> float:
    """The tolerance of a level in metres on the equator."""
    return round(level.tolerance * METRES_PER_DEGREE, 3)


def limited(cuts: Sequence[Cut]) -> str:
    """The value of Blueprint-Tile-Limited."""
    return ", ".join(f"{cut.layer};kept={cut.kept};of={cut.of}" for cut in cuts)
