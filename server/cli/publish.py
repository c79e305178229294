"""`blueprint publish`: make what the sources hold the current release."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from server.cli.acceptance import accept_options, idle, waivers
from server.cli.act import JSON, NOTE, warn_of_clock
from server.cli.bars import watched
from server.cli.exits import Exit
from server.cli.language import say
from server.cli.person import by_option
from server.cli.setting import counted, print_json, service, show, tell_report

if TYPE_CHECKING:
    from releases.publication import Outcome


@click.command(
    "publish",
    help=say(
        "读取配置所列的各来源，质检，通过后写成一个不可变的版次并设为当前版次。未通过则什么都不变；"
        "内容没有变化则不产生新版次。正在运行的服务一秒内换用新版次。",
        "Read the sources that the configuration names, check them, and if they pass make them one immutable release and the "
        "current one. When refused, nothing changes; when the content is that of the current release, neither. Servers that "
        "run pick up the new release within a second.",
    ),
    epilog=say(
        '例：blueprint publish --note "重庆 2026 年 3 月更新"'
        '   blueprint publish --accept sliver --reason "与实测一致" --by 李华',
        'Examples: blueprint publish --note "Chongqing, update of March 2026"'
        '   blueprint publish --accept sliver --reason "as surveyed" --by "Li Hua"',
    ),
)
@accept_options
@by_option
@NOTE
@click.option(
    "--draft",
    is_flag=True,
    help=say(
        "只生成草稿，供在其自身网址下审阅；当前版次不变，审阅后用 promote",
        "Build a draft only, served under its own address for review; what is current stays. Then: promote",
    ),
)
@click.option("--all", "everything", is_flag=True, help=say("列出全部检查发现", "List every finding"))
@JSON
@click.pass_context
def command(
    ctx: click.Context,
    accepted: tuple[str, ...],
    reasons: tuple[str, ...],
    by: str,
    note: str | None,
    draft: bool,
    everything: bool,
    as_json: bool,
) -> None:
    """Publish."""
    config: Path = ctx.obj
    chosen = service(config)
    from releases.publication import Order, publish

    taken = waivers(chosen, accepted, reasons, by)
    with watched(say("发布", "publishing")) as progress:
        outcome = publish(chosen, progress, Order(by=by, note=note, accepted=taken, draft=draft))
    for rule in idle(taken, outcome.findings):
        click.echo(
            say(f"没有规则 {rule} 的警告，无需接受", f"{rule} has no warnings: nothing was accepted"),
            err=True,
        )
    if as_json:
        print_json(
            {
                "status": outcome.status,
                "release": outcome.release_id,
                "findings": [finding.as_json() for finding in outcome.findings],
                "seconds": round(outcome.seconds, 2),
                "report": str(outcome.report),
                "amended": outcome.amended,
                "why": outcome.why.model_dump() if outcome.why else None,
            }
        )
    else:
        show(outcome.findings, everything=everything)
        told = {
            "published": say(f"已发布版次 {outcome.release_id}", f"published release {outcome.release_id}")
            if not draft
            else say(
                f"草稿 {outcome.release_id} 已生成，可在 /releases/{outcome.release_id} 审阅",
                f"built the draft {outcome.release_id}, to be reviewed at /releases/{outcome.release_id}",
            ),
            "unchanged": say(
                f"内容没有变化，当前版次仍为 {outcome.release_id}",
                f"nothing changed: the current release is still {outcome.release_id}",
            )
            if not draft
            else say(
                f"内容没有变化，版次 {outcome.release_id} 已存在",
                f"nothing changed: the release {outcome.release_id} is there already",
            ),
            "refused": say(
                "未通过质检，已发布的版次不变", "refused by the gate; what is published is untouched"
            ),
            "held": say(
                "有未接受的警告，已发布的版次不变",
                "held: there are warnings that nobody has accepted; what is published is untouched",
            ),
        }
        text = f"{told[outcome.status]} ({counted(outcome.findings)}; {outcome.seconds:.1f} s)"
        click.secho(text, fg="green" if outcome.release_id else "red")
        if outcome.status == "published":
            click.echo(_made(outcome))
        tell_report(outcome.report)
    if outcome.release_id is not None:
        warn_of_clock(chosen.published)
    else:
        ctx.exit(Exit.REFUSED)


def _made(outcome: Outcome) -> str:
    """How a release was made: of the one before, or as a whole."""
    if outcome.amended is not None:
        names = ", ".join(outcome.amended) or say("无", "none")
        return say(
            f"就地更新的图层：{names}；其余沿用上一版次的文件",
            f"amended in place: {names}; all else is as it was",
        )
    if outcome.why is None:
        return say("整体发布", "built as a whole")
    return say(f"整体发布：{outcome.why.zh}", f"built as a whole: {outcome.why.en}")
