"""`blueprint check`: what the gate would say."""

from __future__ import annotations

from pathlib import Path

import click

from server.cli.bars import watched
from server.cli.exits import Exit
from server.cli.language import say
from server.cli.setting import counted, print_json, service, show, tell_report


@click.command(
    "check",
    help=say(
        "读取各来源并运行质检，不发布任何内容。每条发现写明机构、图层、要素、位置与规则；--report 写出完整报告（JSON、中英文网页、GeoPackage）。",
        "Read the sources and run the gate; nothing is published. Each finding names authority, layer, feature, place and rule; "
        "--report writes the whole report (JSON, pages in both languages, GeoPackage).",
    ),
    epilog=say(
        "例：blueprint check --report 质检报告",
        "Example: blueprint check --report report",
    ),
)
@click.option(
    "--report",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help=say("将完整报告写入此文件夹", "Write the whole report into this folder"),
)
@click.option("--all", "everything", is_flag=True, help=say("列出全部检查发现", "List every finding"))
@click.option("--json", "as_json", is_flag=True, help=say("输出 JSON", "Print JSON"))
@click.pass_context
def command(ctx: click.Context, folder: Path | None, everything: bool, as_json: bool) -> None:
    """Check the sources."""
    config: Path = ctx.obj
    chosen = service(config)
    from releases.publication import examine
    from releases.report import files

    with watched(say("质检", "checking")) as progress:
        examined = examine(chosen, (), progress)
    if folder is not None:
        files.write(folder, examined)
    findings, verdict = examined.findings, examined.verdict
    if as_json:
        print_json(
            {
                "passed": verdict == "passed",
                "verdict": verdict,
                "findings": [finding.as_json() for finding in findings],
                "report": None if folder is None else str(folder),
            }
        )
    else:
        show(findings, everything=everything)
        told = {
            "passed": say("通过质检", "passed"),
            "refused": say("未通过质检", "refused"),
            "held": say("有警告待改正或接受", "held: there are warnings to mend or to accept"),
        }
        click.secho(f"{told[verdict]} ({counted(findings)})", fg="green" if verdict == "passed" else "red")
        if folder is not None:
            tell_report(folder)
        elif findings:
            click.echo(say("用 --report 文件夹 写出完整报告", "--report FOLDER writes the whole report"))
    if verdict != "passed":
        ctx.exit(Exit.REFUSED)
