"""`blueprint releases log`: every act on releases, who did it, when and from which files, and whether the log is whole."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from server.cli.act import JSON
from server.cli.exits import Exit
from server.cli.language import say
from server.cli.setting import print_json, service

if TYPE_CHECKING:
    from releases.history import Entry


@click.command(
    "log",
    help=say(
        "列出对版次的每次操作：何时、何人、何事、所用文件，最早的在前；并核对记录是否首尾相连。"
        "末行的摘要可另行保存：日后摘要仍在记录中，则此前的记录未被改动。",
        "List every act on releases, the earliest first: when, who, what, from which files; and check that each follows from the "
        "one before. Whoever notes the digest in the last line can tell later that nothing before it was altered.",
    ),
)
@click.option(
    "--files",
    is_flag=True,
    help=say("列出所用文件及其摘要", "List the files that were read, and their digests"),
)
@JSON
@click.pass_context
def command(ctx: click.Context, files: bool, as_json: bool) -> None:
    """Print the audit log; exit code 1 when it is not whole."""
    chosen = service(ctx.obj)
    from releases import history

    past = history.read(chosen.published)
    broken = past.broken()
    if as_json:
        print_json(
            {
                "entries": [_told(chosen.published, entry) for entry in past.releases],
                "digest": past.digest,
                "broken": broken,
            }
        )
    else:
        for entry in past.releases:
            _print(chosen.published, entry, files)
        count = len(past.releases)
        if broken is None:
            click.echo(
                say(
                    f"{count} 次操作，首尾相连，摘要 {past.digest or '-'}",
                    f"{count} acts, each following from the one before; digest {past.digest or '-'}",
                )
            )
        else:
            click.secho(
                say(
                    f"第 {broken + 1} 次操作与前一次不相连：记录被改动过",
                    f"act {broken + 1} does not follow from the one before: the log was altered",
                ),
                fg="red",
            )
    if broken is not None:
        ctx.exit(Exit.REFUSED)


def _told(published: Path, entry: Entry) -> dict[str, Any]:
    """An entry with the files that its release was made from; None where its manifest is not what it was."""
    return {**entry.model_dump(), "digest": entry.digest(), "sources": _sources(published, entry)}


def _sources(published: Path, entry: Entry) -> list[dict[str, Any]] | None:
    from releases import summary
    from releases.store import ReleaseDamaged, ReleaseGone

    if entry.act not in ("publish", "draft"):
        return []
    try:
        return [dict(source) for source in summary.read(published, entry).sources]
    except (ReleaseDamaged, ReleaseGone):
        return None


def _print(published: Path, entry: Entry, files: bool) -> None:
    said = [
        entry.published,
        f"{entry.act:<8}",
        entry.id,
        f"{entry.by or '-':<12}",
        entry.tag or "",
        entry.note or "",
    ]
    click.echo("  ".join(part for part in said if part).rstrip())
    if not files:
        return
    sources = _sources(published, entry)
    if sources is None:
        click.secho(say("    清单已损坏或不在", "    its manifest is damaged or not there"), fg="yellow")
    for source in sources or ():
        click.echo(f"    {source['sha256']}  {source['layer']}  {source['authority']}  {source['path']}")
