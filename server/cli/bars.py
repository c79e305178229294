"""How far a long work is: a bar on a terminal, a line now and then in a log, both on stderr so that --json stays clean."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from types import TracebackType
from typing import Self

import click

from releases.progress import Progress
from server.cli.language import say

#: Seconds between two lines of a log.
PAUSE = 5.0


@contextmanager
def watched(title: str) -> Iterator[Progress]:
    """A work's progress, shown while the block runs and gone from a terminal when it ends."""
    with (Bar if sys.stderr.isatty() else Lines)(title) as shown:
        yield shown


class Bar:
    """A bar that moves; its text is the step at hand."""

    def __init__(self, title: str) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
        from rich.progress import Progress as Bars

        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
        )
        self._bars = Bars(*columns, console=Console(stderr=True), transient=True)
        self._title = title
        self._task = self._bars.add_task(title, total=None)

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Show where the work is (`releases.progress.Progress`)."""
        text = f"{self._title}: {stage}" if stage else self._title
        self._bars.update(self._task, description=text, completed=done, total=total)

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.stop()


class Lines:
    """A line when the work begins and one every few seconds, for logs and pipes."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._lock = Lock()
        self._last = time.monotonic()

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Tell where the work is, if it was not told just now (`releases.progress.Progress`)."""
        with self._lock:
            if time.monotonic() - self._last < PAUSE:
                return
            self._last = time.monotonic()
        click.echo(f"{self._title}: {stage} {done}/{total}", err=True)

    def __enter__(self) -> Self:
        click.echo(say(f"{self._title} ……", f"{self._title} ..."), err=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None
