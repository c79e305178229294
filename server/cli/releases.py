"""`blueprint releases`: what was published."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from server.cli.exits import Exit
from server.cli.language import current, say
from server.cli.setting import print_json, service

if TYPE_CHECKING:
    from releases.release import Release

_JSON = click.option("--json", "as_json", is_flag=True, help=say("输出 JSON", "Print JSON"))


@click.group(
    "releases",
    invoke_without_command=True,
    help=say("列出已发布的版次；另见 show 与 verify。", "List what was published; see also show and verify."),
    epilog=say(
        "例：blueprint releases   blueprint releases show   blueprint releases verify 0123456789abcdef",
        "Examples: blueprint releases   blueprint releases show   blueprint releases verify 0123456789abcdef",
    ),
)
@click.pass_context
def command(ctx: click.Context) -> None:
    """List releases, show or verify one."""
    if ctx.invoked_subcommand is None:
        ctx.invoke(listed)


@command.command(
    "list", help=say("列出每次发布，最新的在前", "List all acts of publishing, the latest first")
)
@_JSON
@click.pass_obj
def listed(config: Path, as_json: bool = False) -> None:
    """List the history."""
    chosen = service(config)
    from releases import history

    entries = history.read(chosen.published).releases[::-1]
    if as_json:
        print_json([entry.model_dump() for entry in entries])
        return
    if not entries:
        click.echo(say("尚未发布任何版次", "nothing is published yet"))
    for place, entry in enumerate(entries):
        mark = "*" if place == 0 else " "
        click.echo(f"{mark} {entry.id}  {entry.published}  {entry.note or ''}".rstrip())


@command.command(
    "show", help=say("查看一个版次（缺省为当前版次）", "Show a release (default: the current one)")
)
@click.argument("release_id", required=False)
@_JSON
@click.pass_obj
def show(config: Path, release_id: str | None, as_json: bool) -> None:
    """Show a release's layers, or its manifest as JSON."""
    release = _release(config, release_id)
    if as_json:
        print_json(release.manifest.model_dump(mode="json"))
        return
    lang = current()
    click.echo(f"{release.id}  {release.published_at}  {release.manifest.service.title.of(lang)}")
    for layer in release.manifest.layers:
        title = layer.layer.title.of(lang)
        click.echo(f"  {layer.id:<22} {layer.count:>9}  {layer.nature:<10} {title}")


@command.command(
    "verify",
    help=say("逐字节核对一个版次的文件与清单", "Compare every byte of a release with its manifest"),
)
@click.argument("release_id", required=False)
@_JSON
@click.pass_context
def verify(ctx: click.Context, release_id: str | None, as_json: bool) -> None:
    """Verify a release's files; exit code 1 when any is not as it was sealed."""
    release = _release(ctx.obj, release_id)
    from releases.release import verify as faults_of

    faults = faults_of(release)
    if as_json:
        print_json({"release": release.id, "files": len(release.manifest.files), "faults": list(faults)})
    else:
        for fault in faults:
            click.secho(fault, fg="red")
        count = len(release.manifest.files)
        click.echo(
            say(
                f"{release.id}：{count} 个文件，{len(faults)} 处不符",
                f"{release.id}: {count} files, {len(faults)} faults",
            )
        )
    if faults:
        ctx.exit(Exit.REFUSED)


def _release(config: Path, release_id: str | None) -> Release:
    chosen = service(config)
    from releases.release import Catalogue

    catalogue = Catalogue(chosen.published)
    return catalogue.get(release_id) if release_id else catalogue.current()
