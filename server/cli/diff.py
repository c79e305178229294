"""`blueprint releases diff`: what changed between two releases."""

from __future__ import annotations

from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from server.cli.act import JSON
from server.cli.exits import Exit, Stopped
from server.cli.language import current, say
from server.cli.setting import print_json, service

if TYPE_CHECKING:
    from releases.changes.change import Change
    from releases.changes.comparison import LayerChanges
    from releases.release import Catalogue, Release

#: Changes of each layer that are listed.
LISTED: Final = 10
_SIGNS: Final = {"added": "+", "changed": "~", "removed": "-"}
_COLOURS: Final = {"added": "green", "changed": "yellow", "removed": "red"}


@click.command(
    "diff",
    help=say(
        "比较两个版次：各图层新增、变更、删除的数量与最先的几处。缺省以当前版次与此前的版次相比；只写 A 则为 A 与当前版次。",
        "Compare two releases: how many features of each layer were added, changed and removed, and the first of them."
        " By default the current one with the one before; A alone with the current one.",
    ),
    epilog=say(
        "例：blueprint releases diff   blueprint releases diff v1 v2 --layer ghfq",
        "Examples: blueprint releases diff   blueprint releases diff v1 v2 --layer ghfq",
    ),
)
@click.argument("before", metavar="[A]", required=False)
@click.argument("after", metavar="[B]", required=False)
@click.option("--layer", help=say("只比较这个图层", "Compare this layer alone"))
@JSON
@click.pass_obj
def command(config: Path, before: str | None, after: str | None, layer: str | None, as_json: bool) -> None:
    """Tell what changed from A to B; a release is named by its id or a tag."""
    chosen = service(config)
    from releases.changes import comparison
    from releases.release import Catalogue

    catalogue = Catalogue(chosen.published)
    now = catalogue.called(after)
    then = catalogue.called(before) if before else _before(catalogue, now)
    layers = (layer,) if layer else comparison.layers(then, now)
    found = [comparison.compare(then, now, name) for name in layers]
    if as_json:
        collections = [_told(one) for one in found]
        print_json({"release": now.id, "since": then.id, "collections": collections})
        return
    click.echo(f"{then.id}  {then.published_at}  →  {now.id}  {now.published_at}")
    for one in found:
        _show(one)
    if not any(map(len, found)):
        click.echo(say("没有变化", "nothing changed"))


def _before(catalogue: Catalogue, now: Release) -> Release:
    """The release that was current when that one was made."""
    if now.manifest.parent is None:
        raise Stopped(
            Exit.REFUSED,
            f"版次 {now.id} 之前没有版次，请写明与哪个版次比较",
            f"there is no release before {now.id}: say with which one to compare it",
        )
    return catalogue.get(now.manifest.parent.id)


def _told(one: LayerChanges) -> dict[str, Any]:
    first = chain.from_iterable(one.page(0, LISTED))
    return {
        "id": one.id,
        "counts": one.counts._asdict(),
        "schema": one.schema._asdict(),
        "changes": [
            {"change": each.kind, "id": each.id, "fields": each.fields, "geometry": each.geometry}
            for each in first
        ],
    }


def _show(one: LayerChanges) -> None:
    """The counts of a layer in which something changed, and its first changes."""
    if not len(one):
        return
    from releases.changes.comparison import published

    layer = published(one.after, one.id) or published(one.before, one.id)
    title = layer.layer.title.of(current()) if layer else ""
    counts = "  ".join(f"{_SIGNS[kind]}{count:,}" for kind, count in one.counts._asdict().items())
    click.echo(f"{one.id:<22} {counts}  {title}")
    for kind, names in one.schema._asdict().items():
        if names:
            click.echo(say(f"    字段 {_SIGNS[kind]} ", f"    fields {_SIGNS[kind]} ") + ", ".join(names))
    for each in chain.from_iterable(one.page(0, LISTED)):
        click.secho(f"  {_SIGNS[each.kind]} {each.id}{_what(each)}", fg=_COLOURS[each.kind])
    if len(one) > LISTED:
        click.echo(say(f"    …… 另有 {len(one) - LISTED:,} 处", f"    ... {len(one) - LISTED:,} more"))


def _what(each: Change) -> str:
    """In what a changed feature differs."""
    parts = [*each.fields, *([say("几何", "geometry")] if each.geometry else [])]
    return f"  ({', '.join(parts)})" if parts else ""
