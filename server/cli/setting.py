"""The configuration a command works with, and the ways in which it shows what it found."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from server.cli.language import current, say

if TYPE_CHECKING:
    from config.models import Service
    from releases.findings import Finding

_COLOURS = {"refuse": "red", "warn": "yellow", "note": "blue"}


def service(path: Path, overrides: Mapping[str, str | None] | None = None) -> Service:
    """The service of a service.yml; `overrides` are environment variables that the command line sets."""
    import config

    os.environ.update({name: value for name, value in (overrides or {}).items() if value is not None})
    return config.load(path, os.environ)


def show(findings: Iterable[Finding], *, everything: bool = False, listed: int = 40) -> None:
    """Print findings a line each, the gravest first; of very many the first, and how many more there are."""
    order = {name: place for place, name in enumerate(_COLOURS)}
    found = sorted(findings, key=lambda finding: order[finding.severity])
    shown = found if everything else found[:listed]
    for finding in shown:
        click.secho(finding.line(current()), fg=_COLOURS[finding.severity])
    if len(found) > len(shown):
        rest = len(found) - len(shown)
        click.echo(
            say(f"…… 另有 {rest} 条，用 --all 或 --json 查看", f"... {rest} more: see --all or --json")
        )


def counted(findings: Iterable[Finding]) -> str:
    """How many faults of each severity, as one phrase."""
    words = {
        "refuse": say("须改正", "refusing"),
        "warn": say("警告", "warnings"),
        "note": say("提示", "notes"),
    }
    counts = dict.fromkeys(words, 0)
    for finding in findings:
        counts[finding.severity] += finding.count
    return say("、", ", ").join(f"{words[name]} {count}" for name, count in counts.items())


def print_json(document: Any) -> None:
    """Print a document for programs."""
    import orjson

    click.echo(orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS).decode())
