"""`blueprint prune`: remove releases that are no longer needed."""

from __future__ import annotations

from pathlib import Path

import click

from server.cli.act import JSON, NOTE, warn_of_clock
from server.cli.exits import Exit, Stopped
from server.cli.language import say
from server.cli.person import by_option
from server.cli.setting import print_json, service


@click.command(
    "prune",
    help=say(
        "移除不再需要的版次：指明的，或除最近 N 个以外的，以及过期的草稿。当前版次与有名称的版次总会保留；"
        "清单留存，版次链始终可核验。此后其网址回答 410 并指明接替的版次。",
        "Remove releases that are no longer needed: those named, or all but the N last, and drafts that are old. The current "
        "one and those with a tag always stay. Manifests are kept, so that the chain of releases can still be verified. "
        "Their addresses answer 410 from then on and say what took their place.",
    ),
    epilog=say(
        "例：blueprint prune --keep 12 --drafts 30 --dry-run   blueprint prune 0123456789abcdef",
        "Examples: blueprint prune --keep 12 --drafts 30 --dry-run   blueprint prune 0123456789abcdef",
    ),
)
@click.argument("releases", nargs=-1)
@click.option(
    "--keep",
    type=click.IntRange(min=1),
    metavar="N",
    help=say(
        "保留最近 N 个当过当前版次的版次", "Of releases that were current, keep the N that were so last"
    ),
)
@click.option(
    "--drafts",
    type=click.IntRange(min=0),
    metavar="DAYS",
    help=say("移除超过 DAYS 天的草稿（缺省全部保留）", "Remove drafts older than DAYS days (default: none)"),
)
@click.option("--dry-run", is_flag=True, help=say("只列出，不移除", "List, and remove nothing"))
@by_option
@NOTE
@JSON
@click.pass_obj
def command(
    config: Path,
    releases: tuple[str, ...],
    keep: int | None,
    drafts: int | None,
    dry_run: bool,
    by: str,
    note: str | None,
    as_json: bool,
) -> None:
    """Remove releases."""
    if bool(releases) == (keep is not None or drafts is not None):
        raise Stopped(
            Exit.USAGE,
            "请指明版次，或用 --keep N、--drafts DAYS，二者取一",
            "name releases, or say --keep N or --drafts DAYS, one of the two",
        )
    chosen = service(config)
    from releases.pruning import Policy, prune

    done = prune(chosen.published, Policy(keep, drafts, releases), by, note, dry_run)
    if as_json:
        print_json({"releases": list(done.releases), "freed": done.freed, "removed": done.changed})
        return
    for release_id in done.releases:
        click.echo(release_id)
    count, freed = len(done.releases), f"{done.freed / 1e6:.1f} MB"
    if dry_run:
        told = say(f"可移除 {count} 个版次，释放 {freed}", f"{count} would be removed, {freed} freed")
    else:
        told = say(f"已移除 {count} 个版次，释放 {freed}", f"{count} removed, {freed} freed")
    click.secho(told, fg="green")
    warn_of_clock(chosen.published)
