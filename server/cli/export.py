"""`blueprint export`: the tiles of a release in one file."""

from __future__ import annotations

from pathlib import Path

import click

from server.cli.bars import watched
from server.cli.exits import Exit, Stopped
from server.cli.language import say
from server.cli.setting import print_json, service
from server.cli.tileset import checked, opened, processes_option, release_option, zooms_option


@click.command(
    "export",
    help=say(
        "将一个版次的矢量瓦片写成单个文件，格式由后缀决定：.mbtiles（MBTiles 1.3）或 .pmtiles（PMTiles 3）。"
        "瓦片内容与服务所发逐字节相同，相同的瓦片只存一份，同一版次总得到同样的文件。",
        "Write the vector tiles of a release as one file; its suffix says the format: .mbtiles (MBTiles 1.3) or .pmtiles "
        "(PMTiles 3). The tiles are byte for byte those that are served, equal ones are held once, and the same release "
        "always gives the same file.",
    ),
    epilog=say(
        "例：blueprint export plan.pmtiles --zooms 4-14   blueprint export zones.mbtiles --collection ghfq",
        "Examples: blueprint export plan.pmtiles --zooms 4-14   blueprint export zones.mbtiles --collection ghfq",
    ),
)
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--collection",
    "layers",
    multiple=True,
    help=say("只取此图层，可重复（缺省为全部图层）", "This collection only, may be repeated (default: all)"),
)
@zooms_option("0-12")
@release_option
@processes_option
@click.option("--json", "as_json", is_flag=True, help=say("输出 JSON", "Print JSON"))
@click.pass_obj
def command(
    config: Path,
    out: Path,
    layers: tuple[str, ...],
    zooms: tuple[int, int],
    release_id: str | None,
    processes: int | None,
    as_json: bool,
) -> None:
    """Export."""
    if out.suffix not in (".mbtiles", ".pmtiles"):
        raise Stopped(
            Exit.USAGE,
            f"{out} 的后缀应为 .mbtiles 或 .pmtiles",
            f"{out}: expected the suffix .mbtiles or .pmtiles",
        )
    if not out.absolute().parent.is_dir():
        raise Stopped(Exit.SYSTEM, f"没有文件夹 {out.parent}", f"there is no folder {out.parent}")
    chosen = service(config)
    release = opened(chosen, release_id)
    from server import tile_crew
    from server.archive.export import SET, NoTiles, export
    from server.tile_tour import Tileset

    one = layers[0] if len(set(layers)) == 1 else None
    tileset = checked(release, Tileset(one, SET, layers if layers and one is None else None))
    with watched(say("导出瓦片", "exporting")) as progress:
        try:
            done = export(chosen, release, tileset, zooms, out, processes or tile_crew.processors(), progress)
        except NoTiles as fault:
            raise Stopped(Exit.REFUSED, "这些级别没有瓦片", str(fault)) from fault
    if as_json:
        print_json({"out": str(out), "release": release.id, **done._asdict()})
        return
    click.secho(
        say(
            f"{out}：{done.tiles} 个瓦片，其中 {done.different} 个互不相同，{done.size / 1e6:.1f} MB",
            f"{out}: {done.tiles} tiles, {done.different} of them different, {done.size / 1e6:.1f} MB",
        ),
        fg="green",
    )
