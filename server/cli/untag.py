"""`blueprint untag`: take a name away from the release that has it."""

from __future__ import annotations

from pathlib import Path

import click

from server.cli.act import JSON, NOTE, tell
from server.cli.language import say
from server.cli.person import by_option
from server.cli.setting import service


@click.command(
    "untag",
    help=say(
        "取消一个名称；版次本身不变，此后可能被 prune 移除。",
        "Take a name away; the release itself stays, and may be removed by prune from then on.",
    ),
    epilog=say("例：blueprint untag v1", "Example: blueprint untag v1"),
)
@click.argument("name")
@by_option
@NOTE
@JSON
@click.pass_obj
def command(config: Path, name: str, by: str, note: str | None, as_json: bool) -> None:
    """Take a name away."""
    chosen = service(config)
    from releases.keeping import untag

    done = untag(chosen.published, name, by, note)
    told = say(
        f"名称 {name} 已取消，原属版次 {done.releases[0]}", f"{done.releases[0]} is no longer called {name}"
    )
    tell(chosen.published, done, told, told, as_json)
