"""The Hilbert curve goes from cell to neighbouring cell and visits each once."""

from __future__ import annotations

import numpy as np
import pytest

from tiles import hilbert


@pytest.mark.parametrize("corner", [0, 8 * 123_457])
def test_the_curve_visits_every_cell_of_a_square_once_and_neighbours_one_after_the_other(corner: int) -> None:
    side = 2**hilbert.ORDER - 1
    i, j = (index.ravel() + corner for index in np.meshgrid(np.arange(8), np.arange(8)))
    position = hilbert.position((i + 0.5) / side * 360 - 180, (j + 0.5) / side * 180 - 90)
    order = np.argsort(position)
    steps = np.abs(np.diff(i[order])) + np.abs(np.diff(j[order]))
    assert np.array_equal(np.sort(position), position.min() + np.arange(64)) and (steps == 1).all()


def test_places_beyond_the_world_lie_on_its_edge() -> None:
    inside = hilbert.position(np.array([180.0, -180.0]), np.array([90.0, -90.0]))
    assert np.array_equal(hilbert.position(np.array([200.0, -200.0]), np.array([91.0, -95.0])), inside)
