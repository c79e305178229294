"""Tiles that were made, kept within a bound of bytes; what many ask for at once is made once."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from threading import Lock
from typing import NamedTuple

#: Bytes that an entry costs beside its body: the name, two dictionary slots, the headers (tracemalloc).
ENTRY = 2048


class Form(NamedTuple):
    """A tile as it is sent in one coding: status line, headers but for how long it may be kept, body."""

    status: str
    headers: list[tuple[str, str]]
    body: bytes


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


class TileCache:
    """The forms asked for last, by name; safe for many threads.

    Nothing is ever stale in it, because a name holds the release's id: tiles of a release that is no longer
    current are asked for no more and make room.
    """

    def __init__(self, bound: int) -> None:
        self._bound = bound
        self._bytes = 0
        self._lock = Lock()
        self._forms: OrderedDict[Hashable, Form] = OrderedDict()
        self._flights: Flights[Form] = Flights()

    def get(self, name: Hashable, make: Callable[[], Form]) -> Form:
        """The form of that name, made when it is not kept."""
        form = self.kept(name)
        return form if form is not None else self._flights.join(name, lambda: self._made(name, make))

    def kept(self, name: Hashable) -> Form | None:
        """The form of that name, None when it is not, or no longer, kept."""
        with self._lock:
            form = self._forms.get(name)
            if form is not None:
                self._forms.move_to_end(name)
            return form

    def _made(self, name: Hashable, make: Callable[[], Form]) -> Form:
        # Who looked while the one before him had not kept it yet finds it now.
        form = self.kept(name)
        if form is None:
            form = make()
            self._keep(name, form)
        return form

    def _keep(self, name: Hashable, form: Form) -> None:
        with self._lock:
            self._forms[name] = form
            self._bytes += _size(form)
            while self._bytes > self._bound and self._forms:
                _, oldest = self._forms.popitem(last=False)
                self._bytes -= _size(oldest)


def _size(form: Form) -> int:
    return len(form.body) + ENTRY
