"""Clip a segment to the square of a tile and its buffer.

    +-----------+         The segment is A + t (B - A), t from 0 to 1. Each of the four edges bounds t from
A---P-----------Q---B     below where the segment enters and from above where it leaves; P to Q is left.
    +-----------+
                          Source: Y. Liang, B. Barsky, A new concept and method for line clipping, ACM
                          Transactions on Graphics 3 (1984) 1.
"""

from __future__ import annotations

from tiles.kernel import leaf


@leaf
def clip_segment(
    ax: float, ay: float, bx: float, by: float, low: float, high: float
) -> tuple[bool, float, float]:
    """Whether any of A to B lies in [low, high] x [low, high]; the t of its first and last point there."""
    enter, leave = 0.0, 1.0
    dx, dy = bx - ax, by - ay
    for p, q in ((-dx, ax - low), (dx, high - ax), (-dy, ay - low), (dy, high - ay)):
        if p == 0.0:
            if q < 0.0:
                return False, 0.0, 0.0
        elif p < 0.0:
            enter = max(enter, q / p)
        else:
            leave = min(leave, q / p)
    return enter <= leave, enter, leave
