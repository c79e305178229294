"""The folder beside a target in which a harvest works, and the lock on the target, which is a file in it.

The kernel lets go of the lock when its holder dies, however it dies (see `releases.lock`). The folder goes with a
harvest that ended well, so the lock is held only by whoever has the file that is there now.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from releases import history
from releases.harvest.failure import TargetFailed

_LOCK: Final = "lock"


@contextmanager
def workplace(folder: Path, where: str) -> Iterator[Path]:
    """Hold a target alone: the folder to work in, made if need be; TargetFailed when another has it."""
    descriptor = _locked(folder, where)
    try:
        holder = {"pid": os.getpid(), "host": socket.gethostname(), "since": history.now()}
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, json.dumps(holder).encode() + b"\n", 0)
        try:
            yield folder
        except BaseException:
            # Pages that were fetched are for the next run; without any, there is nothing to keep.
            if not any(folder.glob("*/*/*")):
                _remove(folder)
            raise
        _remove(folder)
    finally:
        os.close(descriptor)


def _locked(folder: Path, where: str) -> int:
    while True:
        folder.mkdir(parents=True, exist_ok=True)
        try:
            descriptor = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except FileNotFoundError:
            continue  # its last holder has just removed the folder
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            who = os.pread(descriptor, 200, 0).decode(errors="replace").strip()
            os.close(descriptor)
            raise TargetFailed(
                f"另一个采集正在写 {where}（{who}）", f"another harvest is writing {where} ({who})"
            ) from None
        if _is(descriptor, folder / _LOCK):
            return descriptor
        os.close(descriptor)


def _is(descriptor: int, path: Path) -> bool:
    """Whether a file that was opened is the one that is there now."""
    try:
        return os.path.samestat(os.fstat(descriptor), os.stat(path))
    except FileNotFoundError:
        return False


def _remove(folder: Path) -> None:
    for path in folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name != _LOCK:
            path.unlink()
    (folder / _LOCK).unlink()
    try:
        folder.rmdir()
    except OSError as fault:
        # Somebody who waited has made a lock of his own: the folder is his.
        if fault.errno != errno.ENOTEMPTY:
            raise
