"""What stops a publish, or another act on releases, that is nobody's data's fault: a full disk, a folder that may not be written.

One table turns the system's error numbers into a sentence that says what to do.
"""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from config.models import Text

_FULL = Text(zh="磁盘已满，请腾出空间后重新发布", en="the disk is full; make room and publish again")
_DENIED = Text(zh="没有读写权限", en="there is no permission to read or write")
_READ_ONLY = Text(zh="文件系统是只读的", en="the file system is read-only")
_TOO_LARGE = Text(zh="文件超过系统允许的大小", en="a file grew beyond what the system allows")
_BROKEN = Text(zh="读写磁盘失败", en="the disk could not be read or written")
_IN_THE_WAY = Text(zh="应为文件夹处已有文件", en="a file is where a folder should be")

REASONS = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EACCES: _DENIED,
    errno.EPERM: _DENIED,
    errno.EROFS: _READ_ONLY,
    errno.EFBIG: _TOO_LARGE,
    errno.EIO: _BROKEN,
    errno.EEXIST: _IN_THE_WAY,
    errno.ENOTDIR: _IN_THE_WAY,
}
#: SQLite's own numbers (its primary result code is the low byte).
DATABASE_REASONS = {
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_IOERR: _BROKEN,
    sqlite3.SQLITE_CANTOPEN: _DENIED,
    sqlite3.SQLITE_READONLY: _READ_ONLY,
    sqlite3.SQLITE_PERM: _DENIED,
}


class PublishFailed(Exception):
    """Publishing stopped and what was published before still is; `message` says why and where."""

    def __init__(self, message: Text) -> None:
        super().__init__(message.en)
        self.message = message


@contextmanager
def explained(published: Path) -> Iterator[None]:
    """Turn the system's errors into PublishFailed; an error that no table knows stays as it is."""
    try:
        yield
    except OSError as fault:
        reason = REASONS.get(fault.errno or 0)
        if reason is None:
            raise
        raise _failed(reason, str(fault.filename or published)) from fault
    except sqlite3.OperationalError as fault:
        # Errors of the Python module itself have no code.
        reason = DATABASE_REASONS.get(getattr(fault, "sqlite_errorcode", 0) & 0xFF)
        if reason is None:
            raise
        raise _failed(reason, str(published)) from fault


def _failed(reason: Text, where: str) -> PublishFailed:
    return PublishFailed(
        Text(
            zh=f"{where}：{reason.zh}。未发布任何内容，已发布的版次不变",
            en=f"{where}: {reason.en}. Nothing was published; what was published before is untouched",
        )
    )
