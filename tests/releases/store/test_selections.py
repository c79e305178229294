"""Selections that are kept: found once however many ask, and never more than the bound."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from releases.query import TooCostly
from releases.selection import Keys
from releases.selections import Selections


def test_what_many_ask_for_at_once_is_found_once() -> None:
    selections, found, meeting = Selections(), [], threading.Barrier(8)

    def find() -> Keys:
        found.append(1)
        threading.Event().wait(0.2)
        return np.array([1, 2, 3], dtype=np.uint32)

    def ask(_: int) -> list[int]:
        meeting.wait()
        keys: list[int] = selections.get("one", find).tolist()
        return keys

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(ask, range(8))) == [[1, 2, 3]] * 8
    assert selections.get("one", find).tolist() == [1, 2, 3]
    assert len(found) == 1


def test_an_error_is_not_kept() -> None:
    selections = Selections()

    def fail() -> Keys:
        raise TooCostly

    with pytest.raises(TooCostly):
        selections.get("one", fail)
    assert selections.get("one", lambda: np.array([7], dtype=np.uint32)).tolist() == [7]


def test_the_oldest_go_when_there_are_too_many() -> None:
    selections, found = Selections(kept_bytes=10_000), []

    def ask(name: int) -> None:
        selections.get(name, lambda: found.append(name) or np.zeros(1000, dtype=np.uint32))  # type: ignore[func-returns-value]

    for name in (0, 1, 0, 2, 0, 1):
        ask(name)
    assert found == [0, 1, 2, 1]
