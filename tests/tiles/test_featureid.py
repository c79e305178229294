"""The number of a feature in a tile leads back to the feature wherever it can."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiles import featureid


@given(st.integers(0, 2**53 - 1))
def test_an_id_that_is_a_number_stays_that_number(number: int) -> None:
    assert featureid.tile_id(number) == featureid.tile_id(str(number)) == number


@pytest.mark.parametrize(
    "name", ["007", "510105-510104", "渝中", str(2**53), "-7", "+7", "7 ", "٧", "1.0", ""]
)
def test_any_other_id_gets_a_number_of_53_bits_that_is_not_its_digits(name: str) -> None:
    number = featureid.tile_id(name)
    assert 2**20 < number < 2**53  # for these names; a small number would be a number that was taken apart


def test_ids_are_the_same_on_every_machine() -> None:
    assert featureid.tile_ids(["510105", 7, "渝中"]).tolist() == [510105, 7, featureid.tile_id("渝中")]
    assert featureid.tile_id("渝中") == 2198681371426293


def test_collisions_are_found() -> None:
    assert featureid.collisions(np.array([1, 2, 1, 3, 2], dtype=np.uint64)).tolist() == [2, 4]
    assert len(featureid.collisions(np.array([], dtype=np.uint64))) == 0
