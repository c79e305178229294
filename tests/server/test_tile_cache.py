"""The cache of tiles keeps within its bytes, forgets what was not asked for, and makes each tile once."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import NoReturn

import pytest
from hypothesis import given
from hypothesis import strategies as st

from releases.memory import Flights
from server.tile_cache import ENTRY, Form, TileCache


class Maker:
    """Makes forms of so many bytes and counts."""

    def __init__(self, size: int) -> None:
        self.size, self.count = size, 0

    def __call__(self) -> Form:
        self.count += 1
        return Form("200 OK", [], b"x" * self.size)


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


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 9000)), max_size=100), st.integers(0, 15_000))
def test_it_never_holds_more_than_its_bytes(asked: list[tuple[int, int]], bound: int) -> None:
    cache = TileCache(bound)
    for name, size in asked:
        cache.get(name, Maker(size))
        kept = sum(len(form.body) + ENTRY for form in cache._kept.values())
        assert kept == cache._bytes <= bound


def test_a_tile_that_cannot_be_made_is_tried_again_later() -> None:
    cache = TileCache(10_000)

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


@pytest.mark.parametrize("broken", [False, True])
def test_who_comes_while_it_is_made_gets_what_the_first_got(broken: bool) -> None:
    flights: Flights[int] = Flights()
    begun, go = threading.Event(), threading.Event()
    made = []

    def make() -> int:
        made.append(1)
        begun.set()
        go.wait(10)
        if broken:
            raise OSError("no")
        return 7

    def ask(_: int) -> object:
        try:
            return flights.join("a", make)
        except OSError as fault:
            return str(fault)

    with ThreadPoolExecutor(8) as threads:
        first = threads.submit(ask, 0)
        begun.wait(10)
        rest = [threads.submit(ask, at) for at in range(7)]
        while len(flights._flights) != 1 or any(not job.running() for job in rest):
            threading.Event().wait(0.01)
        threading.Event().wait(0.05)
        go.set()
        answers = {job.result() for job in (first, *rest)}
    assert answers == {"no" if broken else 7} and len(made) == 1
    assert not flights._flights
