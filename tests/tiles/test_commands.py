"""Commands are those of the specification's own examples (MVT 2.1, 4.3.5)."""

from __future__ import annotations

import numpy as np

from tiles import commands


def numbers(out: np.ndarray, end: int) -> list[int]:  # type: ignore[type-arg]
    found, value, shift = [], 0, 0
    for byte in out[:end].tolist():
        value |= (byte & 0x7F) << shift
        shift += 7
        if not byte & 0x80:
            found.append(value)
            value = shift = 0
    return found


def test_points_lines_and_rings_are_written_as_in_the_specification() -> None:
    out = np.zeros(200, dtype=np.uint8)
    points = np.array([(5, 7), (3, 2)])
    end = commands.put_points(out, 0, points, 2, np.zeros(2, dtype=np.int64))
    assert numbers(out, end) == [17, 10, 14, 3, 9]

    cursor = np.zeros(2, dtype=np.int64)
    end = commands.put_line(out, 0, np.array([(2, 2), (2, 10), (10, 10)]), 3, cursor)
    end = commands.put_line(out, end, np.array([(1, 1), (3, 5)]), 2, cursor)
    assert numbers(out, end) == [9, 4, 4, 18, 0, 16, 16, 0, 9, 17, 17, 10, 4, 8]

    ring = np.array([(3, 6), (8, 12), (20, 34)])
    end = commands.put_ring(out, 0, ring, 3, np.zeros(2, dtype=np.int64), False)
    assert numbers(out, end) == [9, 6, 12, 18, 10, 12, 24, 44, 15]


def test_a_ring_written_backwards_begins_where_it_began() -> None:
    out = np.zeros(200, dtype=np.uint8)
    for ring in ([(0, 0), (1, 0), (1, 1)], [(0, 0), (1, 0), (1, 1), (0, 1)]):
        end = commands.put_ring(out, 0, np.array(ring), len(ring), np.zeros(2, dtype=np.int64), True)
        turned = np.array([ring[0], *ring[:0:-1]])
        other = np.zeros(200, dtype=np.uint8)
        same = commands.put_ring(other, 0, turned, len(ring), np.zeros(2, dtype=np.int64), False)
        assert bytes(out[:end]) == bytes(other[:same])
