"""An R-tree that is filled at once is one of SQLite's own: sound by its check, searched and edited by its module."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import numpy as np
import pytest

from releases import rtree


@pytest.mark.parametrize("count", [0, 1, 2, 51, 52, 102, 2601, 2602, 20_000])
def test_it_finds_what_a_look_at_every_box_finds_and_can_be_edited(count: int) -> None:
    random = np.random.default_rng(count)
    low = random.uniform([-180, -90], [179, 89], (count, 2))
    high = low + random.exponential(0.3, (count, 2))
    boxes = np.stack([low[:, 0], high[:, 0], low[:, 1], high[:, 1]], axis=1)
    keys = random.permutation(np.arange(1, 3 * count + 1))[:count]
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.execute("PRAGMA page_size = 8192")
        connection.execute("CREATE VIRTUAL TABLE tree USING rtree(id, minx, maxx, miny, maxy)")
        rtree.fill(connection, "tree", keys, rtree.outward(boxes))
        assert connection.execute("SELECT rtreecheck('tree')").fetchone() == ("ok",)
        for x, y in random.uniform([-180, -90], [180, 90], (50, 2)):
            asked = (x + 5, x - 5, y + 5, y - 5)
            rows = connection.execute(
                "SELECT id FROM tree WHERE minx <= ? AND maxx >= ? AND miny <= ? AND maxy >= ?", asked
            )
            meets = (boxes[:, 0] <= asked[0]) & (boxes[:, 1] >= asked[1])
            meets &= (boxes[:, 2] <= asked[2]) & (boxes[:, 3] >= asked[3])
            found = {key for (key,) in rows}
            assert set(keys[meets].tolist()) <= found
            assert len(found) <= meets.sum() + 1, "a box as floats is hardly larger"
        for key in keys[::3].tolist():
            connection.execute("DELETE FROM tree WHERE id = ?", (key,))
        connection.executemany(
            "INSERT INTO tree VALUES (?, 0, 1, 0, 1)", [(4 * count + n,) for n in range(1, 300)]
        )
        assert connection.execute("SELECT rtreecheck('tree')").fetchone() == ("ok",)
        left = connection.execute("SELECT count(*) FROM tree").fetchone()[0]
        assert left == count - len(keys[::3]) + 299


def test_a_float_box_holds_the_double_one() -> None:
    random = np.random.default_rng(1)
    boxes = np.sort(random.uniform(-180, 180, (5000, 4)), axis=1)
    found = rtree.outward(boxes).astype(np.float64)
    assert (found[:, ::2] <= boxes[:, ::2]).all() and (found[:, 1::2] >= boxes[:, 1::2]).all()
    assert np.abs(found - boxes).max() < 4e-5
