"""Clip a ring to the square of a tile and its buffer, edge by edge.

   high +---------+          Each of the four half planes cuts the ring in turn: a vertex inside is kept, an
A-------|----.    |          edge that crosses adds the crossing P. What lies outside collapses onto the
 \\      P     B   |          square's border, beyond what is drawn, so a concave ring stays one ring.
  \\    |    /     |
   `---P---'      |          Source: I. Sutherland, G. Hodgman, Reentrant polygon clipping, CACM 17 (1974) 32.
    low +---------+
"""

from __future__ import annotations

from typing import Any

from tiles.kernel import kernel

#: Vertices a clipped ring may have for each it had: each of four passes adds at most one for two (1.5^4), and a few.
GROWTH = 6


@kernel
def clip_ring(ring: Any, count: int, low: float, high: float, spare: Any) -> int:
    """Clip the first `count` vertices of an open ring (last is not first) to [low, high] x [low, high].

    Changes `ring` (n, 2), which receives the result, and uses `spare` of the same shape; returns the new count.
    """
    for axis in range(2):
        count = _half(ring, count, axis, low, 1.0, spare)
        count = _half(spare, count, axis, high, -1.0, ring)
    return count


@kernel
def _half(source: Any, count: int, axis: int, edge: float, side: float, target: Any) -> int:
    """Keep what lies on the side of `edge` that `side` (+1 above, -1 below) names; writes `target`."""
    kept = 0
    if count == 0:
        return 0
    ax, ay = source[count - 1, 0], source[count - 1, 1]
    a = (source[count - 1, axis] - edge) * side
    for i in range(count):
        bx, by = source[i, 0], source[i, 1]
        b = (source[i, axis] - edge) * side
        if (a >= 0.0) != (b >= 0.0):
            t = a / (a - b)
            # The cut coordinate is the edge itself, not nearly so: neighbours must agree on it.
            target[kept, 0] = edge if axis == 0 else ax + t * (bx - ax)
            target[kept, 1] = edge if axis == 1 else ay + t * (by - ay)
            kept += 1
        if b >= 0.0:
            target[kept, 0], target[kept, 1] = bx, by
            kept += 1
        ax, ay, a = bx, by, b
    return kept
