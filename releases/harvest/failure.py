"""What stops a harvest. Each leaves the target as it was, and says what to do."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from config.models import Text
from releases import failure


class HarvestFailed(Exception):
    """A harvest that stopped; the target holds what it held before."""

    def __init__(self, zh: str, en: str) -> None:
        self.message = Text(zh=zh, en=en)
        super().__init__(en)


class ServerFailed(HarvestFailed):
    """The server is not there, breaks off, or answers what it should not."""


class Gone(HarvestFailed):
    """The server no longer keeps the release that was being read."""


class NotTrusted(HarvestFailed):
    """What came is not what was signed, or not signed as it should be."""


class NoLayer(HarvestFailed):
    """A layer was asked for that the release does not have."""


class WrongTarget(HarvestFailed):
    """The target is something else than a copy of this service."""


class TargetFailed(HarvestFailed):
    """The target cannot be written: full, in use, not permitted."""


@contextmanager
def told(where: str) -> Iterator[None]:
    """Turn the system's and SQLite's errors into TargetFailed; those that no table knows stay as they are."""
    try:
        yield
    except OSError as fault:
        reason = failure.REASONS.get(fault.errno or 0)
        if reason is None:
            raise
        place = str(fault.filename or where)
        raise TargetFailed(f"{place}：{reason.zh}", f"{place}: {reason.en}") from fault
    except sqlite3.DatabaseError as fault:
        raise _of_database(where, fault) from fault


def _of_database(where: str, fault: sqlite3.DatabaseError) -> HarvestFailed:
    code = getattr(fault, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return TargetFailed(
            f"{where} 正被另一程序使用，请关闭后重试",
            f"{where} is in use by another program: close it and try again",
        )
    if code in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
        return WrongTarget(f"{where} 不是完好的 GeoPackage", f"{where} is no sound GeoPackage")
    reason = failure.DATABASE_REASONS.get(code)
    if reason is None:
        raise fault
    return TargetFailed(f"{where}：{reason.zh}", f"{where}: {reason.en}")
