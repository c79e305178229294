"""`blueprint config`: the configuration in force."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

import click

from server.cli.language import say
from server.cli.setting import print_json, service


@click.command(
    "config",
    help=say(
        "打印生效的配置（配置文件加环境变量）；--check 连同来源文件一并检查，列出全部错误的文件、行与键；"
        "--schema 打印供编辑器使用的 JSON Schema。",
        "Print the configuration in force (files and environment). --check also looks for the files of sources and lists "
        "every fault with file, line and key. --schema prints a JSON Schema for editors.",
    ),
    epilog=say(
        "例：blueprint config --check   blueprint config --schema layers > layers.schema.json",
        "Examples: blueprint config --check   blueprint config --schema layers > layers.schema.json",
    ),
)
@click.option("--json", "as_json", is_flag=True, help=say("输出 JSON 而非 YAML", "Print JSON, not YAML"))
@click.option("--check", is_flag=True, help=say("只检查", "Only check"))
@click.option(
    "--schema",
    type=click.Choice(["service", "layers", "codelists"]),
    help=say("打印一个配置文件的 JSON Schema", "Print the JSON Schema of a configuration file"),
)
@click.pass_obj
def command(
    path: Path, as_json: bool, check: bool, schema: Literal["service", "layers", "codelists"] | None
) -> None:
    """Print, check or describe the configuration."""
    import config

    if schema:
        print_json(config.json_schema(schema))
        return
    if check:
        found = config.load(path, os.environ, check_sources=True)
        count = sum(len(layer.sources) for layer in found.layers)
        click.secho(
            say(
                f"{path}：配置无误，{len(found.layers)} 个图层，{count} 个来源",
                f"{path}: sound, {len(found.layers)} layers, {count} sources",
            ),
            fg="green",
        )
        return
    document = service(path).model_dump(mode="json")
    if as_json:
        print_json(document)
        return
    import yaml

    click.echo(yaml.safe_dump(document, allow_unicode=True, sort_keys=False), nl=False)
