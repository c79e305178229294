"""Numbers survive their encoding, and Python and the kernels write the same bytes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiles import varint


def read_back(data: bytes) -> int:
    assert all(byte & 0x80 for byte in data[:-1]) and not data[-1] & 0x80
    return sum((byte & 0x7F) << 7 * place for place, byte in enumerate(data))


@given(st.integers(0, 2**64 - 1))
def test_a_varint_is_read_back(number: int) -> None:
    data = varint.encoded(number)
    out = np.zeros(10, dtype=np.uint8)
    end = varint.put(out, 0, np.uint64(number))
    assert read_back(data) == number
    assert bytes(out[:end]) == data
    assert varint.size(np.uint64(number)) == len(data)


@pytest.mark.parametrize("number, data", [(0, "00"), (1, "01"), (127, "7f"), (128, "8001"), (300, "ac02")])
def test_varints_are_those_of_the_specification(number: int, data: str) -> None:
    assert varint.encoded(number).hex() == data


def test_a_negative_number_is_no_varint() -> None:
    with pytest.raises(ValueError, match="-1"):
        varint.encoded(-1)


@given(st.integers(-(2**31), 2**31 - 1))
def test_a_zigzag_number_is_read_back(number: int) -> None:
    coded = int(varint.zigzag(number))
    assert 0 <= coded < 2**32
    assert (coded >> 1) ^ -(coded & 1) == number


def test_zigzag_numbers_are_those_of_the_specification() -> None:
    assert [int(varint.zigzag(number)) for number in (0, -1, 1, -2, 2)] == [0, 1, 2, 3, 4]
