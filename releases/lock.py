"""One act at a time: an exclusive lock on `publish.lock` in the published folder.

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
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from config.models import Text

NAME = "publish.lock"
#: Descriptors of the locks held by this process. A child made by fork would share them and keep the lock
#: alive after its parent's death, so it closes them at once.
_HELD: set[int] = set()


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds the lock: the process, its machine, since when (RFC 3339 in UTC), for which act and by whom.

    None is what a holder has not yet written down.
    """

    pid: int | None = None
    host: str | None = None
    since: str | None = None
    act: str | None = None
    by: str | None = None


class Busy(Exception):
    """Somebody else is publishing or keeping releases; `message` says who, what, since when and where."""

    def __init__(self, holder: Holder) -> None:
        self.holder = holder
        who = f"pid {holder.pid or '?'}, {holder.host or '?'}, {holder.since or '?'}"
        who += f", {holder.by}" if holder.by else ""
        act = holder.act or "publish"
        self.message = Text(
            zh=f"另一个操作（{act}）正在进行（{who}），请稍后再试",
            en=f"another {act} is running ({who}); try again when it is done",
        )
        super().__init__(self.message.en)


@contextmanager
def publishing(published: Path, act: str = "publish", by: str | None = None) -> Iterator[None]:
    """Hold the lock of a published folder, which is made if need be; Busy at once when another holds it.

    `act` and `by` tell others what it is held for and by whom.
    """
    published.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(published / NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise _busy(descriptor) from None
        _HELD.add(descriptor)
        since = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        holder = Holder(os.getpid(), socket.gethostname(), since, act, by)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, json.dumps(asdict(holder), ensure_ascii=False).encode() + b"\n", 0)
        yield
    finally:
        _HELD.discard(descriptor)
        os.close(descriptor)


def _busy(descriptor: int) -> Busy:
    try:
        return Busy(Holder(**json.loads(os.pread(descriptor, 4096, 0))))
    except (ValueError, TypeError):
        # Locked a moment ago and not yet signed, or by another version of this program.
        return Busy(Holder())


def _let_go() -> None:
    for descriptor in _HELD:
        os.close(descriptor)
    _HELD.clear()


os.register_at_fork(after_in_child=_let_go)
