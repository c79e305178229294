"""Clip a ring to the square of a tile and its buffer, edge by edge.

   high +---------+          Each of the four half planes cuts the ring in turn: a vertex inside is kept, an
A-------P----.    |          edge that crosses adds the crossing P. What lies outside collapses onto the
 \\      |     B   |          square's border, beyond what is drawn, so a concave ring stays one ring.
  \\     |    /    |
   `----Q---'     |          Source: I. Sutherland, G. Hodgman, Reentrant polygon clipping, CACM 17 (1974) 32.
    low +---------+
"""

from __future__ import annotations

from typing import Any

from tiles.kernel import leaf

#: Room a ring needs for each vertex it has: half of them outside give 1.5 in each of four passes, 1.5^4 < 6.
GROWTH = 6


@leaf
def clip_ring(ring: Any, count: int, low: float, high: float, spare: Any) -> int:
    """Clip the first `count` vertices of an open ring (last is not first) to [low, high] x [low, high].

    Changes `ring` (n, 2), which receives the result, and `spare` of the same shape; returns the new count.
    """
    for axis in range(2):
        count = _half(ring, count, axis, low, 1.0, spare)
        count = _half(spare, count, axis, high, -1.0, ring)
    return count


@leaf
def _half(source: Any, count: int, axis: int, edge: float, side: float, target: Any) -> int:
    """Keep what lies on the side of `edge` that `side` (+1 above, -1 below) names; changes `target`."""
    if count == 0:
        return 0
    other = 1 - axis
    kept = 0
    au, av = source[count - 1, axis], source[count - 1, other]
    a = (au - edge) * side
    for i in range(count):
        bu, bv = source[i, axis], source[i, other]
        b = (bu - edge) * side
        if (a >= 0.0) != (b >= 0.0):
            # Always from the inner end: a neighbour has this edge the other way round, and must cut it at the
            # same place to the last bit. For the same reason the cut coordinate is the border itself.
            target[kept, axis] = edge
            target[kept, other] = av + a / (a - b) * (bv - av) if a >= 0.0 else bv + b / (b - a) * (av - bv)
            kept += 1
        if b >= 0.0:
            target[kept, axis], target[kept, other] = bu, bv
            kept += 1
        au, av, a = bu, bv, b
    return kept
