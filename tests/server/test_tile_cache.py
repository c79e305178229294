"""The cache of tiles keeps within its bytes, forgets what was not asked for, and makes each tile once."""

from __future__ import annotations

from typing import NoReturn

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.tile_cache import Tile, TileCache

ENTRY = 512


class Maker:
    """Makes tiles of so many bytes and counts."""

    def __init__(self, size: int) -> None:
        self.size, self.count = size, 0

    def __call__(self) -> Tile:
        self.count += 1
        return Tile(b"x" * self.size, coded=False)


def test_what_is_kept_is_not_made_again() -> None:
    cache, maker = TileCache(10_000), Maker(100)
    assert cache.get("a", maker) is cache.get("a", maker)
    assert maker.count == 1


def test_the_tile_not_asked_for_longest_makes_room() -> None:
    cache, maker = TileCache(3 * (100 + ENTRY)), Maker(100)
    for name in ("a", "b", "c", "a", "d"):
        cache.get(name, maker)
    assert maker.count == 4
    cache.get("a", maker)
    assert maker.count == 4
    cache.get("b", maker)
    assert maker.count == 5


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 3000)), max_size=100), st.integers(0, 5000))
def test_it_never_holds_more_than_its_bytes(asked: list[tuple[int, int]], bound: int) -> None:
    cache = TileCache(bound)
    for name, size in asked:
        cache.get(name, Maker(size))
        kept = sum(len(tile.body) + ENTRY for tile in cache._tiles.values())
        assert kept == cache._bytes <= bound
    assert not cache._flights


def test_a_tile_that_cannot_be_made_is_tried_again_later() -> None:
    cache = TileCache(1000)

    def fail() -> NoReturn:
        raise OSError("no")

    for _ in range(2):
        with pytest.raises(OSError, match="no"):
            cache.get("a", fail)
    assert cache.get("a", Maker(1)).body == b"x"


def test_an_empty_tile_is_kept_like_any_other() -> None:
    cache, maker = TileCache(10_000), Maker(0)
    cache.get("a", maker)
    cache.get("a", maker)
    assert maker.count == 1
