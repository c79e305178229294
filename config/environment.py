"""The environment variables that win over service.yml, as one table.

`BLUEPRINT_CONFIG`, which names the service.yml itself, is read by whoever starts the program; here the file
is known already.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from config.problems import Problem
from config.values import Text


@dataclass(frozen=True, slots=True)
class Override:
    """A variable, the keys of service.yml that it replaces, how its text is read, and what it is for.

    A path in the environment is relative to the folder the program was started in, as on a command line.
    """

    variable: str
    key: tuple[str, ...]
    kind: Literal["path", "text", "integer"]
    title: Text


OVERRIDES = (
    Override("HOST", ("server", "host"), "text", Text(zh="监听地址", en="address to listen on")),
    Override("PORT", ("server", "port"), "integer", Text(zh="监听端口", en="port to listen on")),
    Override(
        "BLUEPRINT_WORKERS", ("server", "workers"), "integer", Text(zh="工作进程数", en="worker processes")
    ),
    Override("BLUEPRINT_URL", ("url",), "text", Text(zh="公开的基础网址", en="public base address")),
    Override(
        "BLUEPRINT_DATA", ("data",), "path", Text(zh="各机构数据所在文件夹", en="folder of the sources")
    ),
    Override(
        "BLUEPRINT_PUBLISHED", ("published",), "path", Text(zh="版次所在文件夹", en="folder of the releases")
    ),
    Override(
        "BLUEPRINT_CACHE", ("cache",), "path", Text(zh="缓存文件夹", en="folder of what can be made again")
    ),
    Override(
        "BLUEPRINT_KEY",
        ("signing_key",),
        "path",
        Text(zh="签名私钥的路径", en="file of the private key that releases are signed with"),
    ),
)


def overridden(
    raw: Mapping[str, Any], environ: Mapping[str, str]
) -> tuple[dict[str, Any], dict[tuple[str, ...], Override], list[Problem]]:
    """The values of service.yml with those of the environment in their place.

    Returns them, the override of each replaced key, and the faults of the variables. An empty variable counts
    as not set, as compose files leave them.
    """
    values = dict(raw)
    replaced: dict[tuple[str, ...], Override] = {}
    problems: list[Problem] = []
    for override in OVERRIDES:
        text = environ.get(override.variable)
        if not text:
            continue
        if override.kind == "integer" and not text.isdecimal():
            message = Text(zh=f'值 "{text}" 不合要求', en=f'the value "{text}" will not do')
            problems.append(
                Problem(None, 0, override.variable, message, Text(zh="整数", en="a whole number"))
            )
            continue
        target = values
        for part in override.key[:-1]:
            inner = target.get(part)
            target[part] = dict(inner) if isinstance(inner, dict) else {}
            target = target[part]
        target[override.key[-1]] = _read(text, override.kind)
        replaced[override.key] = override
    return values, replaced, problems


def _read(text: str, kind: str) -> str | int:
    if kind == "integer":
        return int(text)
    return str(Path(text).resolve()) if kind == "path" else text
