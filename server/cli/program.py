"""`blueprint` itself: the list of commands, the options before them, and how a command that fails ends.

Nothing but click is imported until a command is called, so that help and completion come at once.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

import click

from server.cli import language
from server.cli.exits import TABLE, ended
from server.cli.language import say

#: The configuration that comes with the project.
DEFAULT: Final = Path(__file__).parents[2] / "config" / "service.yml"


class Row(NamedTuple):
    """A command: its module and what it does, in one line of each language."""

    module: str
    zh: str
    en: str


COMMANDS: Final[Mapping[str, Row]] = {
    "demo": Row(
        "demo",
        "生成演示数据，如同两地与联合机构分别汇交",
        "Build the demo as three authorities would deliver it",
    ),
    "check": Row("check", "读取各来源并质检，不发布", "Read the sources and run the gate; publish nothing"),
    "publish": Row(
        "publish", "将各来源的现状发布为当前版次", "Make what the sources hold the current release"
    ),
    "releases": Row(
        "releases", "列出、查看、核验版次与发布记录", "List releases, show one, verify its files, the log"
    ),
    "rollback": Row(
        "rollback", "将较早的版次重新设为当前版次", "Make an earlier release the current one again"
    ),
    "promote": Row("promote", "将草稿设为当前版次", "Make a draft the current release"),
    "tag": Row("tag", "给版次命名", "Give a release a name"),
    "untag": Row("untag", "取消版次的名称", "Take a name away"),
    "prune": Row("prune", "移除不再需要的版次", "Remove releases that are no longer needed"),
    "serve": Row("serve", "启动 HTTP 服务", "Answer over HTTP"),
    "verify": Row("verify", "核对一份副本是否就是发布的内容", "Compare a copy with what was published"),
    "key": Row("key", "版次签名的密钥：生成、更换、查看", "The key that releases are signed with"),
    "seed": Row(
        "seed", "预先生成瓦片，使服务一启动即为热态", "Make tiles ahead, so that a server starts warm"
    ),
    "export": Row(
        "export",
        "将版次的瓦片导出为 MBTiles 或 PMTiles 文件",
        "Write the tiles of a release as MBTiles or PMTiles",
    ),
    "harvest": Row(
        "harvest",
        "将一个服务的数据复制到本地并保持更新",
        "Copy what a service publishes, and keep the copy up to date",
    ),
    "tile": Row(
        "tile", "解码文件、网址或版次中的一个瓦片", "Decode a tile from a file, an address or a release"
    ),
    "config": Row(
        "configuration", "生效的配置、检查与 JSON Schema", "The configuration in force, its check, its schema"
    ),
}


class Program(click.Group):
    """A group that knows its commands by name and imports one only when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands in the order in which they are used."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, imported now."""
        row = COMMANDS.get(cmd_name)
        if row is None:
            return None
        command: click.Command = importlib.import_module(f"server.cli.{row.module}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them, and the exit codes."""
        with formatter.section(say("命令", "Commands")):
            formatter.write_dl([(name, say(row.zh, row.en)) for name, row in COMMANDS.items()])
        with formatter.section(say("退出码", "Exit codes")):
            formatter.write_dl([(str(code.value), say(*texts)) for code, texts in TABLE.items()])

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Show the way from nothing to a running server."""
        with formatter.section(say("例", "Example")):
            formatter.write_text("blueprint demo && blueprint publish && blueprint serve")

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; an error becomes a message and an exit code."""
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError):
            raise
        except (Exception, KeyboardInterrupt) as error:
            ctx.exit(ended(error))


def _speak(ctx: click.Context, option: click.Parameter, value: str | None) -> None:
    if value:
        os.environ[language.VARIABLES[0]] = value


@click.group(
    cls=Program,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.option(
    "--lang",
    type=click.Choice(["zh", "en"]),
    is_eager=True,
    expose_value=False,
    callback=_speak,
    help="语言，缺省随终端 · Language, by default that of the terminal (LANG)",
)
@click.option(
    "--config",
    "-c",
    type=click.Path(dir_okay=False, path_type=Path),
    envvar="BLUEPRINT_CONFIG",
    default=DEFAULT,
    help="service.yml 的路径 · The service.yml to use [BLUEPRINT_CONFIG]",
)
@click.version_option(package_name="blueprint")
@click.pass_context
def main(ctx: click.Context, config: Path) -> None:
    """成渝地区国土空间规划一张蓝图 · The blueprint of a territorial plan: publish it, serve it, look into it."""
    # Workers are processes of their own and read the configuration again: the variable tells them which.
    os.environ["BLUEPRINT_CONFIG"] = str(config.resolve())
    ctx.obj = config
