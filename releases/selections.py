"""The latest selections of a release: what a filter found is asked for again by every page and every tile."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from threading import Lock
from typing import Final

from releases.selection import Keys

#: Bytes of keys that a release keeps for its latest filters: eight selections of two million features.
KEPT_BYTES: Final = 64 * 2**20


class Selections:
    """Selections by name, bounded by the memory they take; safe for many threads.

    A map asks for twenty tiles at once with one filter: it is looked for once, and the others wait.
    """

    def __init__(self, kept_bytes: int = KEPT_BYTES) -> None:
        self._kept_bytes = kept_bytes
        self._lock = Lock()
        self._keys: OrderedDict[object, Keys] = OrderedDict()
        self._bytes = 0
        self._sought: dict[object, Future[Keys]] = {}

    def get(self, name: object, find: Callable[[], Keys]) -> Keys:
        """The selection of that name, found when it is not kept; who waits for it shares an error too."""
        with self._lock:
            keys = self._keys.get(name)
            if keys is not None:
                self._keys.move_to_end(name)
                return keys
            seeking = self._sought.get(name)
            mine = seeking is None
            if seeking is None:
                seeking = self._sought[name] = Future()
        if mine:
            self._seek(name, seeking, find)
        return seeking.result()

    def _seek(self, name: object, seeking: Future[Keys], find: Callable[[], Keys]) -> None:
        try:
            keys = find()
        except BaseException as fault:
            with self._lock:
                del self._sought[name]
            seeking.set_exception(fault)
            return
        with self._lock:
            del self._sought[name]
            self._keep(name, keys)
        seeking.set_result(keys)

    def _keep(self, name: object, keys: Keys) -> None:
        self._keys[name] = keys
        self._bytes += _size(keys)
        while self._bytes > self._kept_bytes and self._keys:
            self._bytes -= _size(self._keys.popitem(last=False)[1])


def _size(keys: Keys) -> int:
    # An empty selection costs its entry: its name, a future's remains and two dictionary slots.
    return keys.nbytes + 512
