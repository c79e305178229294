"""`blueprint harvest`: a copy of what a server publishes, kept equal to one of its releases."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from server.cli.bars import watched
from server.cli.exits import Exit, Stopped, ended
from server.cli.language import say
from server.cli.setting import print_json

if TYPE_CHECKING:
    from releases.harvest.harvest import Order, Outcome
    from releases.harvest.service import Service
    from releases.harvest.target import Target
    from releases.proof.keys import KeyRing

#: Seconds between two looks of --watch that names none.
WATCH = 60


@click.command(
    "harvest",
    help=say(
        "将一个服务已发布的图层复制到 TARGET 并保持更新：x.gpkg（GeoPackage）、文件夹（GeoParquet）或 postgresql://…（PostGIS）。"
        "首次全量，此后只取变化；每个图层的根摘要与清单的签名都经核验，TARGET 总等于某一个版次，否则保持原样。"
        "被中断后再次运行即可续作。",
        "Copy what a service publishes into TARGET and keep it up to date: x.gpkg (GeoPackage), a folder (GeoParquet) or "
        "postgresql://... (PostGIS). The first time everything, then changes alone; the root of each layer and the signature "
        "of the manifest are verified, and TARGET always equals one release or stays as it was. One that was interrupted "
        "goes on when it is run again.",
    ),
    epilog=say(
        "例：blueprint harvest https://plan.example plan.gpkg   "
        "blueprint harvest https://plan.example postgresql://gis@db/agency --layers ghfq,xzq_county --log harvest.log",
        "Examples: blueprint harvest https://plan.example plan.gpkg   "
        "blueprint harvest https://plan.example postgresql://gis@db/agency --layers ghfq,xzq_county --log harvest.log",
    ),
)
@click.argument("url")
@click.argument("address", metavar="TARGET")
@click.option(
    "--layers",
    help=say(
        "只取这些图层，以逗号分隔；下次沿用（all 为全部）",
        "These collections only, parted by commas; kept for the next run (all: every one)",
    ),
)
@click.option(
    "--watch",
    type=click.FloatRange(min=0.1),
    is_flag=False,
    flag_value=WATCH,
    metavar="[SECONDS]",
    help=say(
        f"不退出，每隔若干秒（缺省 {WATCH}）查看有无新版次",
        f"Stay, and look for a new release every so many seconds (default {WATCH})",
    ),
)
@click.option(
    "--key",
    "key_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help=say(
        "只信任此文件中的公钥（JWK、JWK Set 或 PEM）",
        "Trust the public keys in this file alone (JWK, JWK Set or PEM)",
    ),
)
@click.option(
    "--schema",
    help=say("PostgreSQL 的 schema（缺省 blueprint）", "The schema in PostgreSQL (default: blueprint)"),
)
@click.option(
    "--log",
    type=click.Path(dir_okay=False, path_type=Path),
    help=say("每次运行向此文件追加一行", "Append a line to this file for each run"),
)
@click.option("--json", "as_json", is_flag=True, help=say("输出 JSON", "Print JSON"))
@click.pass_context
def command(
    ctx: click.Context,
    url: str,
    address: str,
    layers: str | None,
    watch: float | None,
    key_file: Path | None,
    schema: str | None,
    log: Path | None,
    as_json: bool,
) -> None:
    """Harvest."""
    if not url.startswith(("http://", "https://")):
        raise Stopped(
            Exit.USAGE, f"{url} 不是网址", f"{url} is no address: expected http://... or https://..."
        )
    from releases.harvest.harvest import Order
    from releases.harvest.service import Service, Unchanged
    from releases.harvest.target import target

    run = _Run(Service(url), target(address, schema), Order(_named(layers), _keys(key_file)), log, as_json)
    code = run.once()
    if watch is None:
        ctx.exit(code)
    while True:
        time.sleep(watch)
        if code is Exit.OK:
            try:
                run.service.manifest(watched=True)
            except Unchanged:
                continue
            except Exception as error:
                code = run.failed(error)
                continue
        code = run.once()


class _Run:
    """What each run of a watch is made of, and how it is told."""

    def __init__(
        self, service: Service, target: Target, order: Order, log: Path | None, as_json: bool
    ) -> None:
        self.service = service
        self._target, self._order, self._log, self._as_json = target, order, log, as_json

    def once(self) -> Exit:
        """Harvest, and tell what became of it; an error of a bug alone is raised."""
        from releases.harvest.harvest import harvest

        try:
            with watched(say("采集", "harvesting")) as progress:
                outcome = harvest(self.service, self._target, self._order, progress)
        except Exception as error:
            return self.failed(error)
        self._logged("OK", release=outcome.release, **_figures(outcome))
        if self._as_json:
            print_json({"target": self._target.where, "release": outcome.release, **_document(outcome)})
        else:
            click.secho(_told(outcome, self._target.where), fg="green")
        return Exit.OK

    def failed(self, error: Exception) -> Exit:
        """Tell an error, which left the target as it was."""
        code = ended(error)
        self._logged(f"FAILED-{code.value}", why=str(error).replace("\n", " ")[:300])
        return code

    def _logged(self, status: str, **said: Any) -> None:
        if self._log is None:
            return
        from releases import history

        words = " ".join(f"{name}={_word(value)}" for name, value in said.items())
        with self._log.open("a", encoding="utf-8") as file:
            file.write(f"{history.now()} {status} target={_word(self._target.where)} {words}\n")


def _named(layers: str | None) -> tuple[str, ...] | None:
    names = tuple(name.strip() for name in (layers or "").split(",") if name.strip())
    if layers is not None and not names:
        raise Stopped(Exit.USAGE, "--layers 没有图层", "--layers names no collection")
    return names or None


def _keys(path: Path | None) -> KeyRing | None:
    if path is None:
        return None
    from releases.proof import keys

    return keys.ring(path.read_bytes(), str(path))


def _document(outcome: Outcome) -> dict[str, Any]:
    return {
        "status": outcome.status,
        "before": outcome.before,
        "signature": outcome.news,
        "layers": outcome.acts,
        **_figures(outcome),
    }


def _figures(outcome: Outcome) -> dict[str, Any]:
    return {**outcome.counts, "fetched": outcome.features, "seconds": round(outcome.seconds, 2)}


def _told(outcome: Outcome, where: str) -> str:
    if outcome.status == "unchanged":
        return say(
            f"{where} 已与当前版次 {outcome.release} 相同（{outcome.seconds:.1f} 秒）",
            f"{where} is equal to the current release {outcome.release} already ({outcome.seconds:.1f} s)",
        )
    counts = outcome.counts
    lines = [
        say(
            f"{where} 现与版次 {outcome.release} 相同：全量 {outcome.features} 个要素，变更新增 {counts['added']}、"
            f"修改 {counts['changed']}、删除 {counts['removed']}（{outcome.seconds:.1f} 秒）",
            f"{where} is equal to release {outcome.release} now: {outcome.features} features of whole layers; changes: "
            f"{counts['added']} added, {counts['changed']} changed, {counts['removed']} removed ({outcome.seconds:.1f} s)",
        )
    ]
    if dropped := [name for name, act in outcome.acts.items() if act == "drop"]:
        names = ", ".join(dropped)
        lines.append(say(f"该版次不再有图层 {names}", f"the release has no collection {names} any more"))
    if outcome.news == "unsigned":
        lines.append(say("注意：该服务的版次没有签名", "note: the service does not sign its releases"))
    elif outcome.news:
        lines.append(
            say(f"签名：今后只信任此密钥（{outcome.news}）", f"signature: {outcome.news} from now on")
        )
    return "\n".join(lines)


def _word(value: Any) -> str:
    """A value as one word of a log: quoted where it has blanks."""
    text = str(value)
    return f'"{text}"' if " " in text or not text else text
