"""`blueprint verify`: is what somebody holds what was published?"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import click

from server.cli.bars import watched
from server.cli.exits import Exit, Stopped
from server.cli.language import say
from server.cli.setting import print_json, service

if TYPE_CHECKING:
    from releases.manifest import Manifest
    from releases.progress import Progress
    from releases.proof.comparison import Comparison, Differing
    from releases.proof.copies.file import Part
    from releases.proof.evidence import Evidence


@click.command(
    "verify",
    help=say(
        "将一份副本与发布清单核对：GeoPackage、GeoParquet、FlatGeobuf、GeoJSON（集合或序列）、采集所得的文件或文件夹，或其网址。"
        "相等则退出码为 0；不等则列出缺少、多出、有变的要素。清单缺省为当前版次的；副本来自网址时为该服务上同一版次的。",
        "Compare a copy with a manifest: GeoPackage, GeoParquet, FlatGeobuf, GeoJSON (a collection or a sequence), what was "
        "harvested as a file or a folder, or the address of one. Exit code 0 when they are equal; else features that are "
        "missing, added or changed are named. The manifest is by default that of the current release; for an address, that of "
        "the release which the server says it is of.",
    ),
    epilog=say(
        "例：blueprint verify xzq_county.gpkg   blueprint verify copy.parquet --manifest http://127.0.0.1:8000 --key blueprint.pem",
        "Examples: blueprint verify xzq_county.gpkg   blueprint verify copy.parquet --manifest http://127.0.0.1:8000 --key "
        "blueprint.pem",
    ),
)
@click.argument("copy", metavar="FILE_OR_URL")
@click.option(
    "--manifest",
    "against",
    metavar="FILE_OR_URL",
    help=say(
        "manifest.json、版次文件夹、服务或版次的网址",
        "manifest.json, a release's folder, or the address of a server or a release",
    ),
)
@click.option(
    "--layer", help=say("图层标识，文件自己没有说明时", "The layer, where the file does not say which it is")
)
@click.option(
    "--key",
    type=click.Path(dir_okay=False, exists=True, path_type=Path),
    help=say(
        "只信任此文件中的公钥（PEM 或 JWK Set）：没有由其签名的清单不被接受",
        "Trust the public keys in this file alone (PEM or JWK Set): a manifest that none of them signed is not accepted",
    ),
)
@click.option(
    "--named",
    type=click.IntRange(min=0),
    default=20,
    help=say("每类最多列出多少个要素 [20]", "Features named of each kind [20]"),
)
@click.option("--json", "as_json", is_flag=True, help=say("输出 JSON", "Print JSON"))
@click.pass_context
def command(
    ctx: click.Context,
    copy: str,
    against: str | None,
    layer: str | None,
    key: Path | None,
    named: int,
    as_json: bool,
) -> None:
    """Verify a copy."""
    from releases.proof import comparison
    from releases.proof.copies import file

    with ExitStack() as kept, watched(say("核对", "verifying")) as progress:
        path, release = _held(copy, kept)
        layer = layer or _named(copy)
        evidence = _evidence(ctx.obj, against or release, key, progress)
        compared = [
            comparison.compare(
                evidence.manifest.layer(name),
                part.rows(evidence.manifest.layer(name).layer),
                evidence.leaves,
                named,
                progress,
            )
            for name, part in _chosen(file.parts(path), evidence.manifest, layer)
        ]
    if as_json:
        print_json(_document(evidence, compared))
    else:
        _tell(evidence, compared)
    if not evidence.accepted or not all(one.equal for one in compared):
        ctx.exit(Exit.REFUSED)


def _held(copy: str, kept: ExitStack) -> tuple[Path, str | None]:
    """The copy as a file; for an address also that of the release which it is of."""
    from releases.proof import fetching

    if not fetching.is_address(copy):
        return Path(copy), None
    folder = Path(kept.enter_context(TemporaryDirectory(prefix="blueprint-verify-")))
    path = folder / "copy"
    release = fetching.save(copy, path)
    base = copy.partition("/collections/")[0].partition("/releases/")[0]
    return path, f"{base}/releases/{release}" if release else base


def _named(copy: str) -> str | None:
    """The layer that an address is of."""
    found = re.search(r"^https?://.*/collections/([^/?]+)/items(?:\?|$)", copy)
    return found[1] if found else None


def _evidence(config: Path, against: str | None, key: Path | None, progress: Progress) -> Evidence:
    from releases.proof import evidence, fetching

    if against is not None and fetching.is_address(against):
        return evidence.at_address(against, key, progress)
    if against is not None:
        return evidence.in_file(Path(against), key)
    from releases.release import Catalogue

    return evidence.in_file(Catalogue(service(config).published).current().path, key)


def _chosen(parts: Sequence[Part], manifest: Manifest, layer: str | None) -> list[tuple[str, Part]]:
    """Which parts of the copy are compared with which layers."""
    known = {one.id for one in manifest.layers}
    if layer is not None:
        manifest.layer(layer)
        if len(parts) == 1:
            return [(layer, parts[0])]
        known = {layer}
    found = [(part.name, part) for part in parts if part.name in known]
    if not found:
        if len(manifest.layers) == 1 and len(parts) == 1:
            return [(manifest.layers[0].id, parts[0])]
        there = ", ".join(sorted(known))
        raise Stopped(
            Exit.USAGE,
            f"看不出这是哪个图层，请用 --layer 指定（有：{there}）",
            f"say by --layer which layer this is (there are: {there})",
        )
    return [(name, part) for name, part in found if name is not None]


def _document(evidence: Evidence, compared: Sequence[Comparison]) -> dict[str, Any]:
    said = evidence.signature
    return {
        "equal": all(one.equal for one in compared),
        "accepted": evidence.accepted,
        "release": evidence.manifest.id,
        "root": evidence.manifest.root,
        "manifest": evidence.source,
        "signature": {
            "state": said.state,
            "kid": said.kid,
            "retired": said.key.retired if said.key else None,
            "pinned": evidence.pinned,
        },
        "layers": [one.as_json() for one in compared],
    }


def _tell(evidence: Evidence, compared: Sequence[Comparison]) -> None:
    for one in compared:
        name, release = one.layer, evidence.manifest.id
        if one.equal:
            text = say(
                f"{name}：{one.count} 个要素，与版次 {release} 相等",
                f"{name}: {one.count} features, equal to release {release}",
            )
            click.secho(text, fg="green")
            continue
        text = say(
            f"{name}：与版次 {release} 不等（{one.count} 个要素，应为 {one.published} 个）",
            f"{name}: not equal to release {release} ({one.count} features, published {one.published})",
        )
        click.secho(text, fg="red")
        _list(say("缺少", "missing"), one.missing)
        _list(say("多出", "added"), one.added)
        _list(say("有变", "changed"), one.changed)
        _list(say("重复", "repeated"), one.repeated)
        if one.missing is None:
            click.echo(
                say(
                    "  仅凭清单看不出差在哪里；请用 --manifest 给出版次文件夹或服务网址",
                    "  the manifest alone does not tell where; give the release's folder or its server by --manifest",
                )
            )
    click.echo(_signed(evidence))


def _list(title: str, found: Differing | None) -> None:
    if found is None or not found.count:
        return
    more = found.count - len(found.ids)
    rest = say(f"，另有 {more} 个", f", and {more} more") if more else ""
    click.echo(f"  {title} {found.count}: {', '.join(map(str, found.ids))}{rest}")


def _signed(evidence: Evidence) -> str:
    """How it stands with the signature, and what that is worth."""
    said, key = evidence.signature, evidence.signature.kid
    match said.state:
        case "unsigned":
            return say(
                "清单没有签名：看不出是谁发布的", "the manifest is not signed: nothing tells who published it"
            )
        case "wrong":
            return say("签名与清单不符", "the signature is not this manifest's")
        case "unknown":
            return say(
                f"清单由未知的密钥 {key} 签名",
                f"the manifest is signed by the key {key}, which is not known here",
            )
    when = said.key.retired if said.key else None
    retired = say(f"（已于 {when} 停用）", f" (retired {when})") if when else ""
    if evidence.pinned:
        return say(
            f"清单由所给的密钥 {key} 签名{retired}", f"the manifest is signed by the given key {key}{retired}"
        )
    return say(
        f"清单由密钥 {key} 签名{retired}；公钥与清单同处取得，如要确认发布者，请用 --key",
        f"the manifest is signed by the key {key}{retired}; the public key came from where the manifest came from: to be sure of"
        " the publisher, use --key",
    )
