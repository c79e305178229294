"""How figures are written: tables in Markdown, numbers with as many digits as they are worth, and where they come from."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any


def table(heads: str, rows: Iterable[list[str]]) -> Iterator[str]:
    """Lines of a table; the names of its columns stand between bars."""
    names = heads.split("|")
    yield f"| {' | '.join(names)} |"
    yield f"|---|{'--:|' * (len(names) - 1)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"


def machine() -> str:
    """Cores, processor and Python."""
    return f"{os.cpu_count()} cores ({_processor()}), Python {platform.python_version()}"


def about(figures: dict[str, Any]) -> str:
    """Which code was measured, when, and how busy the machine was before."""
    told = figures["about"]
    return f"Commit {told['commit']}, {told['at'][:10]}, load of the machine before the start {told['load']:.1f}."


def milliseconds(seconds: float | None) -> str:
    """Seconds as milliseconds."""
    if seconds is None:
        return "-"
    value = seconds * 1e3
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}" if value >= 0.1 else f"{value:.3f}"


def times(ratio: float | None) -> str:
    """A ratio."""
    return "-" if ratio is None else f"{ratio:,.0f}x" if ratio >= 100 else f"{ratio:.1f}x"


def count(value: float | None) -> str:
    """A whole number."""
    return "-" if value is None else f"{value:,.0f}"


def rate(value: float | None) -> str:
    """So many a second."""
    return "-" if value is None else f"{value:,.0f}" if value >= 100 else f"{value:.1f}"


def _processor() -> str:
    found = [line for line in _read("/proc/cpuinfo").splitlines() if line.startswith("model name")]
    megahertz = [line for line in _read("/proc/cpuinfo").splitlines() if line.startswith("cpu MHz")]
    name = found[0].split(":", 1)[1].strip() if found else platform.processor()
    return f"{name}, {float(megahertz[0].split(':')[1]) / 1e3:.1f} GHz" if megahertz else name


def _read(path: str) -> str:
    file = Path(path)
    return file.read_text() if file.exists() else ""
