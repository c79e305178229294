"""`blueprint tile`: what is in a tile, decoded by a library that is not ours."""

from __future__ import annotations

import gzip
import urllib.error
import urllib.request
from collections import Counter
from pathlib import Path
from typing import Any

import click

from server.cli.exits import Exit, Stopped
from server.cli.language import say
from server.cli.setting import print_json, service

SECONDS = 30


@click.command(
    "tile",
    help=say(
        "解码一个矢量瓦片并逐层概述。WHAT 是文件、网址，或“级别/行/列”（按 OGC API Tiles 的顺序，取自已发布的版次）。",
        "Decode a vector tile and sum up its layers. WHAT is a file, an address, or zoom/row/column (in the order of OGC API "
        "Tiles) in a published release.",
    ),
    epilog=say(
        "例：blueprint tile 8/106/201 --layer xzq_county   "
        "blueprint tile http://127.0.0.1:8000/tiles/WebMercatorQuad/8/106/201   blueprint tile tile.mvt --json",
        "Examples: blueprint tile 8/106/201 --layer xzq_county   "
        "blueprint tile http://127.0.0.1:8000/tiles/WebMercatorQuad/8/106/201   blueprint tile tile.mvt --json",
    ),
)
@click.argument("what")
@click.option("--layer", help=say("只取一个图层（仅用于版次）", "One layer only (in a release)"))
@click.option(
    "--release", help=say("版次编号（缺省为当前版次）", "Id of the release (default: the current one)")
)
@click.option(
    "--set", "tms", default="WebMercatorQuad", show_default=True, help=say("瓦片矩阵集", "Tile matrix set")
)
@click.option(
    "--features", is_flag=True, help=say("列出每个要素的属性", "List the attributes of each feature")
)
@click.option(
    "--json", "as_json", is_flag=True, help=say("输出解码后的 JSON", "Print the decoded tile as JSON")
)
@click.pass_obj
def command(
    config: Path, what: str, layer: str | None, release: str | None, tms: str, features: bool, as_json: bool
) -> None:
    """Decode a tile."""
    if what.startswith(("http://", "https://")):
        data = _from_address(what)
    elif Path(what).is_file():
        data = Path(what).read_bytes()
    else:
        data = _from_release(config, what, layer, release, tms)
    document = _decoded(data)
    if as_json:
        print_json(document)
        return
    size = len(data)
    click.echo(say(f"{size} 字节，{len(document)} 个图层", f"{size} bytes, {len(document)} layers"))
    for name, content in document.items():
        _sum_up(name, content)
        for feature in content["features"] if features else ():
            click.echo(
                f"    {feature.get('id', '-')}  {feature['geometry']['type']}  {feature['properties']}"
            )


def _sum_up(name: str, content: dict[str, Any]) -> None:
    found = content["features"]
    kinds = Counter(feature["geometry"]["type"] for feature in found)
    keys = sorted({key for feature in found for key in feature["properties"]})
    counts = ", ".join(f"{kind} {count}" for kind, count in sorted(kinds.items()))
    click.echo(f"  {name}: {len(found)} ({counts}); extent {content['extent']}, version {content['version']}")
    click.echo(f"    {', '.join(keys)}")


def _decoded(data: bytes) -> dict[str, Any]:
    """The layers by name, y pointing down as the tile has it; an empty tile has none."""
    import mapbox_vector_tile
    from google.protobuf.message import DecodeError  # type: ignore[import-untyped]

    try:
        plain = gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data
        found: dict[str, Any] = mapbox_vector_tile.decode(plain, default_options={"y_coord_down": True})
    except (DecodeError, OSError, EOFError, ValueError, IndexError) as fault:
        raise Stopped(Exit.REFUSED, f"不是矢量瓦片：{fault}", f"this is no vector tile: {fault}") from fault
    return found


def _from_address(address: str) -> bytes:
    asked = urllib.request.Request(address, headers={"Accept-Encoding": "gzip"})
    try:
        with urllib.request.urlopen(asked, timeout=SECONDS) as answered:
            body: bytes = answered.read()
            return body
    except urllib.error.HTTPError as fault:
        text = fault.read(2000).decode("utf-8", "replace")
        raise Stopped(
            Exit.REFUSED, f"{address}：{fault.code} {text}", f"{address}: {fault.code} {text}"
        ) from fault
    except OSError as fault:
        raise Stopped(
            Exit.SYSTEM, f"{address} 无法访问：{fault}", f"{address} cannot be reached: {fault}"
        ) from fault


def _from_release(config: Path, what: str, layer: str | None, release_id: str | None, tms: str) -> bytes:
    numbers = what.split("/")
    if len(numbers) != 3 or not all(number.isascii() and number.isdigit() for number in numbers):
        raise Stopped(
            Exit.USAGE,
            f"{what!r} 既不是文件，也不是网址或 级别/行/列",
            f"{what!r} is no file, no address and not zoom/row/column",
        )
    chosen = service(config)
    from releases.release import Catalogue
    from server import tile_plan
    from tiles.grid import OutsideError

    catalogue = Catalogue(chosen.published)
    release = catalogue.called(release_id or None)
    if layer is not None:
        release.manifest.layer(layer)
    try:
        zoom = release.manifest.sets.get(tms).zoom_of(numbers[0])
        address = tile_plan.Address(layer, tms, zoom, *map(int, numbers[1:]))
        parts = tile_plan.within(tile_plan.plan(release.manifest, *address[:3]), address)
    except KeyError as fault:
        raise Stopped(
            Exit.REFUSED, f"没有瓦片矩阵集 {tms!r}", f"there is no tile matrix set {tms!r}"
        ) from fault
    except OutsideError as fault:
        raise Stopped(
            Exit.REFUSED, f"瓦片 {what} 不在范围内", f"tile {what} is outside the limits"
        ) from fault
    return tile_plan.encode(release, address, parts).body
