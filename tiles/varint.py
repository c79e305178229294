"""Base 128 varints and zigzag numbers, in Python for headers and in kernels for geometry.

300 = 0b10_0101100  ->  1_0101100 0_0000010      low seven bits first, the high bit says that more follow
zigzag: 0 -1 1 -2 2  ->  0 1 2 3 4               (MVT 2.1, 4.3.2)

Source: Protocol Buffers, Encoding, "Base 128 Varints" and "Signed Integers".
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tiles.kernel import leaf


def encoded(number: int) -> bytes:
    """Encode a number from 0 on as a varint."""
    if number < 0:
        raise ValueError(f"a varint is not negative: {number}")
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def message(tag: int, body: bytes) -> bytes:
    """Put a tag (field number << 3 | 2) and the length before a body."""
    return bytes([tag]) + encoded(len(body)) + body


@leaf
def put(out: Any, at: int, number: Any) -> int:
    """Write a uint64 into `out` from `at` on (at most ten bytes; changes `out`); the place after it."""
    number = np.uint64(number)
    while number > np.uint64(0x7F):
        out[at] = np.uint8((number & np.uint64(0x7F)) | np.uint64(0x80))
        number >>= np.uint64(7)
        at += 1
    out[at] = np.uint8(number)
    return at + 1


@leaf
def put_bytes(out: Any, at: int, source: Any, first: int, count: int) -> int:
    """Copy `count` bytes of `source` from `first` on (changes `out`); the place after them."""
    for i in range(count):  # to assign a slice, numba makes an array: its own may overlap
        out[at + i] = source[first + i]
    return at + count


@leaf
def zigzag(number: int) -> int:
    """Turn a signed 32-bit difference into an unsigned number."""
    return (number << 1) ^ (number >> 31)


@leaf
def size(number: Any) -> int:
    """How many bytes `put` would write."""
    number = np.uint64(number)
    count = 1
    while number > np.uint64(0x7F):
        number >>= np.uint64(7)
        count += 1
    return count
