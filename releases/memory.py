"""What was made or found and may be asked for again: kept within a bound of bytes, made once however many ask."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from threading import Lock


class Flights[Thing]:
    """Work that is under way, by name: who comes while it is done waits for it.

    And for the same error if there is one: what cannot be made is not tried again by each of them.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._flights: dict[Hashable, Future[Thing]] = {}

    def join(self, name: Hashable, make: Callable[[], Thing]) -> Thing:
        """What `make` gives, or gave to whoever asked for that name first."""
        with self._lock:
            flight = self._flights.get(name)
            mine = flight is None
            if flight is None:
                flight = self._flights[name] = Future()
        if mine:
            try:
                flight.set_result(make())
            except BaseException as fault:
                flight.set_exception(fault)
            finally:
                with self._lock:
                    del self._flights[name]
        return flight.result()


class Memory[Thing]:
    """The things asked for last, by name, of at most `bound` bytes as `size` tells them; safe for many threads."""

    def __init__(self, bound: int, size: Callable[[Thing], int]) -> None:
        self._bound = bound
        self._size = size
        self._bytes = 0
        self._lock = Lock()
        self._kept: OrderedDict[Hashable, Thing] = OrderedDict()
        self._flights: Flights[Thing] = Flights()

    def get(self, name: Hashable, make: Callable[[], Thing]) -> Thing:
        """The thing of that name, made when it is not kept."""
        thing = self.kept(name)
        return thing if thing is not None else self._flights.join(name, lambda: self._made(name, make))

    def kept(self, name: Hashable) -> Thing | None:
        """The thing of that name, None when it is not, or no longer, kept."""
        with self._lock:
            thing = self._kept.get(name)
            if thing is not None:
                self._kept.move_to_end(name)
            return thing

    def _made(self, name: Hashable, make: Callable[[], Thing]) -> Thing:
        # Who looked while the one before him had not kept it yet finds it now.
        thing = self.kept(name)
        if thing is None:
            thing = make()
            self.keep(name, thing)
        return thing

    def keep(self, name: Hashable, thing: Thing) -> None:
        """Keep a thing that was made elsewhere, of a name that has none yet or the same."""
        with self._lock:
            if name in self._kept:
                return
            self._kept[name] = thing
            self._bytes += self._size(thing)
            while self._bytes > self._bound and self._kept:
                _, oldest = self._kept.popitem(last=False)
                self._bytes -= self._size(oldest)
