"""A ledger holds what a plain list would, whatever comes and goes, and its root is that of the plain list."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from hashlib import sha256
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from releases.harvest import ledger
from releases.harvest.ledger import Astray, Ledger
from releases.proof import merkle


class Memory:
    """A database in memory (`ledger.Asked`)."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        columns = ledger.COLUMNS.format(integer="INTEGER", bytes="BLOB")
        connection.execute(f"CREATE TABLE {ledger.NAME} ({columns})")

    def ask(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        return self._connection.execute(sql, values).fetchall()

    def tell(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        self._connection.executemany(sql, rows)


def leaf(one: Any, version: int) -> bytes:
    return sha256(f"{one} {version}".encode()).digest()


def changes(put: dict[Any, bytes], fresh: set[Any], removed: Iterable[Any]) -> Any:
    ids = sorted(put)
    return SimpleNamespace(
        put=SimpleNamespace(ids=np.fromiter(ids, object, len(ids))),
        leaves=merkle.digests(put[one] for one in ids),
        fresh=np.array([one in fresh for one in ids], dtype=bool),
        removed=tuple(removed),
    )


names = st.sets(st.text("abc地龙\U00020000", min_size=1, max_size=3)) | st.sets(st.integers(-50, 50))


@given(st.data(), names)
def test_a_ledger_is_a_plain_list(data: st.DataObject, every: set[Any]) -> None:
    with pytest.MonkeyPatch.context() as patch, closing(sqlite3.connect(":memory:")) as connection:
        patch.setattr(ledger, "BLOCK", 3)
        some = sorted(every)
        held = {one: leaf(one, 0) for one in some if data.draw(st.booleans())}
        entries = Ledger(Memory(connection), "layer")
        Ledger(entries._database, "other").append(["x"], merkle.digests([leaf("x", 0)]))
        entries.append(list(held), merkle.digests(held.values()))
        for version in (1, 2, 3):
            act = {one: data.draw(st.sampled_from(("keep", "put", "remove"))) for one in some}
            put = {one: leaf(one, version) for one in some if act[one] == "put"}
            removed = [one for one in some if act[one] == "remove" and one in held]
            entries.apply(changes(put, set(put) - set(held), removed))
            held = {one: digest for one, digest in (held | put).items() if one not in removed}
            expected = merkle.root(merkle.digests(held[one] for one in sorted(held)))
            assert entries.root() == expected.hex()


@pytest.mark.parametrize(
    "put, fresh, removed",
    [({"b": b"1" * 32}, {"b"}, []), ({"c": b"1" * 32}, set(), []), ({}, set(), ["c"]), ({}, set(), ["0"])],
)
def test_changes_that_do_not_fit_are_refused(put: Any, fresh: Any, removed: Any) -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        entries = Ledger(Memory(connection), "layer")
        entries.append(["a", "b", "d"], merkle.digests(leaf(one, 0) for one in "abd"))
        with pytest.raises(Astray):
            entries.apply(changes(put, fresh, removed))
