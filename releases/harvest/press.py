"""Pages made into files of a spool, by processes of their own where a layer is large: the network, the parsing and the
digests then take turns on no processor.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import connection
from pathlib import Path
from typing import Final, Protocol

from config.models import Layer
from releases.harvest import spool
from releases.harvest.failure import TargetFailed

#: Features from which a layer is worth processes, which take a second to start.
MANY: Final = 100_000
#: Pages under way for each process.
AHEAD: Final = 2


class Press(Protocol):
    """Takes pages one after another."""

    def put(self, layer: Layer, body: bytes, following: str | None, path: Path) -> int:
        """Have a page made; how many features those have that were finished meanwhile."""
        ...

    def rest(self) -> int:
        """Wait for all; how many features were still under way."""
        ...


class Hand:
    """Makes each page at once."""

    def put(self, layer: Layer, body: bytes, following: str | None, path: Path) -> int:
        """Make a page (`Press`)."""
        return spool.press(layer, body, following, path)

    def rest(self) -> int:
        """Nothing is under way (`Press`)."""
        return 0


class Crew:
    """Has pages made by processes."""

    def __init__(self, pool: ProcessPoolExecutor, processes: int) -> None:
        self._pool, self._most = pool, AHEAD * processes
        self._waiting: deque[Future[int]] = deque()

    def put(self, layer: Layer, body: bytes, following: str | None, path: Path) -> int:
        """Give a page to a process, when one has room for it (`Press`)."""
        done = self._waiting.popleft().result() if len(self._waiting) >= self._most else 0
        self._waiting.append(self._pool.submit(spool.press, layer, body, following, path))
        return done

    def rest(self) -> int:
        """Wait for all (`Press`)."""
        done = 0
        while self._waiting:
            done += self._waiting.popleft().result()
        return done


@contextmanager
def press(features: int) -> Iterator[Press]:
    """A press for so many features; with processes for many, if there are processors for them."""
    processes = len(os.sched_getaffinity(0))
    if features < MANY or processes < 2:
        yield Hand()
        return
    # A forked child would inherit the locks of libraries that run threads of their own; a new one starts clean.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(processes, mp_context=context, initializer=_begin)
    # Ctrl-C goes to all processes of a terminal: the first of them decides.
    heard = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        pool.submit(os.getpid)
    finally:
        signal.signal(signal.SIGINT, heard)
    try:
        yield Crew(pool, processes)
    except BrokenProcessPool as fault:
        raise TargetFailed(
            "读取页面的进程被终止（内存不足？）", "a process that reads pages was ended (out of memory?)"
        ) from fault
    finally:
        pool.shutdown(cancel_futures=True)


def _begin() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_orphaned, daemon=True).start()


def _orphaned() -> None:
    """End with the process that asked: its queue would never close, because each child holds both ends."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
    os._exit(1)
