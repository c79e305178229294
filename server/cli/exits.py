"""How a command ends: one table of exit codes, and one from errors to codes and messages."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Mapping
from enum import IntEnum
from typing import Final

import click

from server.cli.language import current, say


class Exit(IntEnum):
    """What the exit code says."""

    OK = 0
    REFUSED = 1
    USAGE = 2
    SYSTEM = 3
    BUG = 70
    INTERRUPTED = 130


#: Code -> meaning in Chinese and in English, as `blueprint --help` shows it.
TABLE: Final[Mapping[Exit, tuple[str, str]]] = {
    Exit.OK: ("完成；没有变化也是完成", "done; nothing changed is done too"),
    Exit.REFUSED: (
        "质检未通过、核验不符、不能照办，或没有所求的内容",
        "refused by the gate, not as sealed, cannot be done, or not there",
    ),
    Exit.USAGE: ("命令或配置有误", "a wrong command line or configuration"),
    Exit.SYSTEM: (
        "系统问题：磁盘、权限、端口、网络，或另一个操作正在进行",
        "the system: disk, permission, port, network, or another publish running",
    ),
    Exit.BUG: ("程序错误", "an error of the program"),
    Exit.INTERRUPTED: ("被中断", "interrupted"),
}


#: Full name of an error -> how a command that it stops ends; the nearest class of an error counts. By names, because
#: to import all rooms takes a second, and an error that was raised has been imported.
ENDINGS: Final[Mapping[str, Exit]] = {
    "config.problems.ConfigError": Exit.USAGE,
    "releases.store.NotFound": Exit.REFUSED,
    "releases.store.ReleasePruned": Exit.REFUSED,
    "releases.keeping.ActRefused": Exit.REFUSED,
    "releases.store.ReleaseGone": Exit.SYSTEM,
    "releases.store.ReleaseDamaged": Exit.SYSTEM,
    "releases.history.HistoryDamaged": Exit.SYSTEM,
    "releases.proof.keys.KeyUnusable": Exit.USAGE,
    "releases.proof.copies.rows.CopyUnreadable": Exit.REFUSED,
    "releases.proof.release.ManifestUnusable": Exit.REFUSED,
    "releases.proof.fetching.FetchFailed": Exit.SYSTEM,
    "releases.lock.Busy": Exit.SYSTEM,
    "releases.failure.PublishFailed": Exit.SYSTEM,
    "releases.demo.fetching.FetchError": Exit.SYSTEM,
    "releases.demo.dirty.builder.NotDirty": Exit.USAGE,
    "releases.harvest.failure.NotTrusted": Exit.REFUSED,
    "releases.harvest.failure.NoLayer": Exit.REFUSED,
    "releases.harvest.failure.WrongTarget": Exit.USAGE,
    "releases.harvest.failure.HarvestFailed": Exit.SYSTEM,
    "styles.fonts.FontMissing": Exit.SYSTEM,
    "builtins.OSError": Exit.SYSTEM,
}


class Stopped(Exception):
    """A command that cannot go on: a message in the language spoken, and the exit code that says of which kind."""

    def __init__(self, code: Exit, zh: str, en: str) -> None:
        super().__init__(say(zh, en))
        self.code = code


def ended(error: BaseException) -> Exit:
    """Tell an error on stderr, in the language spoken; the exit code it means."""
    if isinstance(error, KeyboardInterrupt):
        click.echo(say("已中断", "interrupted"), err=True)
        return Exit.INTERRUPTED
    code, message = _told(error)
    if code is Exit.BUG:
        traceback.print_exception(error, file=sys.stderr)
        message = say(
            "这是程序错误，请连同上文报告", "this is an error of the program; please report it with the above"
        )
    click.secho(message, err=True, fg="red")
    return code


def _told(error: BaseException) -> tuple[Exit, str]:
    if isinstance(error, Stopped):
        return error.code, str(error)
    names = [f"{kind.__module__}.{kind.__qualname__}" for kind in type(error).__mro__]
    code = next((ENDINGS[name] for name in names if name in ENDINGS), Exit.BUG)
    if names[0] == "releases.release.NothingPublished":
        return code, say(
            "尚未发布任何版次，请先运行 blueprint publish",
            "nothing is published yet: run `blueprint publish`",
        )
    if "releases.store.NotFound" in names:
        return code, say(f"没有 {getattr(error, 'name', '')!r}", str(error))
    # Errors that are meant for people carry both languages: as a text, or as something that can say it.
    spoken = getattr(error, "message", error)
    return code, spoken.of(current()) if hasattr(spoken, "of") else str(error)
