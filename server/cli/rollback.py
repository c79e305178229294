"""`blueprint rollback`: make an earlier release the current one again."""

from __future__ import annotations

from pathlib import Path

import click

from server.cli.act import JSON, NOTE, tell
from server.cli.language import say
from server.cli.person import by_option
from server.cli.setting import service


@click.command(
    "rollback",
    help=say(
        "将一个较早的版次重新设为当前版次，缺省为当前版次之前的那个；版次可写编号或标签。其他版次都保留，此操作记入发布记录。"
        "正在运行的服务一秒内换用。",
        "Make an earlier release the current one again, by default the one before; a release is named by its id or a tag. All "
        "others stay, and the history says who did it. Servers that run follow within a second.",
    ),
    epilog=say(
        '例：blueprint rollback   blueprint rollback v1 --note "重庆数据有误"',
        'Examples: blueprint rollback   blueprint rollback v1 --note "the data of Chongqing are wrong"',
    ),
)
@click.argument("release", required=False)
@by_option
@NOTE
@JSON
@click.pass_obj
def command(config: Path, release: str | None, by: str, note: str | None, as_json: bool) -> None:
    """Roll back."""
    chosen = service(config)
    from releases.keeping import rollback

    done = rollback(chosen.published, release, by, note)
    name = done.releases[0]
    tell(
        chosen.published,
        done,
        say(f"当前版次现为 {name}", f"the current release is {name} again"),
        say(f"当前版次已是 {name}", f"{name} is the current release already"),
        as_json,
    )
