"""Which tiles a command is about: the options that `seed` and `export` share, and what they mean in a release."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from server.cli.exits import Exit, Stopped
from server.cli.language import say

if TYPE_CHECKING:
    from config.models import Service
    from releases.release import Release
    from server.tile_tour import Tileset

_ZOOMS = re.compile(r"([0-9]{1,2})(?:-([0-9]{1,2}))?")


def zooms_option(default: str) -> Callable[..., Any]:
    """The option of a range of zooms."""
    return click.option(
        "--zooms",
        default=default,
        show_default=True,
        callback=_range,
        metavar="A-B",
        help=say(
            "缩放级别范围，按 WebMercatorQuad 的级别计，其他矩阵集取详细程度相当的级别",
            "Zooms, counted as those of WebMercatorQuad; of other sets the matrices of the same detail",
        ),
    )


release_option = click.option(
    "--release",
    "release_id",
    help=say("版次编号（缺省为当前版次）", "Id of the release (default: the current one)"),
)
processes_option = click.option(
    "--processes",
    type=click.IntRange(1, 256),
    help=say("进程数（缺省用满全部处理器）", "Processes (default: as many as processors)"),
)


def opened(service: Service, release_id: str | None) -> Release:
    """The release of that id, or the current one."""
    from releases.release import Catalogue

    catalogue = Catalogue(service.published)
    return catalogue.called(release_id or None)


def checked(release: Release, tileset: Tileset) -> Tileset:
    """A tileset whose set and layers the release has; NotFound or Stopped for another."""
    for layer in (tileset.layer, *(tileset.only or ())):
        if layer is not None:
            release.manifest.layer(layer)
    if tileset.tms not in release.manifest.sets:
        text = f"没有瓦片矩阵集 {tileset.tms!r}", f"there is no tile matrix set {tileset.tms!r}"
        raise Stopped(Exit.REFUSED, *text)
    return tileset


def _range(ctx: click.Context, option: click.Parameter, value: str) -> tuple[int, int]:
    found = _ZOOMS.fullmatch(value)
    low = int(found[1]) if found else 1
    high = int(found[2] or low) if found else 0
    if not low <= high <= 24:
        raise click.BadParameter(
            say(f"{value!r} 应为 A-B，0 至 24", f"{value!r}, expected A-B, from 0 to 24"), ctx, option
        )
    return low, high
