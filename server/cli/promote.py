"""`blueprint promote`: make a draft the current release."""

from __future__ import annotations

from pathlib import Path

import click

from server.cli.act import JSON, NOTE, tell
from server.cli.language import say
from server.cli.person import by_option
from server.cli.setting import service


@click.command(
    "promote",
    help=say(
        "将审阅过的草稿（publish --draft）设为当前版次；其内容与地址不变。",
        "Make a draft (publish --draft) that was reviewed the current release; its content and address stay what they are.",
    ),
    epilog=say(
        '例：blueprint promote 0123456789abcdef --note "会签完毕"',
        'Example: blueprint promote 0123456789abcdef --note "signed off by both provinces"',
    ),
)
@click.argument("release")
@by_option
@NOTE
@JSON
@click.pass_obj
def command(config: Path, release: str, by: str, note: str | None, as_json: bool) -> None:
    """Promote."""
    chosen = service(config)
    from releases.keeping import promote

    done = promote(chosen.published, release, by, note)
    name = done.releases[0]
    tell(
        chosen.published,
        done,
        say(f"草稿 {name} 现为当前版次", f"the draft {name} is the current release now"),
        say(f"当前版次已是 {name}", f"{name} is the current release already"),
        as_json,
    )
