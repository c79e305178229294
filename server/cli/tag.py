"""`blueprint tag`: give a release a name."""

from __future__ import annotations

from pathlib import Path

import click

from server.cli.act import JSON, NOTE, tell
from server.cli.language import say
from server.cli.person import by_option
from server.cli.setting import service


@click.command(
    "tag",
    help=say(
        "给一个版次（缺省为当前版次）命名。名称可在命令中代替编号，网址 /releases/名称 转到该版次；有名称的版次不会被移除。",
        "Give a release, by default the current one, a name. It can be used for the id in commands, /releases/NAME leads to the "
        "release, and a release that has a name is never removed.",
    ),
    epilog=say(
        "例：blueprint tag 2026版   blueprint tag v1 0123456789abcdef",
        "Examples: blueprint tag v1   blueprint tag v1 0123456789abcdef",
    ),
)
@click.argument("name")
@click.argument("release", required=False)
@by_option
@NOTE
@JSON
@click.pass_obj
def command(config: Path, name: str, release: str | None, by: str, note: str | None, as_json: bool) -> None:
    """Name a release."""
    chosen = service(config)
    from releases.keeping import tag

    done = tag(chosen.published, name, release, by, note)
    one = done.releases[0]
    tell(
        chosen.published,
        done,
        say(f"版次 {one} 现名 {name}", f"{one} is called {name} now"),
        say(f"版次 {one} 已名 {name}", f"{one} is called {name} already"),
        as_json,
    )
