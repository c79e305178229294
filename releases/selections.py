"""The latest selections of a release: what a filter found is asked for again by every page and every tile."""

from __future__ import annotations

from typing import Final

from releases.memory import Memory
from releases.query import Keys

#: Bytes of keys that a release keeps for its latest filters: eight selections of two million features.
KEPT_BYTES: Final = 64 * 2**20


class Selections(Memory[Keys]):
    """Selections by name. A map asks for twenty tiles at once with one filter: it is looked for once."""

    def __init__(self, kept_bytes: int = KEPT_BYTES) -> None:
        super().__init__(kept_bytes, _size)


def _size(keys: Keys) -> int:
    # An empty selection costs its entry: its name, a future's remains and two dictionary slots.
    return keys.nbytes + 512
