"""`bbox`: what is read, and what is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.items import reference
from server.problems import Wrong

finite = st.floats(-1e6, 1e6)


@given(finite, finite, finite, finite)
def test_four_finite_numbers_are_a_box_if_south_is_not_above_north(
    w: float, s: float, e: float, n: float
) -> None:
    text = f"{w},{s},{e},{n}"
    if s > n or (w > e and not (e >= -180 and w <= 180)):
        with pytest.raises(Wrong):
            reference.boxes(text)
        return
    boxes = reference.boxes(text)
    assert all(west <= east and south <= north for west, south, east, north in boxes)
    if w <= e:
        assert boxes == ((w, s, e, n),)
    else:
        assert boxes == ((w, s, 180, n), (-180, s, e, n))


@given(st.text(max_size=30))
def test_a_box_is_read_whole_or_refused(text: str) -> None:
    try:
        boxes = reference.boxes(text)
    except Wrong:
        return
    assert boxes and text.isascii() and text.count(",") in (3, 5)
