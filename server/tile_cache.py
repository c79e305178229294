"""Tiles that were made, kept within a bound of bytes; a tile that many ask for at once is made once."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import NamedTuple


class Tile(NamedTuple):
    """A tile as it is sent: plain, and coded where that is worth it (else empty)."""

    plain: bytes
    coded: bytes


class TileCache:
    """The tiles asked for last, by name; safe for many threads."""

    def __init__(self, bound: int) -> None:
        self._bound = bound
        self._lock = Lock()
        self._tiles: OrderedDict[Hashable, Tile] = OrderedDict()
        self._making: dict[Hashable, Lock] = {}
        self._bytes = 0

    def get(self, name: Hashable, make: Callable[[], Tile]) -> Tile:
        """The tile of that name, made when it is not kept. Who comes while it is made waits for that one."""
        with self._lock:
            tile = self._tiles.get(name)
            if tile is not None:
                self._tiles.move_to_end(name)
                return tile
            flight = self._making.setdefault(name, Lock())
        with flight:
            with self._lock:
                tile = self._tiles.get(name)
            if tile is None:
                try:
                    tile = make()
                finally:
                    with self._lock:
                        self._making.pop(name, None)
                self._keep(name, tile)
        return tile

    def _keep(self, name: Hashable, tile: Tile) -> None:
        with self._lock:
            if name in self._tiles:
                return
            self._tiles[name] = tile
            self._bytes += _size(tile)
            while self._bytes > self._bound and self._tiles:
                _, oldest = self._tiles.popitem(last=False)
                self._bytes -= _size(oldest)


def _size(tile: Tile) -> int:
    # An empty tile costs its entry.
    return len(tile.plain) + len(tile.coded) + 256
