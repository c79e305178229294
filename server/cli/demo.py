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
        "县级以上界线取自公开数据，取不到时用替代边界并注明；控制线与规划分区为合成数据。"
        "--dirty 另建一份脏数据：按种子植入质检所知的各类错误，并在 planted.json 中逐一记录。",
        "Build the demo in the data folder as three deliveries: Sichuan (GeoPackage), Chongqing (Shapefiles in GBK) and a "
        "joint office. Boundaries are real where they can be fetched, else a stand-in that says so; control lines and "
        "zones are synthetic. --dirty builds a dirty demo beside it: faults of every rule of the gate, planted by a seed, "
        "and each of them listed in planted.json.",
    ),
    epilog=say(
        "例：blueprint demo --zones 200000   blueprint demo --offline   blueprint demo --dirty 7",
        "Examples: blueprint demo --zones 200000   blueprint demo --offline   blueprint demo --dirty 7",
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
    help=say(
        "写到别处（缺省为数据文件夹；脏数据为其旁的 dirty）",
        "Write elsewhere (default: the data folder; for a dirty demo the folder dirty beside it)",
    ),
)
@click.option(
    "--dirty",
    type=int,
    metavar="SEED",
    help=say("建脏数据：按此种子植入错误", "Build a dirty demo: plant faults by this seed"),
)
@click.option(
    "--faults",
    type=click.IntRange(50, 100_000),
    help=say("至少植入多少处要素错误（缺省 500）", "How many faults of features at least (default 500)"),
)
@click.option(
    "--offline/--online",
    default=None,
    help=say("不联网 / 取不到真实边界即失败", "Never ask the network / fail without the real boundaries"),
)
@click.option("--json", "as_json", is_flag=True, help=say("输出 JSON", "Print JSON"))
@click.pass_obj
def command(
    config: Path,
    zones: int,
    seed: int | None,
    out: Path | None,
    dirty: int | None,
    faults: int | None,
    offline: bool | None,
    as_json: bool,
) -> None:
    """Build the demo's deliveries."""
    if dirty is not None:
        _dirty(config, zones, seed, out, dirty, faults, offline, as_json)
        return
    if faults is not None:
        raise Stopped(Exit.USAGE, "--faults 须与 --dirty 同用", "--faults only together with --dirty")
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


def _dirty(
    config: Path,
    zones: int,
    seed: int | None,
    out: Path | None,
    dirt: int,
    faults: int | None,
    offline: bool | None,
    as_json: bool,
) -> None:
    """Build a dirty demo, and say how it is checked."""
    chosen = service(config)
    from releases.demo import dirty
    from releases.demo.builder import SEED

    with watched(say("生成脏数据演示", "building the dirty demo")) as progress:
        try:
            report = dirty.build(
                config,
                chosen,
                out or chosen.data.parent / "dirty",
                dirt,
                zones,
                dirty.FAULTS if faults is None else faults,
                SEED if seed is None else seed,
                progress,
                offline,
            )
        except ValueError as fault:
            raise Stopped(Exit.USAGE, str(fault), str(fault)) from fault
    total = sum(report.planted.values())
    if as_json:
        print_json(
            {
                "out": str(report.out),
                "zones": report.zones,
                "seed": report.seed,
                "cases": list(report.cases),
                "faults": total,
                "consequences": report.consequences,
                "planted": dict(sorted(report.planted.items())),
                "seconds": round(report.seconds, 2),
            }
        )
        return
    click.echo(
        say(
            f"{report.out}：植入 {total} 处错误，涉及 {len(report.planted)} 条规则，连带 {report.consequences} 处，"
            f"用时 {report.seconds:.1f} 秒",
            f"{report.out}: {total} faults of {len(report.planted)} rules planted, {report.consequences} more that follow "
            f"from them, {report.seconds:.1f} s",
        )
    )
    for name, title in report.cases.items():
        click.echo(f"  {name:12}{title.of(current())}")
    check = f"BLUEPRINT_CONFIG={report.out / 'features' / 'service.yml'} blueprint check --all"
    measure = f"python -m bench.gate --dirty {report.out}"
    click.echo(say(f"质检一例：{check}", f"check one of them: {check}"))
    click.echo(say(f"衡量查全与查准：{measure}", f"measure recall and precision: {measure}"))
