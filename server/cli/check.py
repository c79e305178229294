"""`blueprint check`: what the gate would say."""

from __future__ import annotations

from pathlib import Path

import click

from server.cli.bars import watched
from server.cli.exits import Exit
from server.cli.language import say
from server.cli.setting import counted, print_json, service, show


@click.command(
    "check",
    help=say(
        "读取各来源并运行质检，不写任何文件。每条发现写明机构、图层、要素、位置与规则。",
        "Read the sources and run the gate; nothing is written. Each finding names authority, layer, feature, place and rule.",
    ),
    epilog=say(
        "例：blueprint check --json > findings.json",
        "Example: blueprint check --json > findings.json",
    ),
)
@click.option("--all", "everything", is_flag=True, help=say("列出全部检查发现", "List every finding"))
@click.option("--json", "as_json", is_flag=True, help=say("输出 JSON", "Print JSON"))
@click.pass_context
def command(ctx: click.Context, everything: bool, as_json: bool) -> None:
    """Check the sources."""
    config: Path = ctx.obj
    chosen = service(config)
    from releases.findings import refused
    from releases.publication import check

    with watched(say("质检", "checking")) as progress:
        findings = check(chosen, progress)
    stopped = refused(findings)
    if as_json:
        print_json({"passed": not stopped, "findings": [finding.as_json() for finding in findings]})
    else:
        show(findings, everything=everything)
        text = say("未通过质检", "refused") if stopped else say("通过质检", "passed")
        click.secho(f"{text} ({counted(findings)})", fg="red" if stopped else "green")
    if stopped:
        ctx.exit(Exit.REFUSED)
