"""Tiles that were made, kept within a bound of bytes; a tile that many ask for at once is made once."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from threading import Lock
from typing import NamedTuple


class Tile(NamedTuple):
    """A tile in the one form that is kept: coded by gzip where that is worth it. An empty tile has no bytes."""

    body: bytes
    coded: bool


class TileCache:
    """The tiles asked for last, by name; safe for many threads.

    Nothing is ever stale in it, because a name holds the release's id: tiles of a release that is no longer
    current are asked for no more and make room.
    """

    def __init__(self, bound: int) -> None:
        self._bound = bound
        self._bytes = 0
        self._lock = Lock()
        self._tiles: OrderedDict[Hashable, Tile] = OrderedDict()
        self._flights: dict[Hashable, Future[Tile]] = {}

    def get(self, name: Hashable, make: Callable[[], Tile]) -> Tile:
        """The tile of that name, made when it is not kept.

        Who comes while it is made waits for it, and for the same error if there is one: a tile that cannot be
        made is not tried again by each of them.
        """
        with self._lock:
            tile = self._tiles.get(name)
            if tile is not None:
                self._tiles.move_to_end(name)
                return tile
            flight = self._flights.get(name)
            mine = flight is None
            if flight is None:
                flight = self._flights[name] = Future()
        if mine:
            self._fly(name, flight, make)
        return flight.result()

    def _fly(self, name: Hashable, flight: Future[Tile], make: Callable[[], Tile]) -> None:
        try:
            tile = make()
        except BaseException as fault:
            with self._lock:
                del self._flights[name]
            flight.set_exception(fault)
            return
        with self._lock:
            del self._flights[name]
            self._keep(name, tile)
        flight.set_result(tile)

    def _keep(self, name: Hashable, tile: Tile) -> None:
        self._tiles[name] = tile
        self._bytes += _size(tile)
        while self._bytes > self._bound and self._tiles:
            _, oldest = self._tiles.popitem(last=False)
            self._bytes -= _size(oldest)


def _size(tile: Tile) -> int:
    # An empty tile costs its entry: the name, two dictionary slots and the tuples, as measured by
    # tracemalloc.
    return len(tile.body) + 512
