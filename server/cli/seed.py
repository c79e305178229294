"""`blueprint seed`: make tiles before anybody asks for them."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Literal

import click

from server.cli.bars import watched
from server.cli.exits import Exit, Stopped
from server.cli.language import say
from server.cli.setting import print_json, service
from server.cli.tileset import checked, opened, processes_option, release_option, zooms_option


@click.command(
    "seed",
    help=say(
        "预先生成瓦片并存入磁盘缓存，使服务从第一个请求起即为热态。已有的瓦片不再生成，中断后可接着运行；"
        "缓存上限见配置 limits.tile_disk_mb。",
        "Make tiles ahead and keep them on disk, so that a server is warm from its first request. What is there is not made "
        "again, so an interrupted run goes on where it was. The bound of the cache is limits.tile_disk_mb.",
    ),
    epilog=say(
        "例：blueprint seed --zooms 4-12   blueprint seed --collection ghfq --zooms 10-14 --coding gzip",
        "Examples: blueprint seed --zooms 4-12   blueprint seed --collection ghfq --zooms 10-14 --coding gzip",
    ),
)
@click.option(
    "--collection",
    "layers",
    multiple=True,
    help=say(
        "只生成此图层的瓦片，可重复（缺省为全部图层合成的瓦片）",
        "Tiles of this collection, may be repeated (default: of all together)",
    ),
)
@click.option(
    "--set",
    "sets",
    multiple=True,
    default=("WebMercatorQuad",),
    show_default=True,
    help=say("瓦片矩阵集，可重复", "Tile matrix set, may be repeated"),
)
@zooms_option("0-10")
@click.option(
    "--coding",
    type=click.Choice(["zstd", "gzip"]),
    default="zstd",
    show_default=True,
    help=say(
        "存为何种编码；其他编码首次请求时由此转换",
        "How they are kept; another coding is made from it when it is asked for",
    ),
)
@release_option
@processes_option
@click.option("--json", "as_json", is_flag=True, help=say("输出 JSON", "Print JSON"))
@click.pass_obj
def command(
    config: Path,
    layers: tuple[str, ...],
    sets: tuple[str, ...],
    zooms: tuple[int, int],
    coding: Literal["zstd", "gzip"],
    release_id: str | None,
    processes: int | None,
    as_json: bool,
) -> None:
    """Seed."""
    chosen = service(config)
    if not chosen.limits.tile_disk_mb:
        raise Stopped(
            Exit.USAGE, "limits.tile_disk_mb 为 0，没有磁盘缓存", "limits.tile_disk_mb is 0: no tiles on disk"
        )
    release = opened(chosen, release_id)
    from server import tile_crew, tile_tour
    from server.tile_tour import Tileset

    wanted = [checked(release, Tileset(layer, tms)) for tms in sets for layer in layers or (None,)]
    work = [
        stretch
        for tileset in wanted
        for zoom in tile_tour.zooms(release.manifest, tileset, *zooms)
        for stretch in tile_tour.stretches(release.manifest, tileset, zoom)
    ]
    total = sum(len(stretch.places) for stretch in work)
    crew = processes or tile_crew.processors()
    there = made = size = 0
    with (
        watched(say("预生成瓦片", "seeding")) as progress,
        tile_crew.crew(tile_crew.Order(chosen, release.id), crew) as pool,
    ):
        for stretch, seeded in tile_crew.in_order(pool, partial(tile_crew.seed, coding=coding), work, crew):
            if not seeded.kept:
                raise Stopped(
                    Exit.SYSTEM,
                    f"磁盘缓存已满或不可写，已有 {there + made} 个瓦片；请增大 limits.tile_disk_mb",
                    f"the cache on disk is full or cannot be written, {there + made} tiles are there: "
                    "raise limits.tile_disk_mb",
                )
            there, made, size = there + seeded.there, made + seeded.made, size + seeded.size
            progress(
                f"{stretch.tileset.layer or '*'} {stretch.tileset.tms} {stretch.zoom}", there + made, total
            )
    if as_json:
        print_json({"release": release.id, "tiles": total, "made": made, "there": there, "bytes": size})
        return
    click.secho(
        say(
            f"版次 {release.id}：新生成 {made} 个瓦片（{size / 1e6:.1f} MB），已有 {there} 个",
            f"release {release.id}: {made} tiles made ({size / 1e6:.1f} MB), {there} were there",
        ),
        fg="green",
    )
