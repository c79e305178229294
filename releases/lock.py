"""One publish at a time: an exclusive lock on `publish.lock` in the published folder.

`flock` and not a file that exists or not: the kernel lets go of it when its holder dies, however it dies. Who
holds it is written inside, so that whoever has to wait knows whom to ask.
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from config.models import Text

NAME = "publish.lock"
#: Descriptors of the locks held by this process. A child made by fork would share them and keep the lock
#: alive after its parent's death, so it closes them at once.
_HELD: set[int] = set()


class Busy(Exception):
    """Somebody else is publishing; `message` says who, since when and where."""

    def __init__(self, pid: int | None, host: str | None, since: str | None) -> None:
        self.pid, self.host, self.since = pid, host, since
        who = f"pid {pid or '?'}, {host or '?'}, {since or '?'}"
        self.message = Text(
            zh=f"另一个发布正在进行（{who}），请稍后再试",
            en=f"another publish is running ({who}); try again when it is done",
        )
        super().__init__(self.message.en)


@contextmanager
def publishing(published: Path) -> Iterator[None]:
    """Hold the lock of a published folder, which is made if need be; Busy at once when another holds it."""
    published.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(published / NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise _busy(descriptor) from None
        _HELD.add(descriptor)
        since = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        holder = {"pid": os.getpid(), "host": socket.gethostname(), "since": since}
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, json.dumps(holder).encode() + b"\n", 0)
        yield
    finally:
        _HELD.discard(descriptor)
        os.close(descriptor)


def _busy(descriptor: int) -> Busy:
    try:
        holder = json.loads(os.pread(descriptor, 4096, 0))
        return Busy(holder["pid"], holder["host"], holder["since"])
    except (ValueError, KeyError):
        # Locked a moment ago and not yet signed.
        return Busy(None, None, None)


def _let_go() -> None:
    for descriptor in _HELD:
        os.close(descriptor)
    _HELD.clear()


os.register_at_fork(after_in_child=_let_go)
