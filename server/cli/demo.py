"""`blueprint demo`: build the demo's deliveries."""

from __future__ import annotations

from pathlib import Path

import click

from server.cli.bars import watched
from server.cli.exits import Exit, Stopped
from server.cli.language import current, say
from server.cli.setting import print_json, service


@click.command(
    "demo",
    help=say(
        "在数据文件夹中生成演示数据：四川（GeoPackage）、重庆（GBK 编码 Shapefile）与联合机构三份汇交。"
        "县级以上界线取自公开数据，取不到时用替代边界并注明；控制线与规划分区为合成数据。",
        "Build the demo in the data folder as three deliveries: Sichuan (GeoPackage), Chongqing (Shapefiles in GBK) and a "
        "joint office. Boundaries are real where they can be fetched, else a stand-in that says so; control lines and "
        "zones are synthetic.",
    ),
    epilog=say(
        "例：blueprint demo --zones 200000   blueprint demo --offline",
        "Examples: blueprint demo --zones 200000   blueprint demo --offline",
    ),
)
@click.option(
    "--zones",
    type=click.IntRange(2_000, 2_000_000),
    default=20_000,
    show_default=True,
    help=say("规划分区的大致数目", "About how many planning zones"),
)
@click.option("--seed", type=int, help=say("随机种子：同种子同数据", "The same seed gives the same data"))
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help=say("写到别处（缺省为数据文件夹）", "Write elsewhere (default: the data folder)"),
)
@click.option(
    "--offline/--online",
    default=None,
    help=say("不联网 / 取不到真实边界即失败", "Never ask the network / fail without the real boundaries"),
)
@click.option("--json", "as_json", is_flag=True, help=say("输出 JSON", "Print JSON"))
@click.pass_obj
def command(
    config: Path, zones: int, seed: int | None, out: Path | None, offline: bool | None, as_json: bool
) -> None:
    """Build the demo's deliveries."""
    chosen = service(config)
    from releases.demo import build
    from releases.demo.builder import SEED

    with watched(say("生成演示数据", "building the demo")) as progress:
        try:
            report = build(chosen, out, zones, SEED if seed is None else seed, progress, offline)
        except ValueError as fault:
            raise Stopped(Exit.USAGE, str(fault), str(fault)) from fault
    if as_json:
        print_json(
            {
                "out": str(report.out),
                "zones": report.zones,
                "seed": report.seed,
                "boundaries": report.boundaries,
                "reason": report.reason,
                "rows": dict(report.rows),
                "seconds": round(report.seconds, 2),
            }
        )
        return
    features = sum(report.rows.values())
    click.echo(
        say(
            f"{report.out}：{len(report.rows)} 个图层，{features} 个要素，用时 {report.seconds:.1f} 秒",
            f"{report.out}: {len(report.rows)} layers, {features} features, {report.seconds:.1f} s",
        )
    )
    if report.reason is not None:
        click.secho(report.note.of(current()), fg="yellow", err=True)
        click.echo(report.reason, err=True)
