"""Tiles that were made, in memory, in the forms in which they are sent."""

from __future__ import annotations

from typing import NamedTuple

from releases.memory import Memory

#: Bytes that an entry costs beside its body: the name, two dictionary slots, the headers (tracemalloc).
ENTRY = 2048


class Form(NamedTuple):
    """A tile as it is sent in one coding: status line, headers but for how long it may be kept, body."""

    status: str
    headers: list[tuple[str, str]]
    body: bytes


class TileCache(Memory[Form]):
    """The forms asked for last.

    Nothing is ever stale in it, because a name holds the release's id: tiles of a release that is no longer
    current are asked for no more and make room.
    """

    def __init__(self, bound: int) -> None:
        super().__init__(bound, _size)


def _size(form: Form) -> int:
    return len(form.body) + ENTRY
