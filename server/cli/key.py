"""`blueprint key`: the key that releases are signed with."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from server.cli.exits import Exit, Stopped
from server.cli.language import say
from server.cli.setting import print_json, service

if TYPE_CHECKING:
    from config.models import Service


@click.group(
    "key",
    help=say(
        "版次清单以 Ed25519 签名，他人据此核对副本确为发布者所发。私钥在 signing_key 所指文件（环境变量 BLUEPRINT_KEY），"
        "从不发布；公钥随版次发布，并由服务在 /.well-known/blueprint-keys 提供。",
        "Manifests are signed by Ed25519, so that others can tell that a copy is the publisher's. The private key is the file "
        "that signing_key names (BLUEPRINT_KEY) and is never published; public keys are published with the releases, and "
        "served at /.well-known/blueprint-keys.",
    ),
    epilog=say(
        "例：blueprint key make   blueprint key list   blueprint key show > blueprint.pem",
        "Examples: blueprint key make   blueprint key list   blueprint key show > blueprint.pem",
    ),
)
def command() -> None:
    """Make, change and show keys."""


@command.command(
    "make",
    help=say(
        "生成密钥；此后的发布都会签名。已有密钥时什么都不改变",
        "Make a key; what is published from then on is signed. Where there is one, nothing changes",
    ),
)
@click.pass_obj
def make(config: Path) -> None:
    """Make the first key."""
    chosen, path = _place(config)
    from releases import history
    from releases.lock import publishing
    from releases.proof import keys

    with publishing(chosen.published, "key"):
        key = keys.signer(path, chosen.published)
        fresh = key is None
        if key is None:
            key = keys.make(path, history.now())
        keys.listed(chosen.published, key, history.now())
    if fresh:
        click.echo(say(f"已生成密钥 {key.public.kid}：{path}", f"made the key {key.public.kid}: {path}"))
    else:
        click.echo(say(f"已有密钥 {key.public.kid}：{path}", f"there is the key {key.public.kid}: {path}"))


@command.command(
    "rotate",
    help=say(
        "换用新密钥：旧公钥保留并注明停用时间，它所签的版次仍然有效；旧私钥被新私钥取代",
        "Change to a new key: the old public one stays, with a note of when it was retired, and what it signed stays signed; "
        "the new private key takes the place of the old one",
    ),
)
@click.pass_obj
def rotate(config: Path) -> None:
    """Retire the key and make another."""
    chosen, path = _place(config)
    from releases import history
    from releases.lock import publishing
    from releases.proof import keys

    with publishing(chosen.published, "key"):
        now = history.now()
        key = keys.make(path, now)
        keys.write(chosen.published, keys.read(chosen.published).and_then(key.public))
    click.echo(say(f"现行密钥 {key.public.kid}：{path}", f"signing from now on: {key.public.kid}: {path}"))


@command.command("list", help=say("列出公钥，现行者带 *", "List the public keys, * for the one that signs"))
@click.option("--json", "as_json", is_flag=True, help=say("输出 JWK Set", "Print the JWK Set"))
@click.pass_obj
def listed(config: Path, as_json: bool) -> None:
    """List the public keys."""
    chosen = service(config)
    from releases.proof import keys

    found = keys.read(chosen.published)
    if as_json:
        print_json(found.model_dump(mode="json", exclude_none=True))
        return
    if not found.keys:
        click.echo(say("没有密钥：版次不签名", "there are no keys: releases are not signed"))
    for key in found.keys:
        mark = "*" if key == found.signing else " "
        until = say(f"{key.retired} 停用", f"retired {key.retired}") if key.retired else ""
        click.echo(f"{mark} {key.kid}  {key.created or ''}  {until}".rstrip())


@command.command(
    "show",
    help=say(
        "以 PEM 输出一个公钥（缺省为现行者）", "Print a public key as PEM (default: the one that signs)"
    ),
)
@click.argument("kid", required=False)
@click.pass_obj
def show(config: Path, kid: str | None) -> None:
    """Print a public key."""
    chosen = service(config)
    from releases.proof import keys

    found = keys.read(chosen.published)
    key = found.key(kid) if kid else found.signing
    if key is None:
        raise Stopped(Exit.REFUSED, f"没有密钥 {kid or ''}", f"there is no key {kid or ''}".rstrip())
    click.echo(key.pem(), nl=False)


def _place(config: Path) -> tuple[Service, Path]:
    """The service, and where its private key lies."""
    chosen = service(config)
    if chosen.signing_key is None:
        raise Stopped(
            Exit.USAGE,
            "请在 service.yml 中以 signing_key（或环境变量 BLUEPRINT_KEY）写明私钥的位置",
            "say in service.yml where the private key lies (signing_key), or in BLUEPRINT_KEY",
        )
    return chosen, chosen.signing_key
