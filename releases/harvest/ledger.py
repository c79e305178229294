"""The digests of a layer's features beside their ids, in a table of blocks, so that a root is known again after a change.

A change touches the blocks that its ids lie in; the root is computed from all digests, half a microsecond each. Blocks
are numbered with gaps, so that one that grew can be parted without a new number for those behind it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from typing import Any, Final, Protocol

import numpy as np
import orjson

from releases.harvest.delta import Delta
from releases.proof import merkle
from releases.proof.merkle import SIZE, Digests

#: The table, in the words of both databases but for the type of bytes and of whole numbers.
NAME: Final = "blueprint_ledger"
COLUMNS: Final = "layer TEXT NOT NULL, block {integer} NOT NULL, first TEXT NOT NULL, ids {bytes} NOT NULL, leaves {bytes} NOT NULL, PRIMARY KEY (layer, block)"
#: Features of a block; one that grew to four times as many is parted.
BLOCK: Final = 1024
_GAP: Final = 2**20


class Astray(Exception):
    """The changes do not fit what is held: one of a feature that is not there, or an addition of one that is."""


class Asked(Protocol):
    """A database within a transaction; every `?` in a statement is a value."""

    def ask(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        ...

    def tell(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Execute a statement for each row of values."""
        ...


class Ledger:
    """The ledger of one layer."""

    def __init__(self, database: Asked, layer: str, table: str = NAME) -> None:
        self._database, self._layer, self._table = database, layer, table
        self._last = 0

    def append(self, ids: Sequence[Any], leaves: Digests) -> None:
        """Put features behind all that are there."""
        rows = []
        for start in range(0, len(ids), BLOCK):
            self._last += _GAP
            some = list(ids[start : start + BLOCK])
            rows.append(self._row(self._last, some, leaves[start : start + BLOCK].tobytes()))
        self._put(rows)

    def clear(self) -> None:
        """Forget all features."""
        self._database.tell(f"DELETE FROM {self._table} WHERE layer = ?", [(self._layer,)])

    def apply(self, delta: Delta) -> None:
        """Have it hold what it does after some changes; Astray when they do not fit."""
        index = self._database.ask(
            f"SELECT block, first FROM {self._table} WHERE layer = ? ORDER BY block", (self._layer,)
        )
        numbers, firsts = [row[0] for row in index], [orjson.loads(row[1]) for row in index]
        work: dict[int, list[tuple[Any, bytes | None, bool]]] = {}
        leaves = delta.leaves.tobytes()
        for i, (one, fresh) in enumerate(zip(delta.put.ids.tolist(), delta.fresh.tolist())):
            place = max(bisect_right(firsts, one) - 1, 0)
            work.setdefault(place, []).append((one, leaves[i * SIZE : (i + 1) * SIZE], fresh))
        for one in delta.removed:
            work.setdefault(max(bisect_right(firsts, one) - 1, 0), []).append((one, None, False))
        for place, acts in work.items():
            number = numbers[place] if numbers else _GAP
            behind = numbers[place + 1] if place + 1 < len(numbers) else number + 2 * _GAP
            self._splice(number, behind, acts)

    def root(self) -> str:
        """The root of the tree over its features, in hex."""
        rows = self._database.ask(
            f"SELECT leaves FROM {self._table} WHERE layer = ? ORDER BY block", (self._layer,)
        )
        whole = b"".join(bytes(row[0]) for row in rows)
        return merkle.root(np.frombuffer(whole, np.uint8).reshape(-1, SIZE)).hex()

    def _splice(self, number: int, behind: int, acts: Iterable[tuple[Any, bytes | None, bool]]) -> None:
        found = self._database.ask(
            f"SELECT ids, leaves FROM {self._table} WHERE layer = ? AND block = ?", (self._layer, number)
        )
        ids: list[Any] = orjson.loads(bytes(found[0][0])) if found else []
        leaves = bytearray(found[0][1]) if found else bytearray()
        for one, leaf, fresh in acts:
            at = bisect_left(ids, one)
            there = at < len(ids) and ids[at] == one
            if there == fresh:
                raise Astray(f"{one!r} is {'there already' if there else 'not there'}")
            if leaf is None:
                del ids[at], leaves[at * SIZE : (at + 1) * SIZE]
            elif there:
                leaves[at * SIZE : (at + 1) * SIZE] = leaf
            else:
                ids.insert(at, one)
                leaves[at * SIZE : at * SIZE] = leaf
        self._database.tell(
            f"DELETE FROM {self._table} WHERE layer = ? AND block = ?", [(self._layer, number)]
        )
        self._put(self._parted(number, behind, ids, bytes(leaves)))

    def _parted(self, number: int, behind: int, ids: list[Any], leaves: bytes) -> list[tuple[Any, ...]]:
        pieces = -(-len(ids) // BLOCK) if len(ids) > 4 * BLOCK else 1
        step = (behind - number) // pieces
        if not step:
            pieces, step = 1, 1
        size = -(-len(ids) // pieces) or 1
        return [
            self._row(
                number + place * step,
                ids[start : start + size],
                leaves[start * SIZE : (start + size) * SIZE],
            )
            for place, start in enumerate(range(0, len(ids), size))
        ]

    def _row(self, number: int, ids: list[Any], leaves: bytes) -> tuple[Any, ...]:
        return (self._layer, number, orjson.dumps(ids[0]).decode(), orjson.dumps(ids), leaves)

    def _put(self, rows: list[tuple[Any, ...]]) -> None:
        self._database.tell(f"INSERT INTO {self._table} VALUES (?, ?, ?, ?, ?)", rows)
