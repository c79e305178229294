"""How a long work tells where it is, so that a command line can draw a bar."""

from __future__ import annotations

from collections.abc import Callable

#: Called with what is being done, how much of it is done and out of how much.
Progress = Callable[[str, int, int], None]


def silent(stage: str, done: int, total: int) -> None:
    """The progress nobody looks at."""
