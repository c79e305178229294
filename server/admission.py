"""Who may encode a tile now, who waits, and who is told to come again.

      asked ──┬─ a place among `slots`: encode
              ├─ a place among `queue`: wait for a slot, PATIENCE seconds at most
              └─ neither: Busy, at once

So under any load a tile is made within the time of the queue, or refused within microseconds; tiles that are
kept and answers without a body never come here.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock, Semaphore
from typing import Final

LOGGER = logging.getLogger("blueprint")
#: Seconds: the longest that somebody waits in the queue.
PATIENCE: Final = 5.0
#: Seconds between two lines of the log that say how many were refused.
PAUSE: Final = 10.0


class Busy(Exception):
    """Too many tiles are being made just now."""


class Admission:
    """At most `slots` at work and `queue` waiting; safe for many threads."""

    def __init__(self, slots: int, queue: int) -> None:
        self._places = Semaphore(slots + queue)
        self._slots = Semaphore(slots)
        self._lock = Lock()
        self._refused = 0
        self._told = -PAUSE

    @contextmanager
    def admitted(self) -> Iterator[None]:
        """Run a block in a slot; Busy when there is none to be had."""
        if not self._places.acquire(blocking=False):
            raise self._busy()
        try:
            if not self._slots.acquire(timeout=PATIENCE):
                raise self._busy()
            try:
                yield
            finally:
                self._slots.release()
        finally:
            self._places.release()

    def _busy(self) -> Busy:
        """The error, counted: a line for each refusal would fill the log when it is needed."""
        with self._lock:
            self._refused += 1
            now = time.monotonic()
            if now - self._told >= PAUSE:
                LOGGER.warning("overloaded: %d tiles refused", self._refused)
                self._told, self._refused = now, 0
        return Busy()
