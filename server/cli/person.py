"""Who acts: the option `--by` of every command that leaves a trace in the history, and who it is when nobody says."""

from __future__ import annotations

import getpass
import os
from collections.abc import Callable
from typing import Any

import click

from server.cli.language import say

#: Characters of a name; what is longer is no name.
LONGEST = 200


def by_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the option `--by NAME`, which becomes its argument `by`: a name, never empty."""
    return click.option(
        "--by",
        metavar="NAME",
        callback=_named,
        help=say(
            "经办人，记入发布记录（缺省为系统用户）",
            "Who does it, for the history (default: the system's user)",
        ),
    )(command)


def _named(ctx: click.Context, option: click.Parameter, value: str | None) -> str:
    name = system_user() if value is None else value.strip()
    if not name or len(name) > LONGEST or not name.isprintable():
        raise click.BadParameter(
            say(
                f"应为 1 至 {LONGEST} 个可见字符的姓名",
                f"a name of 1 to {LONGEST} printable characters is expected",
            )
        )
    return name


def system_user() -> str:
    """The name by which the system knows who runs the program; his number where he has none."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        # In a container a process may run under a number that no file of users lists.
        return f"uid {os.getuid()}"
