"""A process answers /healthz before it has loaded anything, and lets early requests wait instead of failing."""

from __future__ import annotations

import importlib
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from server import application


@pytest.fixture
def worker(published: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Any, threading.Event]]:
    """A worker whose loading waits for an event."""
    go = threading.Event()
    real = application.Server

    class Late(real):  # type: ignore[valid-type, misc]
        def __init__(self, service: Any) -> None:
            go.wait(30)
            super().__init__(service)

    monkeypatch.setattr(application, "Server", Late)
    for name, value in {
        "BLUEPRINT_DATA": published.data,
        "BLUEPRINT_PUBLISHED": published.published,
        "BLUEPRINT_CACHE": published.cache,
    }.items():
        monkeypatch.setenv(name, str(value))
    monkeypatch.setenv("BLUEPRINT_CONFIG", str(importlib.import_module("server.cli.program").DEFAULT))
    module = importlib.import_module("server.worker")
    yield module.Worker(published), go
    go.set()


def test_it_lives_before_it_is_ready(worker: Any, asker: Callable[..., Any]) -> None:
    process, go = worker
    ask = asker(process)
    assert ask("/healthz").status == 200
    loading = ask("/readyz")
    assert (
        loading.status == 503
        and loading.json["status"] == "loading"
        and loading.headers["Retry-After"] == "1"
    )
    go.set()
    for _ in range(600):
        if ask("/readyz").status == 200:
            break
        threading.Event().wait(0.05)
    assert ask("/readyz").json == {"status": "ready"}


def test_who_comes_early_waits_and_is_answered(worker: Any, asker: Callable[..., Any]) -> None:
    process, go = worker
    ask = asker(process)
    answers: list[Any] = []
    early = threading.Thread(target=lambda: answers.append(ask("/collections/places/items?limit=1")))
    early.start()
    early.join(0.2)
    assert early.is_alive() and not answers
    go.set()
    early.join(30)
    assert answers[0].status == 200


def test_when_too_many_wait_the_next_is_told_to_come_again(
    worker: Any, asker: Callable[..., Any], told: Callable[..., Any], published: Any
) -> None:
    process, go = worker
    ask = asker(process)
    waiting = [threading.Thread(target=ask, args=("/",)) for _ in range(published.server.threads - 1)]
    for thread in waiting:
        thread.start()
        thread.join(0.1)
    answer = ask("/")
    assert answer.status == 503 and answer.headers["Retry-After"] == "1"
    told(answer)
    assert ask("/healthz").status == 200
    go.set()
    for thread in waiting:
        thread.join(30)


def test_the_module_that_granian_loads_imports_nothing_that_takes_long() -> None:
    code = (
        "import os, sys, threading;"
        "threading.Thread.start = lambda self: None;"
        "os.environ['BLUEPRINT_CONFIG'] = str(__import__('server.cli.program').cli.program.DEFAULT);"
        "import server.worker;"
        "print([name for name in ('numba', 'numpy', 'flask', 'shapely', 'pyproj', 'pygeoapi') if name in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
