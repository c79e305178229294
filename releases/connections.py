"""Connections to one database, one for each thread that needs one just now.

Closed when the last one who holds the pool lets go of it, never under a reader.
"""

from __future__ import annotations

import sqlite3
import weakref
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Connections:
    """A pool that grows as it is needed; `connect` opens one more and lets any thread use it."""

    def __init__(self, connect: Callable[[], sqlite3.Connection]) -> None:
        self._connect = connect
        self._idle: deque[sqlite3.Connection] = deque()
        weakref.finalize(self, _close, self._idle)

    @contextmanager
    def lent(self) -> Iterator[sqlite3.Connection]:
        """Borrow a connection."""
        try:
            connection = self._idle.pop()
        except IndexError:
            connection = self._connect()
        try:
            yield connection
        finally:
            self._idle.append(connection)


def _close(connections: deque[sqlite3.Connection]) -> None:
    while connections:
        connections.pop().close()
