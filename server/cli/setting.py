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

#: How many findings of a kind are listed on a terminal.
LISTED = 20
_COLOURS = {"refuse": "red", "warn": "yellow", "note": "blue"}


def service(path: Path, overrides: Mapping[str, str | None] | None = None) -> Service:
    """The service of a service.yml; `overrides` are environment variables that the command line sets."""
    import config

    os.environ.update({name: value for name, value in (overrides or {}).items() if value is not None})
    return config.load(path, os.environ)


def show(findings: Iterable[Finding], *, everything: bool = False) -> None:
    """Print findings a line each, the gravest first; of one kind (rule, authority and layer) the first, and how many more."""
    order = {name: place for place, name in enumerate(_COLOURS)}
    kinds: dict[tuple[str, str | None, str | None], list[Finding]] = {}
    for finding in sorted(findings, key=lambda finding: order[finding.severity]):
        kinds.setdefault((finding.rule, finding.authority, finding.layer), []).append(finding)
    for found in kinds.values():
        shown = found if everything or len(found) <= LISTED + 1 else found[:LISTED]
        for finding in shown:
            click.secho(finding.line(current()), fg=_COLOURS[finding.severity])
        if rest := sum(finding.count for finding in found[len(shown) :]):
            where = "/".join(part for part in (found[0].authority, found[0].layer) if part)
            click.echo(
                say(
                    f"…… {found[0].rule} {where} 另有 {rest} 处，用 --all 查看",
                    f"... {rest} more of {found[0].rule} {where}: see --all",
                )
            )


def tell_report(folder: Path) -> None:
    """Say where the whole report is."""
    click.echo(say(f"完整报告：{folder}", f"the whole report: {folder}"))


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
