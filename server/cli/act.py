"""What the commands that act on releases share: their options, and how they tell what was done."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from server.cli.language import say
from server.cli.setting import print_json

if TYPE_CHECKING:
    from releases.keeping import Done

NOTE: Final = click.option("--note", help=say("记入发布记录的一句话", "A sentence for the history"))
JSON: Final = click.option("--json", "as_json", is_flag=True, help=say("输出 JSON", "Print JSON"))


def tell(published: Path, done: Done, changed: str, same: str, as_json: bool) -> None:
    """Print what an act has come to: `changed`, or `same` when all was so already."""
    if as_json:
        print_json(
            {
                "changed": done.changed,
                "releases": list(done.releases),
                "entries": [entry.model_dump(exclude_none=True) for entry in done.entries],
            }
        )
    else:
        click.secho(changed if done.changed else same, fg="green")
    warn_of_clock(published)


def warn_of_clock(published: Path) -> None:
    """Say on stderr when the history is ahead of this machine's clock: then one of its clocks has jumped."""
    from releases import history

    ahead = history.read(published).ahead
    if ahead:
        click.secho(
            say(
                f"本机时钟 {history.now()} 早于发布记录中的最后一次操作 {ahead}；记录的时间不会倒退，请校正时钟",
                f"this machine's clock says {history.now()}, and the last act was at {ahead}: the history does not go back in"
                " time; set the clock right",
            ),
            err=True,
            fg="yellow",
        )
