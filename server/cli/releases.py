"""`blueprint releases`: what was published, and what was done with it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from server.cli import diff, log
from server.cli.act import JSON
from server.cli.bars import watched
from server.cli.exits import Exit
from server.cli.language import current, say
from server.cli.setting import print_json, service

if TYPE_CHECKING:
    from releases.history import History
    from releases.proof.signature import Checked
    from releases.release import Release


@click.group(
    "releases",
    invoke_without_command=True,
    help=say(
        "列出版次；另见 show、diff、verify 与 log。版次可写编号或标签。",
        "List releases; see also show, diff, verify and log. A release is named by its id or a tag.",
    ),
    epilog=say(
        "例：blueprint releases   blueprint releases show v1   blueprint releases verify 0123456789abcdef   blueprint releases log",
        "Examples: blueprint releases   blueprint releases show v1   blueprint releases verify 0123456789abcdef   "
        "blueprint releases log",
    ),
)
@click.pass_context
def command(ctx: click.Context) -> None:
    """List releases, show or verify one."""
    if ctx.invoked_subcommand is None:
        ctx.invoke(listed)


@command.command(
    "list",
    help=say(
        "列出各版次，最近发布的在前；* 为当前版次", "List releases, the latest first; * is the current one"
    ),
)
@JSON
@click.pass_obj
def listed(config: Path, as_json: bool = False) -> None:
    """List the releases, each once."""
    chosen = service(config)
    from releases import history

    rows = _rows(chosen.published, history.read(chosen.published))
    if as_json:
        print_json(rows)
        return
    if not rows:
        click.echo(say("尚未发布任何版次", "nothing is published yet"))
    words = {"draft": say("草稿", "draft"), "pruned": say("已移除", "pruned")}
    for row in rows:
        mark = "*" if row["status"] == "current" else " "
        said = [
            f"{row['id']}  {row['published']}  {row['act']:<8} {row['by'] or '-':<12} {row['bytes'] / 1e6:9.1f} MB",
            *([f"[{words[row['status']]}]"] if row["status"] in words else []),
            *row["tags"],
            row["note"] or "",
        ]
        click.echo(f"{mark} {'  '.join(said)}".rstrip())


def _rows(published: Path, past: History) -> list[dict[str, Any]]:
    """What there is to say of each release that was ever there, the latest act that made it what it is first."""
    from releases.history import KEEPING
    from releases.pruning import size

    latest = {entry.id: entry for entry in past.releases if entry.act in (*KEEPING, "prune")}
    rows = []
    for release_id, act in sorted(latest.items(), key=lambda row: -past.releases.index(row[1])):
        known = past.entry(release_id)
        current = past.current is not None and past.current.id == release_id
        gone, draft = release_id in past.pruned, release_id in past.drafts
        rows.append(
            {
                "id": release_id,
                "status": "current" if current else "pruned" if gone else "draft" if draft else "kept",
                "published": known.published if known else act.published,
                "act": act.act,
                "actAt": act.published,
                "by": act.by,
                "note": act.note,
                "tags": sorted(tag for tag, one in past.tags.items() if one == release_id),
                "bytes": 0 if gone else size(published, [release_id]),
                "manifest": act.manifest,
            }
        )
    return rows


@command.command(
    "show", help=say("查看一个版次（缺省为当前版次）", "Show a release (default: the current one)")
)
@click.argument("release_id", metavar="[RELEASE]", required=False)
@JSON
@click.pass_obj
def show(config: Path, release_id: str | None, as_json: bool) -> None:
    """Show a release's layers, or its manifest as JSON."""
    release = _release(config, release_id)
    if as_json:
        print_json(release.manifest.model_dump(mode="json"))
        return
    lang = current()
    click.echo(f"{release.id}  {release.published_at}  {release.manifest.service.title.of(lang)}")
    done = f"  {release.entry.act}  {release.entry.by or '-'}  {release.entry.note or ''}"
    parent = release.manifest.parent
    click.echo(done.rstrip())
    if parent:
        click.echo(say(f"  承接 {parent.id}", f"  after {parent.id}"))
    for layer in release.manifest.layers:
        title = layer.layer.title.of(lang)
        click.echo(f"  {layer.id:<22} {layer.count:>9}  {layer.nature:<10} {title}")


@command.command(
    "verify",
    help=say(
        "核对一个版次：每个文件的每个字节、每个要素的摘要、签名、与上一版次的衔接、发布记录",
        "Hold a release against all that is known of it: every byte of its files, every feature's digest, the signature, the "
        "release before it and the history",
    ),
)
@click.argument("release_id", metavar="[RELEASE]", required=False)
@JSON
@click.pass_context
def verify(ctx: click.Context, release_id: str | None, as_json: bool) -> None:
    """Verify a release; exit code 1 when anything is not as it was published."""
    from releases.proof import signature
    from releases.proof.keys import KeyUnusable
    from releases.release import verify as faults_of
    from releases.store import ReleaseDamaged

    try:
        release = _release(ctx.obj, release_id)
    except ReleaseDamaged as fault:
        # Its manifest or the size of a file: nothing that is in it can be trusted.
        name, count, signed = release_id, 0, None
        faults: tuple[str, ...] = (str(fault),)
    else:
        with watched(say("核对", "verifying")) as progress:
            faults = faults_of(release, progress)
        name, count = release.id, len(release.manifest.files)
        try:
            signed = signature.of(release.path)
        except KeyUnusable:
            signed = None  # which is among the faults
    if as_json:
        said = {"state": signed.state, "kid": signed.kid} if signed else None
        print_json({"release": name, "files": count, "signature": said, "faults": list(faults)})
    else:
        for line in faults:
            click.secho(line, fg="red")
        if signed is not None:
            click.echo(_signed(signed))
        click.echo(
            say(
                f"{name or ''}：{count} 个文件，{len(faults)} 处不符",
                f"{name or ''}: {count} files, {len(faults)} faults",
            )
        )
    if faults:
        ctx.exit(Exit.REFUSED)


def _signed(found: Checked) -> str:
    told = {
        "signed": say(f"由密钥 {found.kid} 签名", f"signed by the key {found.kid}"),
        "unsigned": say("没有签名", "not signed"),
        "unknown": say(
            f"由未知的密钥 {found.kid} 签名", f"signed by the key {found.kid}, which is not known"
        ),
        "wrong": say("签名不符", "the signature is wrong"),
    }
    return told[found.state]


def _release(config: Path, release_id: str | None) -> Release:
    chosen = service(config)
    from releases.release import Catalogue

    return Catalogue(chosen.published).called(release_id or None)


command.add_command(diff.command)
command.add_command(log.command)
